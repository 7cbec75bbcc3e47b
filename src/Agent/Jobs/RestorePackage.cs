using Suture.Agent.Platforms.Linux;
using Suture.Agent.Reports;
using Suture.Contracts.Jobs;

namespace Suture.Agent.Jobs;

/// <summary>Puts back a package file that this agent itself kept; the one way by which a version may go down.</summary>
internal sealed class RestorePackage(PackageTools tools, IMachineReader reader) : IVerb
{
    private const string Restore = "restore";

    /// <inheritdoc/>
    public async Task<JobEnd> RunAsync(JobRecord job, CancellationToken cancellation)
    {
        await tools.SettleAsync(job, Restore, cancellation);
        if (await tools.Dpkg.ReadAsync(cancellation) is not { } installed)
        {
            return JobEnd.Stopped(new Check("dpkg-unreadable", "dpkg-query does not answer; the machine's packages are unknown."));
        }
        var wanted = job.Payload!.Packages;
        if (wanted.All(package => installed.GetValueOrDefault($"{package.Name}:{package.Architecture}") is { IsWell: true } now && now.Version == package.Version))
        {
            return job.Effects.Count > 0
                ? JobEnd.Done(null, EnsureDecision.ChangesSince(job, installed))
                : new JobEnd(JobOutcome.AlreadySo, null, null, []);
        }
        if (job.Effects.Count >= JobLimits.AttemptsMax)
        {
            return JobEnd.Failed("interrupted", "The change was cut off twice; nothing is tried a third time.");
        }
        var files = new List<string>();
        foreach (var package in wanted)
        {
            if (tools.Keeper.Find(JobTarget.Of(package)) is not { } kept || kept.Record.Sha256 != package.Sha256)
            {
                return JobEnd.Stopped(job, new Check("not-kept", $"This agent keeps no file of {package.Name} {package.Version} with hash {package.Sha256}."), installed);
            }
            files.Add(kept.Path);
        }
        var check = await tools.IsReadyAsync(job, cancellation);
        check = check.IsPassed ? await JudgeAsync(files, wanted, cancellation) : check;
        return check.IsPassed ? await PutBackAsync(job, files, installed, cancellation) : JobEnd.Stopped(job, check, installed);
    }

    private async Task<Check> JudgeAsync(IReadOnlyList<string> files, IReadOnlyList<JobPackage> wanted, CancellationToken cancellation)
    {
        var (simulation, words) = await tools.Apt.SimulateAsync(Apt.RestoreArguments(files, AptMode.Simulate), cancellation);
        return simulation is null ? new Check("simulation-failed", $"apt sees no way: {words}") : EnsureDecision.JudgeRestore(simulation, wanted);
    }

    private async Task<JobEnd> PutBackAsync(
        JobRecord job, IReadOnlyList<string> files, IReadOnlyDictionary<string, DpkgPackage> installed, CancellationToken cancellation)
    {
        var wanted = job.Payload!.Packages;
        if (PackageTools.RememberFiles(reader, wanted.Select(JobTarget.Of)) is { IsPassed: false } unwritable)
        {
            return JobEnd.Stopped(job, unwritable, installed);
        }
        var before = EnsureDecision.Versions(wanted.Select(package => $"{package.Name}:{package.Architecture}"), installed);
        tools.Journal.Append(new JournalEntry { AtUtc = default, JobId = job.JobId, Kind = JournalKind.Effect, Effect = Restore, Before = before });
        var end = await tools.Detached.RunAsync(
            new DetachedOrder
            {
                Unit = PackageTools.UnitOf(job.JobId, Restore), Program = Apt.Program, Time = JobLimits.ChangeTime,
                Arguments = Apt.RestoreArguments(files, AptMode.Install),
            },
            cancellation);
        await tools.SettleAsync(job, Restore, cancellation);
        if (await tools.Dpkg.ReadAsync(cancellation) is not { } now)
        {
            return JobEnd.Failed("dpkg-unreadable", "dpkg-query does not answer after the change; the machine's packages are unknown.");
        }
        var changes = EnsureDecision.ChangesSince(job, now);
        if (wanted.FirstOrDefault(package => now.GetValueOrDefault($"{package.Name}:{package.Architecture}") is not { IsWell: true } it || it.Version != package.Version) is not { } still)
        {
            return JobEnd.Done(null, changes);
        }
        return EnsureDecision.IsOwnWork(job, now) && job.Effects.Count < JobLimits.AttemptsMax
            ? await RunAsync(job, cancellation) // cut off
            : PackageTools.Failure(still, changes, end.Output);
    }
}
