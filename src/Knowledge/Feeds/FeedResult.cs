using System.Globalization;
using Suture.Contracts.Api;

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

/// <summary>Checks of new content against what is in force.</summary>
public static class FeedCheck
{
    /// <summary>Content below this many records in force is too small to be judged by its shrinking.</summary>
    public const int ShrinkFloor = 20;

    /// <summary>Refuses content with fewer than half of the records in force.</summary>
    /// <param name="newCount">Records of the new content.</param>
    /// <param name="oldCount">Records in force; 0 when there are none.</param>
    /// <returns>The reason to refuse; null when it may come into force.</returns>
    public static string? AgainstPrevious(int newCount, int oldCount) =>
        oldCount >= ShrinkFloor && newCount < oldCount - newCount
            ? string.Create(CultureInfo.InvariantCulture,
                $"it has {newCount} records and the content in force has {oldCount}; fewer than half is taken for a damaged file, so the old one stays")
            : null;

    /// <summary>Refuses content with fewer than half of the records in force, and content that is older.</summary>
    /// <param name="content">The new content.</param>
    /// <param name="inForce">Age of the content in force.</param>
    /// <returns>The reason to refuse; null when it may come into force.</returns>
    public static string? AgainstPrevious(FeedContent content, FeedAge inForce)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(inForce);
        return content.ContentDate < inForce.ContentDate
            ? $"it is of {content.ContentDate:yyyy-MM-dd} and the content in force of {inForce.ContentDate:yyyy-MM-dd}; a feed never goes back in time, so the newer one stays"
            : AgainstPrevious(content.Records, inForce.Records);
    }
}
