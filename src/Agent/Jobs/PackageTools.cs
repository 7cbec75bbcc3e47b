using Suture.Agent.Platforms.Linux;
using Suture.Agent.Reports;
using Suture.Contracts.Jobs;

namespace Suture.Agent.Jobs;

/// <summary>What the verbs on packages share: apt, dpkg, detached work, the journal, kept files.</summary>
internal sealed class PackageTools(Dpkg dpkg, Apt apt, DetachedWork detached, Journal journal, PackageKeeper keeper, PackageLocks locks, TimeProvider time)
{
    private long? _refreshed;

    /// <summary>Asks dpkg.</summary>
    public Dpkg Dpkg => dpkg;

    /// <summary>Asks apt.</summary>
    public Apt Apt => apt;

    /// <summary>Runs what changes the machine.</summary>
    public DetachedWork Detached => detached;

    /// <summary>The journal.</summary>
    public Journal Journal => journal;

    /// <summary>Kept package files.</summary>
    public PackageKeeper Keeper => keeper;

    /// <summary>The unit in which a job's effect runs.</summary>
    /// <param name="jobId">The job.</param>
    /// <param name="effect">The effect.</param>
    /// <returns>Unit name.</returns>
    public static string UnitOf(Guid jobId, string effect) => $"suture-{jobId:N}-{effect}.service";

    /// <summary>The last line of a program's output that says something.</summary>
    /// <param name="output">Output.</param>
    /// <returns>One line.</returns>
    public static string LastLine(string output) =>
        output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is [.., var last] lines
            ? lines.LastOrDefault(line => line.StartsWith("E: ", StringComparison.Ordinal)) ?? last
            : "no output.";

    /// <summary>The end of a job whose change ended without what was wanted.</summary>
    /// <param name="still">A package that is not as wanted.</param>
    /// <param name="changes">What changed all the same.</param>
    /// <param name="output">What apt said.</param>
    /// <returns>A failure; a stop before the change when apt never had the lock and so changed nothing.</returns>
    public static JobEnd Failure(JobPackage still, IReadOnlyList<PackageChange> changes, string output) =>
        changes.Count == 0 && output.Contains("E: Unable to acquire the dpkg frontend lock", StringComparison.Ordinal)
            ? JobEnd.Stopped(new Check("dpkg-locked", $"Another package manager came first and kept the lock for {JobLimits.LockWait.TotalMinutes:0} minutes: {LastLine(output)}"))
            : JobEnd.Failed("apt-failed", $"{still.Name} is not at {still.Version} after apt ran: {LastLine(output)}", changes);

    /// <summary>Notes whose files are mapped before they are replaced.</summary>
    /// <param name="reader">Reads this machine.</param>
    /// <param name="packages">Packages about to change.</param>
    /// <returns>A refusal when it could not be noted: the effect of the change could not be proven then.</returns>
    public static Check RememberFiles(IMachineReader reader, IEnumerable<JobTarget> packages)
    {
        try
        {
            reader.RememberFilesOf([.. packages.Select(package => $"{package.Name}:{package.Architecture}")]);
            return Check.Passed;
        }
        catch (IOException exception)
        {
            return new Check("state-unwritable", $"It cannot be noted which files are in use: {exception.Message}");
        }
    }

    /// <summary>Waits for a change that was begun and for whatever goes on of it, and lets dpkg finish what it can finish without new files.</summary>
    /// <param name="job">The job; nothing happens when none of its effects was begun.</param>
    /// <param name="effect">Name of the effect's unit.</param>
    /// <param name="cancellation">Shutdown.</param>
    /// <returns>When dpkg is whole again, or needs more: a package that was cut off while it was unpacked has to be unpacked again.</returns>
    public async Task SettleAsync(JobRecord job, string effect, CancellationToken cancellation)
    {
        if (job.Effects.Count == 0)
        {
            return;
        }
        await detached.WaitAsync(UnitOf(job.JobId, effect), cancellation);
        await locks.WaitForPackagesAsync(cancellation); // a dpkg whose apt was killed goes on alone
        if (await dpkg.AuditAsync(cancellation) is null)
        {
            return;
        }
        await detached.RunAsync(
            new DetachedOrder
            {
                Unit = UnitOf(job.JobId, "configure"), Program = Dpkg.Program, Time = JobLimits.ChangeTime,
                Arguments = ["--force-confdef", "--force-confold", "--configure", "--pending"],
            },
            cancellation);
    }

