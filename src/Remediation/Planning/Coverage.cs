using Suture.Contracts.Api;
using Suture.Contracts.Inventory;
using Suture.Contracts.Jobs;
using Suture.Exposure.Findings;
using Suture.Knowledge.Feeds;
using Suture.Knowledge.Matching;
using Suture.Knowledge.Versions;

namespace Suture.Remediation.Planning;

/// <summary>Which findings a change speaks of, and what still holds old code in memory. Pure.</summary>
/// <remarks>The one rule, for proof, clocks and explanations alike: a change covers what it names, and everything else of its source that is fixed at or below the
/// version of its fix. What the update closes may get its names only after the plan was approved: a security update that names no CVE is given its CVEs when the
/// archive was read. An update that is still unread says nothing of what is open.</remarks>
internal static class Coverage
{
    /// <summary>True when a change of some packages closes what comes through one. A kernel comes as a package of a new name, pulled in by its meta package:
    /// any kernel package of the source covers the running one.</summary>
    public static bool Covers(IReadOnlySet<string> changed, string package) =>
        changed.Contains(package) || (KernelPackages.BringsImage(package) && changed.Any(KernelPackages.BringsImage));

    /// <summary>True when the change covers the finding.</summary>
    public static bool Covers(PlanChange change, Finding finding) =>
        FixLine.Key(change.Fix).Source == finding.Source && Covers(change, finding.Vulnerability, finding.FixedVersion, finding.Status, [finding.Package]);

    /// <summary>True when the change covers the episode.</summary>
    public static bool Covers(PlanChange change, EpisodeView episode) =>
        FixLine.Of(change.Fix) == $"{episode.Release}/{episode.Source}" && Covers(change, episode.Vulnerability, episode.FixedVersion, episode.Status, episode.Packages);

    private static bool Covers(PlanChange change, string vulnerability, string fixedVersion, FindingStatus status, IReadOnlyList<string> packages)
    {
        var isNamed = change.Vulnerabilities.Contains(vulnerability);
        var isReached = !FixRecord.IsUnreadId(vulnerability) && DebianVersion.Compare(fixedVersion, FixLine.Key(change.Fix).Version) <= 0;
        if (change.Verb != JobVerb.EnsurePackage)
        {
            // A restart or a reboot only brings into effect what is on disk.
            return isNamed || (isReached && status == FindingStatus.PendingEffect);
        }
        var changed = change.Packages.Select(package => package.Name).ToHashSet(StringComparer.Ordinal);
        return (isNamed || isReached) && packages.Any(package => Covers(changed, package));
    }

    /// <summary>True when no restart of a service puts the finding's fix into effect.</summary>
    public static bool NeedsReboot(Finding pending) => Action(pending) is { IsReboot: true };

    /// <summary>Services whose restart replaces the old processes; ordered, unique, at most <see cref="RemediationLimits.JobUnitsMax"/>.</summary>
    public static IReadOnlyList<string> Units(IEnumerable<Finding> pending) =>
        [.. pending.SelectMany(finding => Action(finding)?.Units ?? []).Distinct().Order(StringComparer.Ordinal).Take(RemediationLimits.JobUnitsMax)];

    /// <summary>Processes in words, <c>nginx (pid 812, nginx.service)</c>; at most five are named.</summary>
    public static string Describe(IEnumerable<OutdatedProcess> processes)
    {
        var all = processes.DistinctBy(process => process.ProcessId).OrderBy(process => process.ProcessId).ToList();
        var named = string.Join(", ", all.Take(5).Select(process =>
            process.Unit is null ? $"{process.Command} (pid {process.ProcessId})" : $"{process.Command} (pid {process.ProcessId}, {process.Unit})"));
        return all.Count > 5 ? $"{named} and {all.Count - 5} more" : named;
    }

    private static PendingAction? Action(Finding pending) =>
        PendingAction.TryParse(pending.Action) ?? (pending.Processes.Count > 0 ? PendingAction.For(pending.Processes) : null);
}
