using Suture.Contracts.Api;
using Suture.Contracts.Inventory;
using Suture.Exposure.Findings;
using Suture.Exposure.Ranking;
using Suture.Knowledge.Risk;
using Suture.Knowledge.Versions;

namespace Suture.Exposure.Fixes;

/// <summary>Groups open findings to fixes: one for each (release, source), and one more for assets where only the effect is missing. Pure.</summary>
public static class FixGroups
{
    private const string Reboot = "reboot";

    /// <summary>The fixes that close the open findings of some assets.</summary>
    /// <param name="exposures">The assets; may be empty. Assets without a known release have no fixes.</param>
    /// <returns>Highest risk first; ties by key.</returns>
    public static IReadOnlyList<FixGroup> Of(IEnumerable<AssetExposure> exposures) =>
        Of(exposures.SelectMany(exposure => PerAsset(exposure, null)));

    private static IReadOnlyList<FixGroup> Of(IEnumerable<(FixKey Key, FixGroupAsset Asset)> parts) =>
        [.. parts
            .GroupBy(part => (part.Key.Release, part.Key.Source, part.Key.IsEffect))
            .Select(group => Group(Highest(group.Select(part => part.Key)), [.. group.Select(part => part.Asset)]))
            .OrderByDescending(fix => fix.RiskPerDay)
            .ThenBy(fix => fix.Key.ToString(), StringComparer.Ordinal)];

    /// <summary>One fix of some assets.</summary>
    /// <param name="exposures">The assets.</param>
    /// <param name="key">The key; its version need not be the one in force any more.</param>
    /// <returns>Null when none of the assets needs it.</returns>
    public static FixGroup? Find(IEnumerable<AssetExposure> exposures, FixKey key) =>
        Of(exposures.Where(exposure => exposure.Release == key.Release).SelectMany(exposure => PerAsset(exposure, key.Source)))
            .FirstOrDefault(fix => fix.Key.IsEffect == key.IsEffect);

    /// <param name="exposure">An asset.</param>
    /// <param name="only">The only source asked for; null for all.</param>
    private static IEnumerable<(FixKey Key, FixGroupAsset Asset)> PerAsset(AssetExposure exposure, string? only)
    {
        if (exposure.Release is not { } release)
        {
            yield break;
        }
        var open = exposure.Findings.Where(finding => finding.Status is FindingStatus.Affected or FindingStatus.PendingEffect && (only is null || finding.Source == only));
        foreach (var source in open.GroupBy(finding => finding.Source))
        {
            var findings = source.ToList();
            var key = FixKey.Of(findings, release);
            yield return (key, new FixGroupAsset
            {
                Exposure = exposure,
                Findings = findings,
                RiskPerDay = RiskEngine.Combine(findings).PerDay,
                Actions = Actions(key, findings),
                PatchReady = IsPatchReady(key, findings, exposure.State),
            });
        }
    }

    private static FixGroup Group(FixKey key, List<FixGroupAsset> assets)
    {
        assets.Sort((left, right) => right.RiskPerDay.CompareTo(left.RiskPerDay) is var order && order != 0 ? order : left.Exposure.AssetId.CompareTo(right.Exposure.AssetId));
        var findings = assets.SelectMany(asset => asset.Findings).Order(FindingOrder.ByRisk).ToList();
        // An update that names no CVE may rank first, and says nothing of why.
        var telling = findings.Find(finding => !finding.IsUnrated) ?? findings[0];
        return new FixGroup
        {
            Key = key,
            Title = Title(key, findings),
            Vulnerabilities = [.. findings.Where(finding => !finding.IsUnrated).Select(finding => finding.Vulnerability).Distinct()],
            Findings = findings.Count,
            PendingEffect = findings.Count(finding => finding.Status == FindingStatus.PendingEffect),
            Assets = assets,
            RiskPerDay = assets.Sum(asset => asset.RiskPerDay),
            Reasons = FixReasons.Of(telling, assets.Find(asset => asset.Findings.Contains(telling, ReferenceEqualityComparer.Instance))!.Exposure.State),
            Feeds = UsedFeeds.Of(findings),
            Deadline = findings.Select(finding => finding.Deadline).Where(deadline => deadline is not null).MinBy(deadline => deadline!.Due ?? DateOnly.MaxValue),
            IsCritical = findings.Exists(finding => finding.Risk?.IsCritical == true),
            IsUnrated = findings.Exists(finding => finding.IsUnrated),
            InKev = findings.Exists(InKevList),
            PatchReady = assets.Exists(asset => asset.PatchReady == false) ? false : assets.Exists(asset => asset.PatchReady is null) ? null : true,
            DetectedUtc = assets.Min(asset => asset.Findings.Min(finding => Detected(asset.Exposure, finding))),
        };
    }

    private static string Title(FixKey key, List<Finding> findings)
    {
        if (!key.IsEffect)
        {
            return $"upgrade {key.Source} to {key.Version}";
        }
        var actions = EffectActions(findings);
        return actions.Count == 0 ? $"bring {key.Source} {key.Version} into effect" : $"{string.Join(", ", actions)} to bring {key.Source} {key.Version} into effect";
    }

    private static List<string> Actions(FixKey key, List<Finding> findings)
    {
        var upgrades = findings.Where(finding => finding.Status == FindingStatus.Affected).Select(finding => finding.Package).Distinct().Order(StringComparer.Ordinal)
            .Select(package => $"upgrade {package} to {key.Version}");
        return [.. upgrades, .. EffectActions(findings)];
    }

    // A reboot brings everything into effect; no restart is needed beside it. A new kernel runs only after one.
    private static List<string> EffectActions(List<Finding> findings)
    {
        var actions = findings.Select(finding => finding.Action).Where(action => action is not null).Select(action => action!).Distinct().Order(StringComparer.Ordinal).ToList();
        return actions.Contains(Reboot) || findings.Exists(finding => KernelPackages.IsImage(finding.Package)) ? [Reboot] : actions;
    }

    private static bool? IsPatchReady(FixKey key, List<Finding> findings, MachineState state)
    {
        var affected = findings.Where(finding => finding.Status == FindingStatus.Affected).Select(finding => (finding.Package, finding.Architecture)).Distinct().ToList();
        if (affected.Count == 0)
        {
            return true;
        }
        if (state.AvailableUpdates is not { } updates || state.PackageIndexes is null)
        {
            return null;
        }
        var offered = updates.Where(update => update.Source == key.Source && DebianVersion.Compare(update.SourceVersion, key.Version) >= 0).ToList();
        // A fixed kernel comes as a package of another name.
        return affected.TrueForAll(package => offered.Exists(update =>
            (update.Package == package.Package && update.Architecture == package.Architecture) || (KernelPackages.IsImage(package.Package) && KernelPackages.BringsImage(update.Package))));
    }

    internal static bool InKevList(Finding finding) => finding.Risk?.Reasons.Any(reason => reason.Signal == "kev" && reason.Points > 0) == true;

    private static DateTimeOffset Detected(AssetExposure exposure, Finding finding) =>
        exposure.DetectedUtc.TryGetValue(new EpisodeKey(exposure.Release!, finding.Source, finding.Vulnerability), out var instant) ? instant : exposure.MatchedUtc;

    private static FixKey Highest(IEnumerable<FixKey> keys) => keys.Aggregate((left, right) => DebianVersion.Compare(left.Version, right.Version) >= 0 ? left : right);
}
