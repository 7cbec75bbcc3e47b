using Suture.Knowledge.Feeds.Compiled;
using Suture.Knowledge.Intelligence;
using Suture.Knowledge.Versions;

namespace Suture.Knowledge.Feeds;

/// <summary>Puts the contents of feeds together as one snapshot. Not safe for several threads; used once.</summary>
/// <remarks>
/// What several feeds tell about one CVE is decided here: the published date, CWE and description come from the CVE record, then Vulnrichment, then the CVE metadata table;
/// CVSS is the newest version told, of equal versions by the same order, and one without a version only when there is no other;
/// SSVC is the latest dated, undated last. Of one source, release and vulnerability the highest fixed version holds (design decision 5).
/// </remarks>
public sealed class FeedSnapshotBuilder
{
    private static readonly string[] CveFeeds = [FeedNames.CveRecords, FeedNames.Vulnrichment, FeedNames.CveMeta];

    private readonly SortedDictionary<string, FeedContent> _contents = new(StringComparer.Ordinal);

    /// <summary>Adds the content of one feed; content of the same feed added before is replaced.</summary>
    /// <param name="content">The content.</param>
    /// <returns>This builder.</returns>
    public FeedSnapshotBuilder Add(FeedContent content)
    {
        ArgumentNullException.ThrowIfNull(content);
        _contents[content.Feed] = content;
        return this;
    }

    /// <summary>Adds fix records of a feed, such as those read from the archive.</summary>
    /// <param name="feed">Name of the feed, see <see cref="FeedNames"/>.</param>
    /// <param name="contentDate">Date of the content; null when not known.</param>
    /// <param name="releases">Releases it speaks of, also those without a fix.</param>
    /// <param name="fixes">The records.</param>
    /// <returns>This builder.</returns>
    public FeedSnapshotBuilder AddFixes(string feed, DateOnly? contentDate, IReadOnlyCollection<string> releases, IReadOnlyList<FixRecord> fixes) =>
        Add(new FixContent
        {
            Feed = feed, ContentDate = contentDate, Releases = releases, Fixes = fixes,
            Advisories = fixes.Select(fix => fix.Record).Distinct(StringComparer.Ordinal).Count(),
        });

    /// <summary>Builds the snapshot.</summary>
    /// <returns>The snapshot; with no content at all an empty one that covers no release.</returns>
    public CompiledSnapshot Build()
    {
        var layout = new SnapshotLayout(_contents.Values.Select(content => content.ToAge()));
        layout.AddFixes(Releases(), Groups());
        var epss = _contents.GetValueOrDefault(FeedNames.FirstEpss) as EpssContent;
        layout.AddVulnerabilities(
            _contents.GetValueOrDefault(FeedNames.CisaKev) is KevContent, epss?.Version, epss?.ContentDate, Vulnerabilities(epss));
        return CompiledSnapshot.FromBytes(layout.ToBytes(note: ""));
    }

    private IReadOnlyList<string> Releases() =>
        [.. _contents.Values.OfType<FixContent>().SelectMany(c => c.Releases.Concat(c.Fixes.Select(f => f.Release)))
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private IEnumerable<FixGroup> Groups() =>
        _contents.Values.OfType<FixContent>().SelectMany(c => c.Fixes)
            .GroupBy(f => (f.Release, f.Source))
            .OrderBy(g => g.Key.Release, StringComparer.Ordinal).ThenBy(g => g.Key.Source, StringComparer.Ordinal)
            .Select(g => new FixGroup(g.Key.Release, g.Key.Source, ToFixes(g)));

    private static List<SourceFix> ToFixes(IEnumerable<FixRecord> records)
    {
        var fixes = records.GroupBy(r => r.Vulnerability, StringComparer.Ordinal).Select(ToFix).ToList();
        fixes.Sort((left, right) =>
        {
            var order = DebianVersion.Compare(left.FixedVersion, right.FixedVersion);
            return order != 0 ? order : string.CompareOrdinal(left.Vulnerability, right.Vulnerability);
        });
        return fixes;
    }

    private static SourceFix ToFix(IGrouping<string, FixRecord> records)
    {
        var ordered = records.Distinct().ToList();
        ordered.Sort(CompareRecords);
        return new SourceFix(records.Key, ordered[0].FixedVersion, ordered);
    }

    // Highest version first, then the newest record; the rest only makes the order the same every time.
    private static int CompareRecords(FixRecord left, FixRecord right)
    {
        var order = DebianVersion.Compare(right.FixedVersion, left.FixedVersion);
        order = order != 0 ? order : (right.Published ?? DateOnly.MinValue).CompareTo(left.Published ?? DateOnly.MinValue);
        order = order != 0 ? order : string.CompareOrdinal(left.Record, right.Record);
        order = order != 0 ? order : string.CompareOrdinal(left.Feed, right.Feed);
        return order != 0 ? order : string.CompareOrdinal(left.FixedVersion, right.FixedVersion);
    }

    private IEnumerable<Vulnerability> Vulnerabilities(EpssContent? epss)
    {
        var kev = (_contents.GetValueOrDefault(FeedNames.CisaKev) as KevContent)?.Entries ?? new Dictionary<string, KevEntry>();
        var exploits = (_contents.GetValueOrDefault(FeedNames.ExploitEvidence) as ExploitContent)?.Evidence
            ?? new Dictionary<string, IReadOnlyList<Signal<ExploitEvidence>>>();
        var scores = epss?.Scores ?? new Dictionary<string, EpssScore>();
        var facts = CveFeeds.Select(feed => (_contents.GetValueOrDefault(feed) as CveContent)?.Cves.ToDictionary(c => c.Id, StringComparer.Ordinal))
            .Where(table => table is not null).ToList();
        var ids = new HashSet<string>(scores.Keys, StringComparer.Ordinal);
        ids.UnionWith(kev.Keys);
        ids.UnionWith(exploits.Keys);
        facts.ForEach(table => ids.UnionWith(table!.Keys));
        foreach (var id in ids.Where(id => CveKey.Of(id) is not null).OrderBy(id => CveKey.Of(id)))
        {
            var told = facts.Select(table => table!.GetValueOrDefault(id)).OfType<CveFacts>().ToList();
            yield return Merge(id, told) with
            {
                Kev = kev.TryGetValue(id, out var entry) ? new Signal<KevEntry>(entry, FeedNames.CisaKev, entry.Added) : null,
                Epss = scores.TryGetValue(id, out var score) ? new Signal<EpssScore>(score, FeedNames.FirstEpss, epss!.ContentDate) : null,
                Exploits = exploits.GetValueOrDefault(id, []),
            };
        }
    }

    private static Vulnerability Merge(string id, IReadOnlyList<CveFacts> told) => new()
    {
        Id = id,
        Published = told.Select(t => t.Published).FirstOrDefault(p => p is not null),
        Cvss = told.Select(t => t.Cvss).Where(c => c is not null).OrderByDescending(c => c!.Value.Version ?? "", StringComparer.Ordinal).FirstOrDefault(),
        Ssvc = told.Select(t => t.Ssvc).Where(s => s is not null).OrderByDescending(s => s!.Date ?? DateOnly.MinValue).FirstOrDefault(),
        Cwe = told.Select(t => t.Cwe).FirstOrDefault(c => c is not null),
        Description = told.Select(t => t.Description).FirstOrDefault(d => d is not null),
    };
}

/// <summary>Fixes of one source in one release, in their order.</summary>
internal sealed record FixGroup(string Release, string Source, IReadOnlyList<SourceFix> Fixes);
