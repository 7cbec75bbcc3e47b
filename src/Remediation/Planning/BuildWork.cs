using Suture.Contracts.Api;
using Suture.Contracts.Inventory;
using Suture.Contracts.Jobs;
using Suture.Exposure.Fixes;
using Suture.Knowledge.Risk;
using Suture.Knowledge.Versions;
using Suture.Remediation.Policies;

namespace Suture.Remediation.Planning;

/// <summary>One fix on one asset: what would close it there, or why nothing can.</summary>
internal sealed record AssetWork
{
    public required FixKey Fix { get; init; }

    public required PolicyQuestion Question { get; init; }

    /// <summary>The same question with everything left out that rests on assumed facts alone.</summary>
    public required PolicyQuestion Certain { get; init; }

    public required double RiskPerDay { get; init; }

    public required int Findings { get; init; }

    /// <summary>The upgrade; null when there is none to make or it is not to be had.</summary>
    public PlanChange? Upgrade { get; init; }

    /// <summary>The restart of units that run old code; null when none is wanted or possible.</summary>
    public PlanChange? Restart { get; init; }

    /// <summary>The reboot, when only that puts the fix into effect.</summary>
    public PlanChange? Reboot { get; init; }

    /// <summary>Why something of it cannot be done; null when all can.</summary>
    public string? Blocked { get; init; }
}

/// <summary>Turns an asset's findings into the changes that would close them. Pure.</summary>
internal static class BuildWork
{
    /// <summary>All fixes of an asset, highest risk first.</summary>
    public static IReadOnlyList<AssetWork> Of(PlanInput asset) =>
        asset.Release is null
            ? []
            : [.. Open(asset)
                .Select(group => One(asset, FixKey.Of([.. group], asset.Release), [.. group]))
                .OrderByDescending(work => work.RiskPerDay).ThenBy(work => work.Fix.ToString(), StringComparer.Ordinal)];

    /// <summary>What a policy is asked about an asset: one question a fix, in no order.</summary>
    public static IEnumerable<PolicyQuestion> Questions(PlanInput asset) =>
        asset.Release is null ? [] : Open(asset).Select(group => Ask(asset, group.Key, [.. group], [.. group]));

    private static IEnumerable<IGrouping<string, Finding>> Open(PlanInput asset) =>
        asset.Findings.Where(finding => finding.Status is FindingStatus.Affected or FindingStatus.PendingEffect).GroupBy(finding => finding.Source, StringComparer.Ordinal);

    private static AssetWork One(PlanInput asset, FixKey fix, IReadOnlyList<Finding> findings)
    {
        var affected = findings.Where(finding => finding.Status == FindingStatus.Affected).ToList();
        var pending = findings.Where(finding => finding.Status == FindingStatus.PendingEffect).ToList();
        var (upgrade, missing) = affected.Count == 0 ? (null, null) : Upgrade(asset, fix, affected);
        var (restart, reboot, unhelped) = pending.Count == 0 || upgrade is not null ? (null, null, null) : Effect(asset, fix, pending);
        return new AssetWork
        {
            Fix = fix,
            Question = Ask(asset, fix.Source, findings, findings),
            Certain = Ask(asset, fix.Source, findings, [.. findings.Where(finding => finding.Deadline is not { IsAssumed: true } || Signals.InKev(finding))]),
            RiskPerDay = RiskEngine.Combine(findings).PerDay,
            Findings = findings.Count,
            Upgrade = upgrade,
            Restart = restart,
            Reboot = reboot,
            Blocked = missing ?? unhelped,
        };
    }

    private static PolicyQuestion Ask(PlanInput asset, string source, IReadOnlyList<Finding> all, IReadOnlyList<Finding> counted) => new()
    {
        Environment = EvaluatePolicy.Environment(asset.Environment),
        Group = asset.Group,
        Source = source,
        IsCritical = counted.Any(finding => finding.Risk is { IsCritical: true }),
        IsUnrated = all.Any(finding => finding.IsUnrated) || all.All(Signals.HasNone),
        InKev = counted.Any(Signals.InKev),
        DeadlineDays = counted.Where(finding => finding.Deadline is { Days: not null }).Select(finding => finding.Deadline!.Days).Min(),
    };

