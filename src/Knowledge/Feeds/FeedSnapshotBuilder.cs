using Suture.Knowledge.Feeds.Compiled;

namespace Suture.Knowledge.Feeds;

/// <summary>Puts feeds together as one snapshot. Not safe for several threads; used once.</summary>
/// <remarks>
/// Each feed is compiled by itself, then the compiled feeds are put together; so a feed that did not change need not be read again.
/// What several feeds tell about one CVE is decided here: the published date, CWE and description come from the CVE record, then Vulnrichment, then the CVE metadata table;
/// CVSS is the newest version told, of equal versions by the same order, and one without a version only when there is no other;
/// SSVC is the latest dated, undated last. Of one source, release and vulnerability the highest fixed version holds (design decision 5).
/// </remarks>
public sealed class FeedSnapshotBuilder
{
    private readonly SortedDictionary<string, CompiledSnapshot> _feeds = new(StringComparer.Ordinal);

    /// <summary>Adds the content of one feed; content of the same feed added before is replaced.</summary>
    /// <param name="content">The content.</param>
    /// <returns>This builder.</returns>
    public FeedSnapshotBuilder Add(FeedContent content) => Add(Compile(content));

    /// <summary>Adds one feed that was compiled before; content of the same feed added before is replaced.</summary>
    /// <param name="feed">A snapshot that <see cref="Compile"/> made.</param>
    /// <returns>This builder.</returns>
    public FeedSnapshotBuilder Add(CompiledSnapshot feed)
    {
        ArgumentNullException.ThrowIfNull(feed);
        _feeds[feed.Feeds.Single().Feed] = feed;
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

    /// <summary>Compiles one feed by itself.</summary>
    /// <param name="content">The content.</param>
    /// <returns>A snapshot of that feed alone; equal content, equal digest.</returns>
    public static CompiledSnapshot Compile(FeedContent content)
    {
        ArgumentNullException.ThrowIfNull(content);
        return CompiledSnapshot.FromBytes(CompileFeed.ToBytes(content));
    }

    /// <summary>Builds the snapshot.</summary>
    /// <returns>The snapshot; with no content at all an empty one that covers no release.</returns>
    public CompiledSnapshot Build() => CompiledSnapshot.FromBytes(MergeFeeds.ToBytes([.. _feeds.Values]));
}
