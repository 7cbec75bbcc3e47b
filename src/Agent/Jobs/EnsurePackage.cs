using Suture.Agent.Platforms.Linux;
using Suture.Agent.Reports;
using Suture.Contracts.Jobs;

namespace Suture.Agent.Jobs;

/// <summary>Brings packages to exact versions through the machine's own apt.</summary>
/// <remarks>
/// The steps; up to 7 nothing of the machine's software has changed, and a stop there is <see cref="JobOutcome.PreflightFailed"/>:
/// 1 settle what an earlier attempt left; 2 what is missing; 3 dpkg free and consistent; 4 indexes fresh, in them the approved file;
/// 5 simulate, judge, room; 6 download, check every file's hash; 7 keep what will be replaced, remember whose files are mapped;
/// 8 dpkg still free, journal, install; 9 look at what is true now. The end is what step 9 sees, never an exit code. A change that was cut off
/// is begun once more, from step 2 on: what was unpacked halfway has to be unpacked again, and only the approved files may be.
/// </remarks>
internal sealed class EnsurePackage(PackageTools tools, IMachineReader reader) : IVerb
{
    private const string Install = "install";

    /// <inheritdoc/>
    public async Task<JobEnd> RunAsync(JobRecord job, CancellationToken cancellation)
    {
        await tools.SettleAsync(job, Install, cancellation);
        if (await tools.Dpkg.ReadAsync(cancellation) is not { } installed)
        {
            return JobEnd.Stopped(new Check("dpkg-unreadable", "dpkg-query does not answer; the machine's packages are unknown."));
        }
        var missing = EnsureDecision.Missing(job.Payload!.Packages, installed);
        if (missing.Count == 0)
        {
            return AlreadySo(job, installed);
        }
        if (job.Effects.Count >= JobLimits.AttemptsMax)
        {
            return JobEnd.Failed("interrupted", "The change was cut off twice; nothing is tried a third time.", EnsureDecision.ChangesSince(job, installed));
        }
        var check = EnsureDecision.MayChange(missing, installed);
        return check.IsPassed ? await ChangeAsync(job, missing, installed, cancellation) : JobEnd.Stopped(job, check, installed);
    }

    private async Task<JobEnd> ChangeAsync(
        JobRecord job, IReadOnlyList<JobPackage> missing, IReadOnlyDictionary<string, DpkgPackage> installed, CancellationToken cancellation)
    {
        var targets = missing.Select(JobTarget.Of).ToList();
        var check = await tools.IsReadyAsync(job, cancellation);
        check = check.IsPassed ? await FindFilesAsync(job.JobId, missing, cancellation) : check;
        if (!check.IsPassed)
        {
            return JobEnd.Stopped(job, check, installed);
        }
        var (simulation, words) = await tools.Apt.SimulateAsync(tools.Apt.InstallArguments(targets, AptMode.Simulate), cancellation);
        if (simulation is null)
        {
            return JobEnd.Stopped(job, new Check("simulation-failed", $"apt sees no way: {words}"), installed);
        }
        check = await JudgeAsync(simulation, missing, job.Payload!.Packages, installed, cancellation);
        check = check.IsPassed ? await FetchAsync(job, simulation, targets, cancellation) : check;
        if (!check.IsPassed)
        {
            return JobEnd.Stopped(job, check, installed);
        }
        var replaced = simulation.Installs.Where(step => step.From is not null).Select(step => step.Target with { Version = step.From! }).ToList();
        var lost = await tools.Keeper.KeepAsync(job.JobId, replaced, cancellation);
        check = PackageTools.RememberFiles(reader, replaced);
        check = check.IsPassed ? await tools.IsReadyAsync(job, cancellation) : check; // a long download has passed
        return check.IsPassed ? await InstallAsync(job, targets, simulation, lost, cancellation) : JobEnd.Stopped(job, check, installed);
    }

    /// <summary>Step 4: indexes as fresh as can be had, and in them the file that was approved.</summary>
    private async Task<Check> FindFilesAsync(Guid jobId, IReadOnlyList<JobPackage> missing, CancellationToken cancellation)
    {
        if (tools.AreIndexesFresh && (await FindApprovedAsync(missing, cancellation)).IsPassed)
        {
            return Check.Passed;
        }
        var refreshed = await tools.RefreshAsync(jobId, cancellation);
        var check = await FindApprovedAsync(missing, cancellation);
        return check.Reason == "version-not-available" && !refreshed.IsSuccess
            ? new Check("origin-unreachable", $"{check.Detail} The indexes could not be refreshed: {PackageTools.LastLine(refreshed.Output)}")
            : check;
    }

    private async Task<Check> FindApprovedAsync(IReadOnlyList<JobPackage> missing, CancellationToken cancellation)
    {
        var records = await tools.Apt.FindAsync([.. missing.Select(JobTarget.Of)], cancellation);
        return missing.Select(package => EnsureDecision.IsApprovedFile(package, records.GetValueOrDefault(JobTarget.Of(package), []))).FirstOrDefault(check => !check.IsPassed)
            ?? Check.Passed;
    }

