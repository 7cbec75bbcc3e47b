using Suture.Contracts.Api;
using Suture.Contracts.Inventory;
using Suture.Exposure.Findings;
using Suture.Knowledge.Matching;
using Suture.Knowledge.Versions;
using Suture.Remediation.Planning;

namespace Suture.Remediation.Verification;

/// <summary>What a report shows is left of a change: open findings that it covers, and older code of its source that runs, whether or not a finding says so. Pure.</summary>
/// <remarks>Processes and the kernel are looked at themselves: findings come and go with the feeds, old code in memory does not.</remarks>
internal sealed record Leftover
{
    public required PlanChange Change { get; init; }

    /// <summary>Open findings that the change covers.</summary>
    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>Processes that run older code of any package of the source; each once.</summary>
    public required IReadOnlyList<OutdatedProcess> Processes { get; init; }

    /// <summary>Release of the running kernel when it is the source's and below the fix; null otherwise.</summary>
    public string? OldKernel { get; init; }

    public bool IsNone => Findings.Count == 0 && Processes.Count == 0 && OldKernel is null;

    /// <summary>True when no restart of a service ends it. A finding that is still affected is so by the kernel that runs.</summary>
    public bool NeedsReboot =>
        OldKernel is not null || Findings.Any(finding => finding.Status == FindingStatus.Affected || Coverage.NeedsReboot(finding))
        || (Processes.Count > 0 && PendingAction.For(Processes).IsReboot);

    /// <summary>Services whose restart ends it, beside what needs a reboot; ordered, unique.</summary>
    public IReadOnlyList<string> Units => [.. Coverage.Units(Findings).Concat(Processes.Count > 0 ? PendingAction.For(Processes).Units : []).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>What a report shows. That nothing is left it shows only when its packages and processes are known (<see cref="DecideProof"/> asks first).</summary>
    public static Leftover Of(PlanChange change, AssetExposure report)
    {
        var findings = report.Findings.Where(finding => Coverage.Covers(change, finding)).ToList();
        var names = PackagesOf(change, report);
        var outdated = report.State.KnownOutdated.Where(process => names.Contains(process.Package));
        return new Leftover
        {
            Change = change,
            Findings = findings,
            Processes = [.. findings.SelectMany(finding => finding.Processes).Concat(outdated).DistinctBy(process => process.ProcessId).OrderBy(process => process.ProcessId)],
            OldKernel = HasKernel(change, report) && RunningVersion(report) is { } running && DebianVersion.Compare(running, FixLine.Key(change.Fix).Version) < 0
                ? report.State.RunningKernel!.Release
                : null,
        };
    }

    /// <summary>True when the source's fix is in effect only in the kernel that runs.</summary>
    public static bool HasKernel(PlanChange change, AssetExposure report) => PackagesOf(change, report).Any(KernelPackages.BringsImage);

    private static HashSet<string> PackagesOf(PlanChange change, AssetExposure report)
    {
        var source = FixLine.Key(change.Fix).Source;
        return [.. (report.Packages ?? []).Where(package => package.Source == source).Select(package => package.Name), .. change.Packages.Select(package => package.Name)];
    }

    // Null when it is the host's, or none of the distribution's: then no older code of the source runs as the kernel.
    private static string? RunningVersion(AssetExposure report) => report.State.RunningKernel is { IsForeign: false } kernel
        ? kernel.SourceVersion ?? report.Packages?.FirstOrDefault(package => package.Name == kernel.Package)?.SourceVersion
        : null;
}
