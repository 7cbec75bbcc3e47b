using System.Globalization;
using Suture.Contracts.Api;
using Suture.Contracts.Inventory;
using Suture.Contracts.Jobs;
using Suture.Exposure.Findings;
using Suture.Knowledge.Versions;
using Suture.Remediation.Planning;

namespace Suture.Remediation.Verification;

/// <summary>A job as a verification looks at it.</summary>
internal sealed record JobInQuestion
{
    public required Guid Id { get; init; }

    public required JobVerb Verb { get; init; }

    public required JobState State { get; init; }

    public required IReadOnlyList<PlanChange> Changes { get; init; }

    public DateTimeOffset? LeasedUtc { get; init; }

    /// <summary>Boot the agent spoke from when it took the job.</summary>
    public string? LeasedBoot { get; init; }

    /// <summary>When the change ended: by the agent's clock, not after the result arrived; null while there is no result.</summary>
    public DateTimeOffset? EndedUtc { get; init; }

    /// <summary>Report that the present state rests on.</summary>
    public Guid? EvidenceReport { get; init; }

    public required int Contradictions { get; init; }
}

/// <summary>What a report makes of a job.</summary>
internal sealed record Proof(JobState State, string Evidence, int Contradictions);

/// <summary>Whether a fresh report shows a job's fix installed and in effect (design decision 3). Pure.</summary>
/// <remarks>
/// 1. Only a report taken after the change speaks. 2. What the report could not read proves nothing: the job stays unproven and says so.
/// 3. Each package stands at least at the version wanted, no finding that the change covers (<see cref="Coverage"/>) is left, and no older code of its source runs:
/// verified. 4. Old code still runs: pending effect, with the processes and the one action. 5. Otherwise the report contradicts the agent; after three such reports
/// the job has failed.
/// </remarks>
internal static class DecideProof
{
    /// <summary>Null when the report says nothing new of the job.</summary>
    public static Proof? Of(JobInQuestion job, AssetExposure report)
    {
        if (!IsFresh(job, report) || job.EvidenceReport == report.ReportId)
        {
            return null;
        }
        var seen = Look(job, report);
        return (job.State, seen.State) switch
        {
            // Still at work: only what is done can be said of it.
            (JobState.Leased, JobState.Unproven) => null,
            (JobState.Leased, JobState.PendingEffect) when job.Verb != JobVerb.EnsurePackage => null,
            // It was installed before; a later report that cannot see it, or denies it, is for the findings to say.
            (JobState.PendingEffect, JobState.Unproven) => null,
            (_, JobState.Unproven) when seen.Contradicts && job.Contradictions + 1 >= RemediationLimits.ContradictionsMax =>
                new Proof(JobState.Failed, $"{seen.Evidence}; {job.Contradictions + 1} fresh reports contradict the agent", job.Contradictions + 1),
            _ => new Proof(seen.State, seen.Evidence, job.Contradictions + (seen.Contradicts ? 1 : 0)),
        };
    }

    private const string Processes = "processes could";

    private sealed record Seen(JobState State, string Evidence, bool Contradicts = false);

    private static bool IsFresh(JobInQuestion job, AssetExposure report) => job.State switch
    {
        JobState.Leased => report.AfterJob == job.Id || report.TakenUtc > job.LeasedUtc,
        JobState.Unproven or JobState.PendingEffect => report.AfterJob == job.Id || report.TakenUtc > job.EndedUtc || (job.EndedUtc is null && report.TakenUtc > job.LeasedUtc),
        _ => false,
    };

    private static Seen Look(JobInQuestion job, AssetExposure report)
    {
        var at = $"the report of {report.TakenUtc.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)} UTC";
        if (job.Verb == JobVerb.ReportNow)
        {
            // It is what was asked for, whatever it could read.
            return new Seen(JobState.Verified, $"{at} was taken after it was asked for");
        }
        if (Unread(job, report) is { } unread)
        {
            return new Seen(JobState.Unproven, $"{at} proves nothing: {unread}");
        }
        if (job.Verb == JobVerb.Reboot && report.BootId == job.LeasedBoot)
        {
            return new Seen(JobState.Unproven, $"{at} is still of the boot before the job", Contradicts: true);
        }
        if (job.Changes.SelectMany(change => change.Packages).Select(package => Below(package, report.Packages!)).FirstOrDefault(fault => fault is not null) is { } below)
        {
            return new Seen(JobState.Unproven, $"{at} still shows {below}", Contradicts: true);
        }
        var left = job.Changes.Select(change => Leftover.Of(change, report)).Where(part => !part.IsNone).ToList();
        var findings = left.SelectMany(part => part.Findings).ToList();
        if (findings.Find(finding => finding.Status == FindingStatus.Affected && !IsKernelToBoot(job, finding)) is { } affected)
        {
            return new Seen(
                JobState.Unproven, $"{at} still shows {affected.Vulnerability}: {affected.Source} {affected.InstalledVersion} is below {affected.FixedVersion}", Contradicts: true);
        }
        if (findings.Find(finding => finding.Status == FindingStatus.Unknown) is { } unknown)
        {
            return new Seen(JobState.Unproven, $"{at} proves nothing: whether {unknown.Package} is in effect could not be told");
        }
        return left.Count > 0 ? Pending(job, at, left) : new Seen(JobState.Verified, Verified(job, at, report.BootId));
    }

