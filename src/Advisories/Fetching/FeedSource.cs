using Suture.Knowledge.Feeds;

namespace Suture.Advisories.Fetching;

/// <summary>An address that a part of a feed is fetched from.</summary>
public sealed record FeedSource
{
    /// <summary>Time between looks at an address unless it states its own.</summary>
    public static readonly TimeSpan EveryDefault = TimeSpan.FromMinutes(15);

    /// <summary>Shortest time between looks at an address.</summary>
    public static readonly TimeSpan EveryMin = TimeSpan.FromMinutes(5);

    /// <summary>Longest time between looks at an address.</summary>
    public static readonly TimeSpan EveryMax = TimeSpan.FromDays(7);

    /// <summary>Feed, see <see cref="FeedNames"/>.</summary>
    public required string Feed { get; init; }

    /// <summary>Where; http or https.</summary>
    public required Uri Url { get; init; }

    /// <summary>Name of the file by which its reader knows it; a feed's name (<see cref="FeedFiles.KindOf"/>).</summary>
    public required string FileName { get; init; }

    /// <summary>Time between looks, from <see cref="EveryMin"/> to <see cref="EveryMax"/>.</summary>
    public TimeSpan Every { get; init; } = EveryDefault;

    /// <summary>Which part of the feed it delivers.</summary>
    internal string Part => FeedFiles.PartOf(FeedFiles.KindOf(FileName)!.Value, FileName);

    /// <summary>Bytes at the most; a larger answer is refused.</summary>
    internal long BytesMax => FeedFiles.BytesMaxOf(FeedFiles.KindOf(FileName)!.Value, FileName);
}
