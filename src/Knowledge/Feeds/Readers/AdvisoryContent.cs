namespace Suture.Knowledge.Feeds.Readers;

/// <summary>Advisories of one feed in one file, before they are put together with those of other files.</summary>
internal sealed record AdvisoryContent : FeedContent
{
    /// <summary>The advisories; at least one.</summary>
    public required AdvisoryList List { get; init; }

    /// <inheritdoc/>
    public override int Records => List.Advisories.Count;

    /// <inheritdoc/>
    internal override DateOnly? AsOf => List.AsOf;

    /// <summary>Advisories by their feed.</summary>
    public static IReadOnlyList<FeedContent> Split(AdvisoryList list) =>
        [.. list.Advisories.GroupBy(advisory => FeedNames.OfAdvisory(advisory.Id), StringComparer.Ordinal).Select(feed => new AdvisoryContent
        {
            Feed = feed.Key, ContentDate = feed.Max(advisory => advisory.Published), List = list with { Advisories = [.. feed] },
        })];
}
