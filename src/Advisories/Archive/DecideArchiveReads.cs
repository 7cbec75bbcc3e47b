using Suture.Knowledge.Feeds;
using Suture.Knowledge.Versions;

namespace Suture.Advisories.Archive;

/// <summary>A source whose changelog is wanted.</summary>
/// <param name="Source">Source package.</param>
/// <param name="Version">Version in the security suite.</param>
/// <param name="OldestInstalled">Oldest version that the fleet has; entries above it are of interest.</param>
/// <param name="File">Smallest package file of that source and version.</param>
internal sealed record ArchiveRead(string Source, string Version, string OldestInstalled, PackageFile File)
{
    /// <summary>Next larger files of the same source and version, by size: asked when the smallest has no changelog of its own (its documentation folder
    /// is a link to another package's). At most <see cref="DecideArchiveReads.OthersMax"/>.</summary>
    public IReadOnlyList<PackageFile> Others { get; init; } = [];
}

/// <summary>What of the archive is to be read, and what follows from it. Pure.</summary>
internal static class DecideArchiveReads
{
    /// <summary>Further packages of a source that are asked for a changelog.</summary>
    internal const int OthersMax = 3;

    /// <summary>Sources that the fleet has installed in a version older than the suite's.</summary>
    /// <param name="index">The signed index.</param>
    /// <param name="oldestInstalled">Oldest installed version by source.</param>
    /// <returns>Ordered by source.</returns>
    internal static IReadOnlyList<ArchiveRead> Wanted(IEnumerable<PackageFile> index, IReadOnlyDictionary<string, string> oldestInstalled)
    {
        var newest = new SortedDictionary<string, List<PackageFile>>(StringComparer.Ordinal);
        foreach (var file in index)
        {
            if (!oldestInstalled.TryGetValue(file.Source, out var installed) || DebianVersion.Compare(file.SourceVersion, installed) <= 0)
            {
                continue;
            }
            var order = newest.TryGetValue(file.Source, out var best) ? DebianVersion.Compare(file.SourceVersion, best[0].SourceVersion) : 1;
            if (order > 0)
            {
                newest[file.Source] = [file];
            }
            else if (order == 0)
            {
                best!.Add(file);
            }
        }
        return [.. newest.Select(pair => Read(pair.Key, oldestInstalled[pair.Key], pair.Value))];
    }

    /// <summary>Fix records of one changelog: each CVE named in an entry is fixed in that entry's version; a newest version that names none is unrated.</summary>
    /// <param name="release">Release.</param>
    /// <param name="read">What was read.</param>
    /// <param name="entries">Entries newer than the oldest installed version.</param>
    internal static IReadOnlyList<FixRecord> Records(string release, ArchiveRead read, IReadOnlyList<ChangelogEntry> entries)
    {
        var records = new List<FixRecord>();
        foreach (var entry in entries)
        {
            // The changelog of a signed source is its base's; versions above the suite's own do not occur but in damaged files.
            if (DebianVersion.Compare(entry.Version, read.Version) > 0)
            {
                continue;
            }
            records.AddRange(entry.Vulnerabilities.Select(
                cve => new FixRecord(release, read.Source, cve, entry.Version, $"{read.Source} {entry.Version}", entry.Date, FeedNames.DebianArchive)));
        }
        var newestEntry = entries.FirstOrDefault(entry => DebianVersion.Compare(entry.Version, read.Version) == 0);
        if (newestEntry is not { Vulnerabilities.Count: > 0 })
        {
            records.Add(Unrated(release, read, newestEntry?.Date));
        }
        return records;
    }

    /// <summary>Puts new records to those that are known. What an archive once said of a version stays true after every machine has it: a finding that
    /// is fixed on disk, and not yet in effect, still rests on it. Only records of a version that was read again are replaced; an unrated record gives way
    /// as soon as the CVEs of its version are known, and never takes their place.</summary>
    /// <param name="known">Records in force.</param>
    /// <param name="reads">Changelogs that were read now.</param>
    /// <param name="fresh">Records of these, and unrated ones of what was left out.</param>
    internal static IReadOnlyCollection<FixRecord> Merge(IEnumerable<FixRecord> known, IReadOnlyList<ArchiveRead> reads, IEnumerable<FixRecord> fresh)
    {
        var readAgain = reads.Select(read => (read.Source, read.Version)).ToHashSet();
        var merged = known.Where(record => !readAgain.Contains((record.Source, record.FixedVersion))).ToHashSet();
        merged.UnionWith(fresh);
        var rated = merged.Where(record => !record.IsUnrated).Select(record => (record.Source, record.FixedVersion)).ToHashSet();
        merged.RemoveWhere(record => record.IsUnrated && rated.Contains((record.Source, record.FixedVersion)));
        return merged;
    }

    /// <summary>The record of a security update of which no CVE is known.</summary>
    internal static FixRecord Unrated(string release, ArchiveRead read, DateOnly? published) => new(
        release, read.Source, FixRecord.UnratedId(read.Source, read.Version), read.Version, $"{read.Source} {read.Version}", published, FeedNames.DebianArchive);

    private static ArchiveRead Read(string source, string oldestInstalled, List<PackageFile> files)
    {
        var bySize = files.OrderBy(file => file.SizeBytes).ThenBy(file => file.Path, StringComparer.Ordinal).ToList();
        return new ArchiveRead(source, bySize[0].SourceVersion, oldestInstalled, bySize[0]) { Others = [.. bySize.Skip(1).Take(OthersMax)] };
    }
}
