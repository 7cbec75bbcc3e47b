using System.Globalization;
using Suture.Contracts.Api;

namespace Suture.Cli.Rendering;

/// <summary>Feeds for people: what is in force and how old, what was refused, what could not be fetched.</summary>
internal static class FeedsText
{
    /// <summary>Prints feeds with their ages, what was refused, what could not be fetched and what was left out.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="feeds">The feeds.</param>
    /// <param name="leftOut">Sentences about lines that were left out.</param>
    public static void Write(CliConsole console, IReadOnlyList<FeedRow> feeds, IReadOnlyList<string> leftOut)
    {
        var today = DateOnly.FromDateTime(console.Time.GetUtcNow().UtcDateTime);
        // Where it is narrow the age tells the date.
        var listing = new Listing(
            new Column("FEED"), new Column("AGE"), new Column("RECORDS") { IsNumber = true }, new Column("LAST READ WELL") { Below = read => $"read well {read}" },
            new Column("DATE") { Below = _ => "" }, new Column("MODEL") { Below = model => model == "-" ? "" : $"model {model}" });
        foreach (var feed in feeds)
        {
            listing.Add([
                feed.Feed, feed.Records == 0 ? "not in force" : TextLines.Age(feed.ContentDate, today), feed.Records.ToString(CultureInfo.InvariantCulture),
                feed.LastSuccessUtc is { } at ? TextLines.Instant(at) : "never", feed.ContentDate?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "-", feed.Version ?? "-",
            ]);
        }
        listing.Write(console, $"No feed is in force. Import some: {Launcher.Name} feeds import DIR");
        foreach (var feed in feeds.Where(feed => feed is { Problem: not null, IsUnreachable: false }))
        {
            TextLines.Paragraph(console, TextLines.Plain($"refused: {Named(feed)}"));
        }
        var unreachable = feeds.Where(feed => feed is { Problem: not null, IsUnreachable: true }).ToList();
        foreach (var reason in unreachable.GroupBy(feed => WithoutHost(feed.Problem!), StringComparer.Ordinal))
        {
            TextLines.Paragraph(console, TextLines.Plain($"{string.Join(", ", reason.Select(feed => feed.Feed))}: {reason.Key}"));
        }
        if (unreachable.Count > 0)
        {
            TextLines.Line(console, $"To read feeds from files: {Launcher.Name} feeds import DIR");
        }
        foreach (var sentence in leftOut)
        {
            TextLines.Paragraph(console, TextLines.Plain(sentence));
        }
    }

    private static string Named(FeedRow feed) => feed.Problem!.StartsWith(feed.Feed, StringComparison.Ordinal) ? feed.Problem : $"{feed.Feed}: {feed.Problem}";

    // The host stands in parentheses at the end; feeds that fail for one reason share a line.
    private static string WithoutHost(string problem) => problem.EndsWith(')') && problem.LastIndexOf(" (", StringComparison.Ordinal) is > 0 and var at ? problem[..at] : problem;
}
