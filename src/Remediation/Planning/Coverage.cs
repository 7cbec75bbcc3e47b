using Suture.Contracts.Api;
using Suture.Contracts.Inventory;
using Suture.Contracts.Jobs;
using Suture.Knowledge.Matching;
using Suture.Knowledge.Versions;

namespace Suture.Remediation.Planning;

/// <summary>Which findings a change speaks of, and what still holds old code in memory. Pure.</summary>
internal static class Coverage
{
    /// <summary>True when a change of these packages closes the finding. A kernel comes as a package of a new name, pulled in by its meta package:
    /// any kernel package of the source covers the finding on the running one.</summary>
    public static bool Covers(IReadOnlySet<string> packages, Finding finding) =>
        packages.Contains(finding.Package)
        || (KernelPackages.BringsImage(finding.Package) && packages.Any(KernelPackages.BringsImage));

    /// <summary>True when the change names this finding.</summary>
    public static bool Covers(PlanChange change, Finding finding)
    {
        if (FixLine.Key(change.Fix).Source != finding.Source || !change.Vulnerabilities.Contains(finding.Vulnerability))
        {
            return false;
        }
        return change.Verb != JobVerb.EnsurePackage || Covers(change.Packages.Select(package => package.Name).ToHashSet(StringComparer.Ordinal), finding);
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
