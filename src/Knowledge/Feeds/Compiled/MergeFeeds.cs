using Suture.Knowledge.Intelligence;

namespace Suture.Knowledge.Feeds.Compiled;

/// <summary>Puts compiled feeds together by walking them side by side; nothing is held but what is being written.</summary>
internal static class MergeFeeds
{
    // Whose word counts first where several tell; the other feeds tell of things that no second one does.
    private static readonly string[] Precedence = [FeedNames.CveRecords, FeedNames.Vulnrichment, FeedNames.CveMeta];

    /// <summary>The bytes of a snapshot of all feeds.</summary>
    /// <param name="feeds">Snapshots of one feed each, ordered by name.</param>
    public static byte[] ToBytes(IReadOnlyList<CompiledSnapshot> feeds)
    {
        var layout = new SnapshotLayout(feeds.SelectMany(feed => feed.Feeds));
        layout.AddFixes([.. feeds.SelectMany(feed => feed.Releases).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)], Groups(feeds));
        var epss = feeds.FirstOrDefault(feed => feed.EpssModel is not null);
        layout.AddVulnerabilities(feeds.Any(feed => feed.IsKevKnown), epss?.EpssModel, epss?.EpssDate, Vulnerabilities(feeds));
        return layout.ToBytes(note: "");
    }

    private static IEnumerable<FixGroup> Groups(IReadOnlyList<CompiledSnapshot> feeds) =>
        from release in feeds.SelectMany(feed => feed.Releases).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
        from source in feeds.SelectMany(feed => feed.SourcesOf(release)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
        select Group(release, source, [.. feeds.Select(feed => feed.FixesOf(release, source)).Where(fixes => fixes.Count > 0)]);

    private static FixGroup Group(string release, string source, IReadOnlyList<IReadOnlyList<SourceFix>> told) => told.Count == 1
        ? new FixGroup(release, source, told[0])
        : FixGroup.Of(release, source, told.SelectMany(fixes => fixes).SelectMany(fix => fix.Records));

    private static IEnumerable<KeyedVulnerability> Vulnerabilities(IReadOnlyList<CompiledSnapshot> feeds)
    {
        var cursors = feeds.Where(feed => feed.Vulnerabilities > 0).OrderBy(Rank).Select(feed => new Cursor(feed)).ToArray();
        while (Next(cursors) is { } key)
        {
            Vulnerability? merged = null;
            foreach (var cursor in cursors)
            {
                if (cursor.Key == key)
                {
                    merged = merged is null ? cursor.Take() : Merge(merged, cursor.Take());
                }
            }
            yield return new KeyedVulnerability(key, merged!);
        }
    }

    private static int Rank(CompiledSnapshot feed) => Array.IndexOf(Precedence, feed.Feeds[0].Feed) is >= 0 and var place ? place : Precedence.Length;

    private static ulong? Next(Cursor[] cursors)
    {
        ulong? next = null;
        foreach (var cursor in cursors)
        {
            next = cursor.Key is { } key && (next is null || key < next) ? key : next;
        }
        return next;
    }

    // The first is of the feed whose word counts first.
    private static Vulnerability Merge(Vulnerability first, Vulnerability second) => new()
    {
        Id = first.Id,
        Published = first.Published ?? second.Published,
        Kev = first.Kev ?? second.Kev,
        Epss = first.Epss ?? second.Epss,
        Cvss = first.Cvss is null || string.CompareOrdinal(second.Cvss?.Value.Version ?? "", first.Cvss.Value.Version ?? "") > 0 ? second.Cvss : first.Cvss,
        Ssvc = first.Ssvc is null || (second.Ssvc?.Date ?? DateOnly.MinValue) > (first.Ssvc.Date ?? DateOnly.MinValue) ? second.Ssvc : first.Ssvc,
        Exploits = first.Exploits.Count > 0 ? first.Exploits : second.Exploits,
        Cwe = first.Cwe ?? second.Cwe,
        Description = first.Description ?? second.Description,
    };

    private sealed class Cursor(CompiledSnapshot feed)
    {
        private int _at;

        public ulong? Key { get; private set; } = feed.KeyAt(0);

        public Vulnerability Take()
        {
            var taken = feed.VulnerabilityAt(_at++);
            Key = feed.KeyAt(_at);
            return taken;
        }
    }
}