    /// <summary>The exact versions that the asset's own signed indexes offer, for every installed package of the source that is below them.</summary>
    private static (PlanChange? Change, string? Missing) Upgrade(PlanInput asset, FixKey fix, IReadOnlyList<Finding> affected)
    {
        var minimum = Highest(affected.Select(finding => finding.FixedVersion));
        if (asset.Packages is null || asset.Updates is null)
        {
            return (null, asset.Packages is null ? "the last report could not read the packages" : "the last report could not read the machine's own package indexes");
        }
        var offers = Offers(asset, fix, minimum);
        if (offers.Count > RemediationLimits.JobPackagesMax)
        {
            return (null, $"{offers.Count} packages have to be upgraded together, and one job carries at most {RemediationLimits.JobPackagesMax}; upgrade {fix.Source} by hand");
        }
        var names = offers.Select(offer => offer.Package.Name).ToHashSet(StringComparer.Ordinal);
        var uncovered = affected.Where(finding => !Coverage.Covers(names, finding.Package)).ToList();
        var missing = uncovered.Count == 0 ? null : Missing(asset.Updates, fix.Source, minimum, uncovered);
        if (uncovered.Count == affected.Count)
        {
            return (null, missing);
        }
        var covered = affected.Where(finding => Coverage.Covers(names, finding.Package)).ToList();
        var change = Change(asset, fix, covered, JobVerb.EnsurePackage) with
        {
            Packages = [.. offers.Select(offer => Job(offer.Package, offer.Update, offer.Package.Source == fix.Source ? minimum : null))],
            From = new SortedDictionary<string, string>(
                offers.GroupBy(offer => offer.Package.Name).ToDictionary(group => group.Key, group => group.First().Package.Version), StringComparer.Ordinal),
        };
        return (change, missing);
    }

    /// <summary>The closure of the fix: every installed package of its source, and those of other sources that apt upgrades with it, as an agent has told.</summary>
    private static List<(InstalledPackage Package, AvailableUpdate Update)> Offers(PlanInput asset, FixKey fix, string minimum)
    {
        var also = asset.Also.GetValueOrDefault(fix.ToString());
        return
        [
            .. asset.Packages!
                .Where(package => package.Origin != OriginKind.ThirdParty && (package.Source == fix.Source || also?.Contains(package.Name) == true))
                .Select(package => (Package: package, Update: Offer(asset.Updates!, package, package.Source == fix.Source ? minimum : null)))
                .Where(offer => offer.Update is not null)
                .Select(offer => (offer.Package, offer.Update!))
                .OrderBy(offer => offer.Package.Name, StringComparer.Ordinal).ThenBy(offer => offer.Package.Architecture, StringComparer.Ordinal),
        ];
    }

    private static AvailableUpdate? Offer(IReadOnlyList<AvailableUpdate> updates, InstalledPackage package, string? minimum) =>
        updates
            .Where(update => update.Package == package.Name && update.Architecture == package.Architecture && update.Source == package.Source
                && (minimum is null || DebianVersion.Compare(update.SourceVersion, minimum) >= 0) && DebianVersion.Compare(update.Version, package.Version) > 0)
            .Aggregate((AvailableUpdate?)null, (best, update) => best is null || DebianVersion.Compare(update.Version, best.Version) > 0 ? update : best);

    /// <summary>The minimum is stated in source versions; where the binary's version differs from its source's, or the package only comes along, nothing but the
    /// offered version itself is known to do.</summary>
    private static JobPackage Job(InstalledPackage package, AvailableUpdate update, string? minimum) => new()
    {
        Name = package.Name,
        Architecture = package.Architecture,
        Version = update.Version,
        MinimumVersion = minimum is not null && update.Version == update.SourceVersion ? minimum : update.Version,
        Sha256 = update.Sha256,
    };

    private static string Missing(IReadOnlyList<AvailableUpdate> updates, string source, string minimum, IReadOnlyList<Finding> uncovered)
    {
        var packages = string.Join(", ", uncovered.Select(finding => finding.Package).Distinct().Order(StringComparer.Ordinal).Take(5));
        var offered = updates.Where(update => update.Source == source).Select(update => update.SourceVersion).ToList();
        return offered.Count == 0
            ? $"no update in the machine's own indexes: {packages} needs {source} {minimum} or later, and they offer none; refresh them or add the security suite"
            : $"no update in the machine's own indexes: {packages} needs {source} {minimum} or later, and they offer {Highest(offered)}; refresh them or add the security suite";
    }

    private static (PlanChange? Restart, PlanChange? Reboot, string? Unhelped) Effect(PlanInput asset, FixKey fix, IReadOnlyList<Finding> pending)
    {
        if (pending.Any(Coverage.NeedsReboot))
        {
            return (null, Change(asset, fix, pending, JobVerb.Reboot), null);
        }
        var units = Coverage.Units(pending);
        return units.Count == 0
            ? (null, null, $"old code of {fix.Source} still runs, and the report names no unit that could be restarted; look at the processes")
            : (Change(asset, fix, pending, JobVerb.RestartService) with { Units = units }, null, null);
    }

    private static PlanChange Change(PlanInput asset, FixKey fix, IReadOnlyList<Finding> findings, JobVerb verb) => new()
    {
        Asset = asset.Asset,
        AssetName = asset.Name,
        Environment = EvaluatePolicy.Environment(asset.Environment),
        Group = asset.Group,
        Wave = 1,
        Verb = verb,
        Packages = [],
        From = new SortedDictionary<string, string>(StringComparer.Ordinal),
        Units = [],
        Fix = fix.ToString(),
        Vulnerabilities = [.. findings.Select(finding => finding.Vulnerability).Distinct().Order(StringComparer.Ordinal)],
    };

    private static string Highest(IEnumerable<string> versions) =>
        versions.Aggregate((highest, version) => DebianVersion.Compare(version, highest) > 0 ? version : highest);
}
