using Suture.Knowledge.Feeds;
using Suture.Knowledge.Versions;

namespace Suture.Advisories.Archive;

/// <summary>A source whose changelog is wanted.</summary>
/// <param name="Source">Source package.</param>
/// <param name="Version">Version in the security suite.</param>
/// <param name="OldestInstalled">Oldest version that the fleet has; entries above it are of interest.</param>
/// <param name="Files">Package files of that source and version, smallest first; at least one.</param>
internal sealed record ArchiveRead(string Source, string Version, string OldestInstalled, IReadOnlyList<PackageFile> Files);

/// <summary>What of the archive is to be read, and what follows from it. Pure.</summary>
internal static class DecideArchiveReads
{
    /// <summary>Packages of one source that are asked for its changelog at the most. The kernel has eleven that are links.</summary>
    internal const int PackagesAskedMax = 64;

    /// <summary>Sources that the fleet has installed in a version older than the suite's.</summary>
    /// <param name="index">The signed indexes.</param>
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
        return [.. newest.Select(pair => new ArchiveRead(
            pair.Key, pair.Value[0].SourceVersion, oldestInstalled[pair.Key],
            [.. pair.Value.OrderBy(file => file.SizeBytes).ThenBy(file => file.Path, StringComparer.Ordinal)]))];
    }

    /// <summary>The next package of a source to ask for its changelog.</summary>
    /// <param name="read">The source.</param>
    /// <param name="asked">Those that did not have it.</param>
    /// <param name="packageBytesMax">Bytes that one package may have, and that all which are asked in vain may have together.</param>
    /// <returns>Null when there is none left to ask.</returns>
    /// <remarks>The smallest that was not asked: most packages carry the changelog. A documentation folder may be a link to that of another package of the same
    /// source (Debian policy 12.3), which then has it; that one is asked as soon as it costs no more than what going on by size would have cost with the next, or when
    /// half of <see cref="PackagesAskedMax"/> were asked. So never more than twice the bytes of the package with the changelog are fetched.</remarks>
    internal static PackageFile? Next(ArchiveRead read, AskedPackages asked, long packageBytesMax)
    {
        if (asked.Files.Count >= PackagesAskedMax || asked.Bytes > packageBytesMax)
        {
            return null;
        }
        var open = read.Files.Where(file => file.SizeBytes <= packageBytesMax && !asked.Files.Contains(file)).ToList();
        return open.Find(file => asked.IsLinked(file) && (file.SizeBytes <= asked.Bytes + open[0].SizeBytes || asked.Files.Count >= PackagesAskedMax / 2)) ?? open.FirstOrDefault();
    }

    /// <summary>Fix records of one changelog: each CVE named in an entry is fixed in that entry's version; a newest version that names none is unrated.</summary>
    /// <param name="release">Release.</param>
    /// <param name="read">What was read.</param>
    /// <param name="entries">Entries newer than the oldest installed version, the suite's own version among them.</param>
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
            if (entry.Vulnerabilities.Count == 0 && DebianVersion.Compare(entry.Version, read.Version) == 0)
            {
                records.Add(new FixRecord(
                    release, read.Source, FixRecord.UnratedId(read.Source, read.Version), read.Version, $"{read.Source} {read.Version}", entry.Date, FeedNames.DebianArchive));
            }
        }
        return records;
    }

    /// <summary>Puts new records to those that are known. What an archive once said of a version stays true after every machine has it: a finding that
    /// is fixed on disk, and not yet in effect, still rests on it. Only records of a version that was read again are replaced; an unrated record gives way
    /// as soon as the CVEs of its version are known, and never takes their place. That a changelog is not read holds for the look that says so; CVEs known from
    /// a look that did not reach back as far stand beside it.</summary>
    /// <param name="known">Records in force.</param>
    /// <param name="reads">Changelogs that were read now.</param>
    /// <param name="fresh">Records of these, and unread ones of what was left out.</param>
    internal static IReadOnlyCollection<FixRecord> Merge(IEnumerable<FixRecord> known, IReadOnlyList<ArchiveRead> reads, IEnumerable<FixRecord> fresh)
    {
        var readAgain = reads.Select(read => (read.Source, read.Version)).ToHashSet();
        var merged = known.Where(record => !record.IsUnread && !readAgain.Contains((record.Source, record.FixedVersion))).ToHashSet();
        merged.UnionWith(fresh);
        var rated = merged.Where(record => FixRecord.NamesCve(record.Vulnerability)).Select(record => (record.Source, record.FixedVersion)).ToHashSet();
        merged.RemoveWhere(record => record.IsUnrated && rated.Contains((record.Source, record.FixedVersion)));
        return merged;
    }
}