    /// <summary>Step 5: apt would do what was approved, the distribution's packages stay its own, and what apt would add comes from where those come from.</summary>
    private async Task<Check> JudgeAsync(
        AptSimulation simulation, IReadOnlyList<JobPackage> missing, IReadOnlyList<JobPackage> wanted, IReadOnlyDictionary<string, DpkgPackage> installed,
        CancellationToken cancellation)
    {
        var check = EnsureDecision.Judge(simulation, missing, wanted, installed);
        if (!check.IsPassed)
        {
            return check;
        }
        var targets = missing.Select(JobTarget.Of).ToList();
        var added = simulation.Installs.Where(step => step.From is null).ToList();
        List<JobTarget> upgraded = [.. targets.Union(simulation.Installs.Where(step => step.From is not null).Select(step => step.Target))];
        var origins = await tools.Apt.FindOriginsAsync([.. upgraded, .. added.Select(step => step.Target)], cancellation);
        check = EnsureDecision.StaysWithTheDistribution(upgraded, installed, reader.ReadOrigins(), origins);
        return check.IsPassed && added.Count > 0 ? EnsureDecision.AreOfOneOrigin(added, targets, origins) : check;
    }

    /// <summary>Step 6: every file of the change is here, is one that the signed indexes name, and where the job names it, the one that was approved.</summary>
    private async Task<Check> FetchAsync(JobRecord job, AptSimulation simulation, IReadOnlyList<JobTarget> targets, CancellationToken cancellation)
    {
        var records = await tools.Apt.FindAsync([.. simulation.Installs.Select(step => step.Target)], cancellation);
        var expected = simulation.Installs.ToDictionary(
            step => step, step => EnsureDecision.Approved(step, job.Payload!.Packages, records.GetValueOrDefault(step.Target, [])));
        var room = EnsureDecision.HasRoom([.. expected.Values.Where(allowed => allowed.Count > 0).Select(allowed => allowed[0])], tools.FreeBytes());
        if (!room.IsPassed)
        {
            return room;
        }
        tools.RemoveOldDownloads(expected.ToDictionary(pair => Apt.FileNameOf(pair.Key.Name, pair.Key.To, pair.Key.Architecture), pair => pair.Value));
        var fetched = await tools.Detached.RunAsync(
            new DetachedOrder
            {
                Unit = PackageTools.UnitOf(job.JobId, "download"), Program = Apt.Program, Time = JobLimits.DownloadTime,
                Arguments = tools.Apt.InstallArguments(targets, AptMode.Download),
            },
            cancellation);
        foreach (var (step, allowed) in expected)
        {
            var path = Path.Combine(tools.Apt.Archives, Apt.FileNameOf(step.Name, step.To, step.Architecture));
            if (!File.Exists(path))
            {
                return new Check("origin-unreachable", $"{step.Name} {step.To} could not be downloaded: {PackageTools.LastLine(fetched.Output)}");
            }
            var hash = PackageKeeper.HashOf(path);
            if (!allowed.Any(record => record.Sha256 == hash))
            {
                File.Delete(path);
                return new Check("hash-mismatch", $"The downloaded file of {step.Name} {step.To} has hash {hash}, which is not approved or which no signed index names; it was deleted.");
            }
        }
        return Check.Passed;
    }

    private async Task<JobEnd> InstallAsync(
        JobRecord job, IReadOnlyList<JobTarget> targets, AptSimulation simulation, IReadOnlyList<string> lost, CancellationToken cancellation)
    {
        var before = simulation.Installs.ToDictionary(step => $"{step.Name}:{step.Architecture}", step => step.From ?? "");
        tools.Journal.Append(new JournalEntry { AtUtc = default, JobId = job.JobId, Kind = JournalKind.Effect, Effect = Install, Before = before });
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
        var still = EnsureDecision.Missing(job.Payload!.Packages, now);
        if (still.Count > 0)
        {
            return EnsureDecision.IsOwnWork(job, now) && job.Effects.Count < JobLimits.AttemptsMax
                ? await RunAsync(job, cancellation) // cut off
                : PackageTools.Failure(still[0], EnsureDecision.ChangesSince(job, now), end.Output);
        }
        tools.RemoveOldDownloads(new Dictionary<string, IReadOnlyList<AptRecord>>());
        return JobEnd.Done(Remarks(simulation, lost), EnsureDecision.ChangesSince(job, now));
    }

    private static string? Remarks(AptSimulation simulation, IReadOnlyList<string> lost)
    {
        var added = simulation.Installs.Where(step => step.From is null).ToList();
        List<string> remarks = [];
        if (added.Count > 0)
        {
            remarks.Add($"Newly installed with it: {EnsureDecision.Words(added)}.");
        }
        if (lost.Count > 0)
        {
            remarks.Add($"No way back exists for {string.Join(", ", lost.Take(20))}: no index holds that version any more.");
        }
        return remarks.Count == 0 ? null : string.Join(' ', remarks);
    }

    private static JobEnd AlreadySo(JobRecord job, IReadOnlyDictionary<string, DpkgPackage> installed)
    {
        if (job.Effects.Count > 0)
        {
            return JobEnd.Done("The agent was restarted meanwhile; this is what it found to be true afterwards.", EnsureDecision.ChangesSince(job, installed));
        }
        var absent = job.Payload!.Packages.Where(package => !(installed.GetValueOrDefault($"{package.Name}:{package.Architecture}")?.IsPresent ?? false))
            .Select(package => package.Name).ToList();
        return new JobEnd(JobOutcome.AlreadySo, absent.Count > 0 ? "not-installed" : null,
            absent.Count > 0 ? $"Not installed here: {string.Join(", ", absent.Take(20))}." : null, []);
    }
}