    /// <summary>Which facts the proof needs that the report could not read. Of processes that one of those seen runs old code is enough: that is no proof, whatever the
    /// others run.</summary>
    private static string? Unread(JobInQuestion job, AssetExposure report)
    {
        var wanted = report.Packages is null ? "packages could"
            : report.State.OutdatedProcesses is null && !job.Changes.Any(change => Leftover.Of(change, report).Processes.Count > 0) ? Processes
            : report.State.RunningKernel is null && job.Changes.Any(change => Leftover.HasKernel(change, report)) ? "running kernel could"
            : null;
        if (wanted is null)
        {
            return null;
        }
        var failures = report.State.Failures;
        var failure = failures.FirstOrDefault(failure => wanted == Processes && failure.Collector is CollectorFailure.OutdatedProcesses or CollectorFailure.Processes)
            ?? failures.FirstOrDefault();
        return $"its {wanted} not be read{(failure is null ? "" : $" ({failure.Collector}: {failure.Reason})")}";
    }

    private static string? Below(JobPackage wanted, IReadOnlyList<InstalledPackage> installed)
    {
        var found = installed.FirstOrDefault(package => package.Name == wanted.Name && package.Architecture == wanted.Architecture);
        return found is null
            ? $"no installed {wanted.Name}, wanted {wanted.MinimumVersion} or later"
            : DebianVersion.Compare(found.Version, wanted.MinimumVersion) < 0 ? $"{wanted.Name} {found.Version} < {wanted.MinimumVersion}" : null;
    }

    /// <summary>A kernel is judged by the one running: after the upgrade it counts as not in effect until the machine has booted it.</summary>
    private static bool IsKernelToBoot(JobInQuestion job, Finding finding) =>
        job.Verb == JobVerb.EnsurePackage && KernelPackages.BringsImage(finding.Package) && !job.Changes.SelectMany(change => change.Packages).Any(package => package.Name == finding.Package);

    private static Seen Pending(JobInQuestion job, string at, List<Leftover> left)
    {
        var action = left.Exists(part => part.NeedsReboot) ? "reboot" : $"restart {string.Join(", ", left.SelectMany(part => part.Units).Distinct())}";
        var processes = Coverage.Describe(left.SelectMany(part => part.Processes));
        var holders = processes.Length > 0 ? processes : left.Find(part => part.OldKernel is not null) is { } kernel ? $"kernel {kernel.OldKernel}" : null;
        var still = holders is null ? "old code still runs" : $"old code still runs in {holders}";
        // Of a restart or a reboot nothing else was asked than that the old code goes.
        return job.Verb == JobVerb.EnsurePackage
            ? new Seen(JobState.PendingEffect, $"{at} shows it installed, but {still}; {action} closes it")
            : new Seen(JobState.PendingEffect, $"{at} shows that {still} after the {(job.Verb == JobVerb.Reboot ? "reboot" : "restart")}; {action} closes it");
    }

    private static string Verified(JobInQuestion job, string at, string boot)
    {
        var packages = job.Changes.SelectMany(change => change.Packages).Select(package => $"{package.Name} at {package.MinimumVersion} or later");
        var sources = string.Join(", ", job.Changes.Select(change => FixLine.Key(change.Fix).Source).Distinct());
        return job.Verb switch
        {
            JobVerb.EnsurePackage => $"{at} shows {string.Join(", ", packages)} installed, and no process runs older code of {sources}",
            JobVerb.Reboot => $"{at} is of a new boot ({boot}), and no process runs older code of {sources}",
            _ => $"{at} shows that no process runs older code of {sources}",
        };
    }
}
