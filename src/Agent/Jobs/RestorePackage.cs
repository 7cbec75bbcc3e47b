using Suture.Agent.Platforms.Linux;
using Suture.Agent.Reports;

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
                ? JobEnd.Done(null, EnsureDecision.Changes(job.Effects[0].Before ?? new Dictionary<string, string>(), installed))
                : new JobEnd(Contracts.Jobs.JobOutcome.AlreadySo, null, null, []);
        }
        if (job.Effects.Count >= JobLimits.AttemptsMax)
        {
            return JobEnd.Failed("interrupted", "The change was cut off twice; nothing is tried a third time.");
        }
        var files = new List<string>();
        foreach (var package in wanted)
        {
            if (tools.Keeper.Find(new JobTarget(package.Name, package.Architecture, package.Version)) is not { } kept || kept.Record.Sha256 != package.Sha256)
            {
                return JobEnd.Stopped(new Check("not-kept", $"This agent keeps no file of {package.Name} {package.Version} with hash {package.Sha256}."));
            }
            files.Add(kept.Path);
        }
        var check = await tools.IsConsistentAsync(cancellation);
        return check.IsPassed ? await PutBackAsync(job, files, installed, cancellation) : JobEnd.Stopped(check);
    }

    private async Task<JobEnd> PutBackAsync(
        JobRecord job, IReadOnlyList<string> files, IReadOnlyDictionary<string, DpkgPackage> installed, CancellationToken cancellation)
    {
        var wanted = job.Payload!.Packages;
        if (PackageTools.RememberFiles(reader, wanted.Select(package => new JobTarget(package.Name, package.Architecture, package.Version))) is { IsPassed: false } unwritable)
        {
            return JobEnd.Stopped(unwritable);
        }
        var before = EnsureDecision.Versions(wanted.Select(package => $"{package.Name}:{package.Architecture}"), installed);
        tools.Journal.Append(new JournalEntry { AtUtc = default, JobId = job.JobId, Kind = JournalKind.Effect, Effect = Restore, Before = before });
        var end = await tools.Detached.RunAsync(
            new DetachedOrder
            {
                Unit = PackageTools.UnitOf(job.JobId, Restore), Program = Apt.Program, Time = JobLimits.ChangeTime,
                // Through apt, which orders the files, takes the locks and refuses what would leave dependencies broken.
                Arguments =
                [
                    "install", "--quiet=2", "--yes", "--allow-downgrades", "--no-remove", "--no-install-recommends",
                    "-o", "DPkg::Lock::Timeout=600", "-o", "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold", "-o", "Dpkg::Use-Pty=0",
                    "--", .. files,
                ],
            },
            cancellation);
        await tools.SettleAsync(job, Restore, cancellation);
        if (await tools.Dpkg.ReadAsync(cancellation) is not { } now)
        {
            return JobEnd.Failed("dpkg-unreadable", "dpkg-query does not answer after the change; the machine's packages are unknown.");
        }
        var changes = EnsureDecision.Changes(before, now);
        return wanted.FirstOrDefault(package => now.GetValueOrDefault($"{package.Name}:{package.Architecture}") is not { IsWell: true } it || it.Version != package.Version) is { } still
            ? JobEnd.Failed("apt-failed", $"{still.Name} is not at {still.Version} after apt ran: {PackageTools.LastLine(end.Output)}", changes)
            : JobEnd.Done(null, changes);
    }
}
