using System.Security.Cryptography;
using Suture.Agent.Platforms.Linux;
using Suture.Agent.State;

namespace Suture.Agent.Jobs;

/// <summary>Puts aside the file of a package that is about to be replaced, so that there is a way back.</summary>
/// <param name="state">Where kept files lie.</param>
/// <param name="journal">Where their hashes lie.</param>
/// <param name="apt">Names and places of downloads.</param>
/// <param name="detached">Runs apt and dpkg-repack.</param>
/// <param name="time">Clock.</param>
internal sealed class PackageKeeper(StateDirectory state, Journal journal, Apt apt, DetachedWork detached, TimeProvider time)
{
    private const string Repack = "/usr/bin/dpkg-repack";
    private static readonly TimeSpan FetchTime = TimeSpan.FromMinutes(10);

    /// <summary>Keeps the files of these packages: from a cache, else from the archive, else rebuilt from what is installed.</summary>
    /// <param name="jobId">The job that replaces them.</param>
    /// <param name="packages">Versions installed now.</param>
    /// <param name="cancellation">Shutdown.</param>
    /// <returns>Those for which there is no way back, each as <c>name version</c>.</returns>
    public async Task<IReadOnlyList<string>> KeepAsync(Guid jobId, IReadOnlyList<JobTarget> packages, CancellationToken cancellation)
    {
        var wanted = packages.Where(package => Find(package) is null).ToList();
        await FetchAsync(jobId, [.. wanted.Where(package => InCache(package) is null)], cancellation);
        var lost = new List<string>();
        foreach (var package in wanted)
        {
            var file = InCache(package);
            var rebuilt = file is null ? await RebuildAsync(jobId, package, cancellation) : null;
            if ((file ?? rebuilt) is { } found)
            {
                Store(jobId, package, found, isRebuilt: file is null);
            }
            else
            {
                lost.Add($"{package.Name} {package.Version}");
            }
        }
        Prune();
        return lost;
    }

    /// <summary>The kept file of a package, its hash checked against the journal.</summary>
    /// <param name="package">Package and version.</param>
    /// <returns>The record and its path; null when this agent never kept it, or the file is gone or was changed.</returns>
    public (KeptPackage Record, string Path)? Find(JobTarget package)
    {
        foreach (var kept in journal.Kept().Reverse())
        {
            var path = Path.Combine(state.KeptDirectory, Path.GetFileName(kept.File));
            if (kept.Name == package.Name && kept.Architecture == package.Architecture && kept.Version == package.Version
                && File.Exists(path) && HashOf(path) == kept.Sha256)
            {
                return (kept, path);
            }
        }
        return null;
    }

    /// <summary>SHA-256 of a file.</summary>
    /// <param name="path">The file.</param>
    /// <returns>64 lower-case hex digits.</returns>
    public static string HashOf(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    private string? InCache(JobTarget package)
    {
        var name = Apt.FileNameOf(package.Name, package.Version, package.Architecture);
        return ((string[])[Path.Combine(apt.Archives, name), Path.Combine("/var/cache/apt/archives", name)]).FirstOrDefault(File.Exists);
    }

    private async Task FetchAsync(Guid jobId, IReadOnlyList<JobTarget> packages, CancellationToken cancellation)
    {
        var known = (await apt.FindAsync(packages, cancellation)).Keys.ToList();
        if (known.Count > 0) // the others are in no index any more
        {
            await detached.RunAsync(
                new DetachedOrder
                {
                    Unit = PackageTools.UnitOf(jobId, "keep"), Program = Apt.Program, Time = FetchTime, WorkingDirectory = apt.Archives,
                    Arguments = Apt.DownloadArguments(known),
                },
                cancellation);
        }
    }

    private async Task<string?> RebuildAsync(Guid jobId, JobTarget package, CancellationToken cancellation)
    {
        if (!File.Exists(Repack))
        {
            return null;
        }
        await detached.RunAsync(
            new DetachedOrder
            {
                Unit = PackageTools.UnitOf(jobId, "repack"), Program = Repack, Time = FetchTime, WorkingDirectory = apt.Archives,
                Arguments = ["--", $"{package.Name}:{package.Architecture}"],
            },
            cancellation);
        return Directory.EnumerateFiles(apt.Archives, $"{package.Name}_*_{package.Architecture}.deb")
            .FirstOrDefault(file => Path.GetFileName(file).Contains(package.Version.Split(':')[^1], StringComparison.Ordinal));
    }

    private void Store(Guid jobId, JobTarget package, string found, bool isRebuilt)
    {
        var name = Apt.FileNameOf(package.Name, package.Version, package.Architecture);
        var path = Path.Combine(state.KeptDirectory, name);
        File.Copy(found, path + ".new", overwrite: true);
        File.SetLastWriteTimeUtc(path + ".new", time.GetUtcNow().UtcDateTime); // the copy has the archive's date, pruning goes by ours
        using (var file = new FileStream(path + ".new", FileMode.Open, FileAccess.ReadWrite))
        {
            file.Flush(flushToDisk: true);
        }
        File.Move(path + ".new", path, overwrite: true);
        Native.SyncDirectory(state.KeptDirectory);
        var record = new KeptPackage
        {
            Name = package.Name, Architecture = package.Architecture, Version = package.Version, Sha256 = HashOf(path), File = name, IsRebuilt = isRebuilt,
        };
        journal.Append(new JournalEntry { AtUtc = default, JobId = jobId, Kind = JournalKind.Kept, Kept = record });
    }

    private void Prune()
    {
        var files = new DirectoryInfo(state.KeptDirectory).GetFiles().OrderByDescending(file => file.LastWriteTimeUtc).ToList();
        long bytes = 0;
        for (var i = 0; i < files.Count; i++)
        {
            bytes += files[i].Length;
            if (i >= JobLimits.KeptFilesMax || bytes > JobLimits.KeptBytesMax)
            {
                files[i].Delete();
            }
        }
    }
}
