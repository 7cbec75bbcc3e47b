using Suture.Knowledge.Feeds.Readers;

namespace Suture.Knowledge.Feeds;

/// <summary>What one file says for one feed. A feed is made of its parts; most have one.</summary>
public sealed record FeedPart
{
    /// <summary>Which part of the feed it is, see <see cref="FeedFiles.PartOf"/>.</summary>
    public required string Name { get; init; }

    /// <summary>The file; several only for single CVE records, which are one part together.</summary>
    public required IReadOnlyList<FeedFile> Files { get; init; }

    /// <summary>What it says, with feed, date and number of records.</summary>
    public required FeedContent Content { get; init; }

    /// <summary>Name of the file, for messages.</summary>
    public string FileName => Files.Count == 1 ? Files[0].Name : $"{Files.Count} files like {Files[0].Name}";

    /// <summary>Puts the parts of one feed together.</summary>
    /// <param name="parts">What they say; at least one, all of one feed.</param>
    /// <returns>The feed's content. Tables of fixes count only where there are no advisories, since they are derived from them.</returns>
    internal static FeedContent Combine(IReadOnlyList<FeedContent> parts)
    {
        var feed = parts[0].Feed;
        var lists = parts.OfType<AdvisoryContent>().Select(part => part.List).ToList();
        return lists.Count > 0 ? AdvisoryMerge.ToContent(feed, lists)
            : parts.Count == 1 ? parts[0]
            : parts[0] switch
            {
                FixContent => AdvisoryMerge.ToContent(feed, [.. parts.OfType<FixContent>().SelectMany(part => part.Fixes)]),
                ExploitContent => ExploitReader.Merge([.. parts.OfType<ExploitContent>()]),
                CveContent => CveRecordReader.Merge([.. parts.OfType<CveContent>()]),
                _ => throw new ArgumentException($"{feed} has {parts.Count} parts; it can have one.", nameof(parts)),
            };
    }
}