    /// <summary>Whether packages may be changed now: nobody else is at it (who is, is waited for), and dpkg has finished with all but what this job itself left.</summary>
    /// <param name="job">The job.</param>
    /// <param name="cancellation">Shutdown.</param>
    /// <returns>The verdict.</returns>
    public async Task<Check> IsReadyAsync(JobRecord job, CancellationToken cancellation)
    {
        if (!DetachedWork.IsPossible)
        {
            return new Check("systemd-absent", "This machine was not started by systemd; the agent changes nothing without it.");
        }
        var began = time.GetTimestamp();
        string? unfinished;
        do
        {
            if (await locks.WaitForPackagesAsync(cancellation) is { } held)
            {
                return new Check("dpkg-locked", $"Another package manager has held {held} for {JobLimits.LockWait.TotalMinutes:0} minutes.");
            }
            unfinished = await dpkg.AuditAsync(cancellation);
        }
        while (unfinished is not null && locks.FindHeld() is not null && time.GetElapsedTime(began) < JobLimits.LockWait); // somebody began just now
        return unfinished is null || EnsureDecision.IsOwnWork(job, await dpkg.ReadAsync(cancellation))
            ? Check.Passed
            : new Check("dpkg-inconsistent", $"dpkg has unfinished packages (dpkg --configure -a finishes them): {unfinished}");
    }

    /// <summary>Refreshes the indexes, waiting while somebody else does.</summary>
    /// <param name="jobId">The job.</param>
    /// <param name="cancellation">Shutdown.</param>
    /// <returns>How it ended; a failure need not matter when the indexes hold what is wanted.</returns>
    public async Task<DetachedEnd> RefreshAsync(Guid jobId, CancellationToken cancellation)
    {
        await locks.WaitForIndexesAsync(cancellation);
        var order = new DetachedOrder { Unit = UnitOf(jobId, "refresh"), Program = Apt.Program, Time = JobLimits.RefreshTime, Arguments = Apt.RefreshArguments };
        var end = await detached.RunAsync(order, cancellation);
        _refreshed = end.IsSuccess ? time.GetTimestamp() : null;
        return end;
    }

    /// <summary>True when this agent itself refreshed the indexes no longer than <see cref="JobLimits.FreshIndexes"/> ago.</summary>
    public bool AreIndexesFresh => _refreshed is { } then && time.GetElapsedTime(then) < JobLimits.FreshIndexes;

    /// <summary>Free bytes where a change of packages writes.</summary>
    /// <returns>By directory.</returns>
    public IReadOnlyDictionary<string, long> FreeBytes() =>
        ((string[])["/usr", "/var/lib/dpkg", apt.Archives]).ToDictionary(place => place, place => new DriveInfo(place).AvailableFreeSpace);

    /// <summary>Removes downloads of earlier jobs, and any file that is not the one the indexes name now.</summary>
    /// <param name="expected">Files of this change: what the indexes hold of each, by file name.</param>
    public void RemoveOldDownloads(IReadOnlyDictionary<string, IReadOnlyList<AptRecord>> expected)
    {
        foreach (var file in Directory.EnumerateFiles(apt.Archives, "*.deb"))
        {
            if (!expected.TryGetValue(Path.GetFileName(file), out var records) || !records.Any(record => record.Sha256 == PackageKeeper.HashOf(file)))
            {
                File.Delete(file);
            }
        }
    }
}
