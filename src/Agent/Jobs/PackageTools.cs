using Suture.Agent.Platforms.Linux;
using Suture.Agent.Reports;

namespace Suture.Agent.Jobs;

/// <summary>What the verbs on packages share: apt, dpkg, detached work, the journal, kept files.</summary>
internal sealed class PackageTools(Dpkg dpkg, Apt apt, DetachedWork detached, Journal journal, PackageKeeper keeper, TimeProvider time)
{
    private static readonly TimeSpan LockRetry = TimeSpan.FromSeconds(5);

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

    /// <summary>Waits for a change that an earlier life of this agent began, and finishes what an interrupted dpkg left half done.</summary>
    /// <param name="job">The job; nothing happens when none of its effects was begun.</param>
    /// <param name="effect">Name of the effect's unit.</param>
    /// <param name="cancellation">Shutdown.</param>
    /// <returns>When dpkg is whole again, or could not be made whole.</returns>
    public async Task SettleAsync(JobRecord job, string effect, CancellationToken cancellation)
    {
        if (job.Effects.Count == 0)
        {
            return;
        }
        await detached.WaitAsync(UnitOf(job.JobId, effect), cancellation);
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
        if (await dpkg.AuditAsync(cancellation) is null)
        {
            return;
        }
        await detached.RunAsync(
            new DetachedOrder
            {
                Unit = UnitOf(job.JobId, "repair"), Program = Apt.Program, Time = JobLimits.ChangeTime,
                Arguments =
                [
                    "install", "--fix-broken", "--quiet=2", "--yes", "--no-remove", "--no-install-recommends", "-o", $"Dir::Cache::archives={apt.Archives}/",
                    "-o", "DPkg::Lock::Timeout=600", "-o", "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold", "-o", "Dpkg::Use-Pty=0",
                ],
            },
            cancellation);
    }

    /// <summary>Whether dpkg is whole; one that works right now is waited for.</summary>
    /// <param name="cancellation">Shutdown.</param>
    /// <returns>The verdict.</returns>
    public async Task<Check> IsConsistentAsync(CancellationToken cancellation)
    {
        if (!DetachedWork.IsPossible)
        {
            return new Check("systemd-absent", "This machine was not started by systemd; the agent changes nothing without it.");
        }
        var began = time.GetTimestamp();
        while (true)
        {
            if (await dpkg.AuditAsync(cancellation) is not { } words)
            {
                return Check.Passed;
            }
            if (!Native.IsLocked("/var/lib/dpkg/lock-frontend") || time.GetElapsedTime(began) > JobLimits.LockWait)
            {
                return new Check("dpkg-inconsistent", $"dpkg has unfinished packages (dpkg --configure -a finishes them): {words}");
            }
            await Task.Delay(LockRetry, time, cancellation);
        }
    }

    /// <summary>Refreshes the indexes, waiting while somebody else does.</summary>
    /// <param name="jobId">The job.</param>
    /// <param name="cancellation">Shutdown.</param>
    /// <returns>How it ended; a failure need not matter when the indexes hold what is wanted.</returns>
    public async Task<DetachedEnd> RefreshAsync(Guid jobId, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        while (Native.IsLocked("/var/lib/apt/lists/lock") && time.GetElapsedTime(began) < JobLimits.LockWait)
        {
            await Task.Delay(LockRetry, time, cancellation);
        }
        var order = new DetachedOrder { Unit = UnitOf(jobId, "refresh"), Program = Apt.Program, Time = JobLimits.RefreshTime, Arguments = Apt.RefreshArguments };
        return await detached.RunAsync(order, cancellation);
    }

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
