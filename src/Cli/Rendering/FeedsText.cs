using System.Globalization;
using Spectre.Console;
using Suture.Contracts.Api;

namespace Suture.Cli.Rendering;

/// <summary>Feeds for people.</summary>
internal static class FeedsText
{
    /// <summary>Prints feeds with their ages, what was refused and what was left out.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="feeds">The feeds.</param>
    /// <param name="leftOut">Sentences about lines that were left out.</param>
    /// <param name="whose">Whose feeds they are, as a heading; null for none.</param>
    public static void Write(CliConsole console, IReadOnlyList<FeedRow> feeds, IReadOnlyList<string> leftOut, string? whose = null) =>
        TextTables.Page(console, renderer =>
        {
            if (whose is not null)
            {
                TextTables.Line(renderer, whose);
            }
            Write(renderer, feeds, leftOut, DateOnly.FromDateTime(console.Time.GetUtcNow().UtcDateTime));
        });

    private static void Write(IAnsiConsole renderer, IReadOnlyList<FeedRow> feeds, IReadOnlyList<string> leftOut, DateOnly today)
    {
        var table = TextTables.Create(("FEED", false), ("DATE", false), ("AGE", false), ("RECORDS", true), ("MODEL", false), ("LAST READ WELL", false));
        foreach (var feed in feeds)
        {
            table.AddRow(new Text(feed.Feed), new Text(feed.ContentDate?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "-"),
                new Text(TextTables.Age(feed.ContentDate, today)), new Text(feed.Records.ToString(CultureInfo.InvariantCulture)), new Text(feed.Version ?? "-"),
                new Text(feed.LastSuccessUtc?.UtcDateTime.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture) ?? "never"));
        }
        renderer.Write(table);
        foreach (var feed in feeds.Where(f => f.Problem is not null))
        {
            TextTables.Line(renderer, $"refused: {TextTables.Plain(feed.Problem!)}");
        }
        foreach (var sentence in leftOut)
        {
            TextTables.Line(renderer, TextTables.Plain(sentence));
        }
    }
}
