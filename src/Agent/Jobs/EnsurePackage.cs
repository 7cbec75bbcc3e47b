using Suture.Agent.Platforms.Linux;
using Suture.Agent.Reports;
using Suture.Contracts.Jobs;

namespace Suture.Agent.Jobs;

/// <summary>Brings packages to exact versions through the machine's own apt.</summary>
/// <remarks>
/// The steps; up to 7 nothing of the machine's software has changed, and a stop there is <see cref="JobOutcome.PreflightFailed"/>:
/// 1 settle what an earlier attempt left; 2 what is missing; 3 dpkg consistent; 4 refresh the indexes, find the approved file;
/// 5 simulate, judge, room; 6 download, check every file's hash; 7 keep what will be replaced, remember whose files are mapped;
/// 8 journal, install; 9 look at what is true now. The end is what step 9 sees, never an exit code.
/// </remarks>
internal sealed class EnsurePackage(PackageTools tools, IMachineReader reader) : IVerb
{
    private const string Install = "install";

    /// <inheritdoc/>
    public async Task<JobEnd> RunAsync(JobRecord job, CancellationToken cancellation)
    {
        var wanted = job.Payload!.Packages;
        await tools.SettleAsync(job, Install, cancellation);
        if (await tools.Dpkg.ReadAsync(cancellation) is not { } installed)
        {
            return JobEnd.Stopped(new Check("dpkg-unreadable", "dpkg-query does not answer; the machine's packages are unknown."));
        }
        var missing = EnsureDecision.Missing(wanted, installed);
        if (missing.Count == 0)
        {
            return AlreadySo(job, wanted, installed);
        }
        if (job.Effects.Count >= JobLimits.AttemptsMax)
        {
            return JobEnd.Failed("interrupted", "The change was cut off twice; nothing is tried a third time.", ChangesSince(job, installed));
        }
        var mayChange = EnsureDecision.MayChange(missing, installed);
        if (!mayChange.IsPassed)
        {
            return JobEnd.Stopped(mayChange);
        }
        return await ChangeAsync(job, missing, installed, cancellation);
    }

    private async Task<JobEnd> ChangeAsync(
        JobRecord job, IReadOnlyList<JobPackage> missing, IReadOnlyDictionary<string, DpkgPackage> installed, CancellationToken cancellation)
    {
        var targets = missing.Select(package => new JobTarget(package.Name, package.Architecture, package.Version)).ToList();
        var check = await tools.IsConsistentAsync(cancellation);
        check = check.IsPassed ? await FindFilesAsync(job.JobId, missing, cancellation) : check;
        if (!check.IsPassed)
        {
            return JobEnd.Stopped(check);
        }
        var (simulation, words) = await tools.Apt.SimulateAsync(targets, cancellation);
        if (simulation is null)
        {
            return JobEnd.Stopped(new Check("simulation-failed", $"apt sees no way: {words}"));
        }
        check = EnsureDecision.Judge(simulation, targets);
        check = check.IsPassed ? await FetchAsync(job.JobId, simulation, targets, cancellation) : check;
        if (!check.IsPassed)
        {
            return JobEnd.Stopped(check);
        }
        var replaced = simulation.Installs.Where(step => step.From is not null).Select(step => new JobTarget(step.Name, step.Architecture, step.From!)).ToList();
        var lost = await tools.Keeper.KeepAsync(job.JobId, replaced, cancellation);
        if (PackageTools.RememberFiles(reader, replaced) is { IsPassed: false } unwritable)
        {
            return JobEnd.Stopped(unwritable);
        }
        var before = EnsureDecision.Versions(simulation.Installs.Select(step => $"{step.Name}:{step.Architecture}"), installed);
        return await InstallAsync(job, targets, before, lost, cancellation);
    }

    /// <summary>Steps 4: indexes as fresh as can be had, and in them the file that was approved.</summary>
    private async Task<Check> FindFilesAsync(Guid jobId, IReadOnlyList<JobPackage> missing, CancellationToken cancellation)
    {
        var refreshed = await tools.RefreshAsync(jobId, cancellation);
        foreach (var package in missing)
        {
            var check = EnsureDecision.IsApprovedFile(package, await tools.Apt.FindAsync(package.Name, package.Architecture, package.Version, cancellation));
            if (!check.IsPassed)
            {
                return check.Reason == "version-not-available" && !refreshed.IsSuccess
                    ? new Check("origin-unreachable", $"{check.Detail} The indexes could not be refreshed: {PackageTools.LastLine(refreshed.Output)}")
                    : check;
            }
        }
        return Check.Passed;
    }

