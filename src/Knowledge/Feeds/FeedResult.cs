using System.Globalization;

namespace Suture.Knowledge.Feeds;

/// <summary>Why a feed file was refused as a whole.</summary>
/// <param name="Feed">Name of the feed, see <see cref="FeedNames"/>.</param>
/// <param name="File">File name, without folders above the one that was read.</param>
/// <param name="Line">Line or record, from 1; null when the fault has no line.</param>
/// <param name="Reason">What was seen, what was wanted, and the next step.</param>
public sealed record FeedFault(string Feed, string File, int? Line, string Reason)
{
    /// <summary>One line for people: <c>first-epss: epss.csv, line 7: ...</c>.</summary>
    public override string ToString() =>
        Line is { } line ? string.Create(CultureInfo.InvariantCulture, $"{Feed}: {File}, line {line}: {Reason}") : $"{Feed}: {File}: {Reason}";
}

/// <summary>A line that was left out while the rest of the file is in force.</summary>
/// <param name="Line">Line or record, from 1.</param>
/// <param name="Reason">What was seen and what was wanted.</param>
public sealed record SkippedLine(int Line, string Reason);

/// <summary>Content of a feed file, or why it was refused.</summary>
/// <typeparam name="T">The content.</typeparam>
public sealed record FeedResult<T>
    where T : class
{
    /// <summary>The content; null when it was refused.</summary>
    public T? Content { get; init; }

    /// <summary>Why it was refused; null when there is content.</summary>
    public FeedFault? Fault { get; init; }

    /// <summary>Lines left out, at least 0.</summary>
    public int SkippedCount { get; init; }

    /// <summary>The first of them, at most <see cref="FeedLimits.SkippedLinesNamedMax"/>, in the order of lines.</summary>
    public IReadOnlyList<SkippedLine> Skipped { get; init; } = [];
}

/// <summary>Checks of new content against what is in force. Pure.</summary>
public static class FeedCheck
{
    /// <summary>Content below this many records in force is too small to be judged by its shrinking.</summary>
    public const int ShrinkFloor = 20;

    /// <summary>Content below this many records in force is a sample or a beginning, and may grow freely; every feed as its publisher delivers it is larger.</summary>
    public const int GrowthFloor = 1_000;

    /// <summary>Content with more than this many times the records in force is refused.</summary>
    public const int GrowthFactor = 4;

    /// <summary>Refuses content with fewer than half of the records in force, and content with far more.</summary>
    /// <param name="newCount">Records of the new content.</param>
    /// <param name="oldCount">Records in force; 0 when there are none.</param>
    /// <returns>The reason to refuse; null when it may come into force.</returns>
    public static string? Size(int newCount, int oldCount)
    {
        var taken = oldCount >= ShrinkFloor && newCount < oldCount - newCount ? "fewer than half is"
            : oldCount >= GrowthFloor && newCount > (long)GrowthFactor * oldCount ? $"more than {GrowthFactor} times as many is"
            : null;
        return taken is null
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"it has {newCount} records and the content in force has {oldCount}; {taken} taken for a damaged file, so the old one stays");
    }

    /// <summary>Refuses content that is older than what is in force.</summary>
    /// <param name="newDate">Day of the new content; null when not dated.</param>
    /// <param name="oldDate">Day of the content in force; null when not dated, or when there is none.</param>
    /// <param name="latest">The last day that a feed may be of (<see cref="FeedLimits.LatestDay"/>). Content in force from beyond it holds nothing up.</param>
    /// <returns>The reason to refuse; null when it may come into force.</returns>
    public static string? Date(DateOnly? newDate, DateOnly? oldDate, DateOnly latest) => newDate < oldDate && oldDate <= latest
        ? string.Create(CultureInfo.InvariantCulture, $"it is of {newDate:yyyy-MM-dd} and the content in force of {oldDate:yyyy-MM-dd}; a feed never goes back in time, so the newer one stays")
        : null;
}