    /// <summary>Step 6: every file of the change is here and is the one the signed indexes name.</summary>
    private async Task<Check> FetchAsync(Guid jobId, AptSimulation simulation, IReadOnlyList<JobTarget> targets, CancellationToken cancellation)
    {
        var expected = new Dictionary<AptStep, IReadOnlyList<AptRecord>>();
        foreach (var step in simulation.Installs)
        {
            expected[step] = await tools.Apt.FindAsync(step.Name, step.Architecture, step.To, cancellation);
        }
        var room = EnsureDecision.HasRoom([.. expected.Values.Where(records => records.Count > 0).Select(records => records[0])], tools.FreeBytes());
        if (!room.IsPassed)
        {
            return room;
        }
        tools.RemoveOldDownloads(expected.ToDictionary(pair => Apt.FileNameOf(pair.Key.Name, pair.Key.To, pair.Key.Architecture), pair => pair.Value));
        var fetched = await tools.Detached.RunAsync(
            new DetachedOrder
            {
                Unit = $"suture-{jobId:N}-download.service", Program = Apt.Program, Time = JobLimits.DownloadTime,
                Arguments = tools.Apt.InstallArguments(targets, AptMode.Download),
            },
            cancellation);
        foreach (var (step, records) in expected)
        {
            var path = Path.Combine(tools.Apt.Archives, Apt.FileNameOf(step.Name, step.To, step.Architecture));
            if (!File.Exists(path))
            {
                return new Check("origin-unreachable", $"{step.Name} {step.To} could not be downloaded: {PackageTools.LastLine(fetched.Output)}");
            }
            var hash = PackageKeeper.HashOf(path);
            if (!records.Any(record => record.Sha256 == hash))
            {
                File.Delete(path);
                return new Check("hash-mismatch", $"The downloaded file of {step.Name} {step.To} has hash {hash}, which no signed index names; it was deleted.");
            }
        }
        return Check.Passed;
    }

    private async Task<JobEnd> InstallAsync(
        JobRecord job, IReadOnlyList<JobTarget> targets, IReadOnlyDictionary<string, string> before, IReadOnlyList<string> lost,
        CancellationToken cancellation)
    {
        tools.Journal.Append(new JournalEntry
        {
            AtUtc = default, JobId = job.JobId, Kind = JournalKind.Effect, Effect = Install, Before = before,
        });
        var end = await tools.Detached.RunAsync(
            new DetachedOrder
            {
                Unit = PackageTools.UnitOf(job.JobId, Install), Program = Apt.Program, Time = JobLimits.ChangeTime,
                Arguments = tools.Apt.InstallArguments(targets, AptMode.Install),
            },
            cancellation);
        await tools.SettleAsync(job, Install, cancellation);
        if (await tools.Dpkg.ReadAsync(cancellation) is not { } now)
        {
            return JobEnd.Failed("dpkg-unreadable", "dpkg-query does not answer after the change; the machine's packages are unknown.");
        }
        var changes = ChangesSince(job, now);
        var still = EnsureDecision.Missing(job.Payload!.Packages, now);
        if (still.Count > 0)
        {
            return JobEnd.Failed("apt-failed", $"{still[0].Name} is not at {still[0].Version} after apt ran: {PackageTools.LastLine(end.Output)}", changes);
        }
        return JobEnd.Done(lost.Count == 0 ? null : $"No way back exists for {string.Join(", ", lost.Take(20))}: no index holds that version any more.", changes);
    }

    private static JobEnd AlreadySo(JobRecord job, IReadOnlyList<JobPackage> wanted, IReadOnlyDictionary<string, DpkgPackage> installed)
    {
        if (job.Effects.Count > 0)
        {
            return JobEnd.Done("The agent was restarted meanwhile; this is what it found to be true afterwards.", ChangesSince(job, installed));
        }
        var absent = wanted.Where(package => !(installed.GetValueOrDefault($"{package.Name}:{package.Architecture}")?.IsPresent ?? false)).Select(package => package.Name).ToList();
        return new JobEnd(JobOutcome.AlreadySo, absent.Count > 0 ? "not-installed" : null,
            absent.Count > 0 ? $"Not installed here: {string.Join(", ", absent.Take(20))}." : null, []);
    }

    private static IReadOnlyList<PackageChange> ChangesSince(JobRecord job, IReadOnlyDictionary<string, DpkgPackage> now) =>
        job.Effects.FirstOrDefault(effect => effect.Before is not null)?.Before is { } before ? EnsureDecision.Changes(before, now) : [];
}
