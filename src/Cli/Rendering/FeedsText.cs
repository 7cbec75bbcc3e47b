using System.Globalization;
using Spectre.Console;
using Suture.Contracts.Api;
using Suture.Knowledge.Feeds;

namespace Suture.Cli.Rendering;

/// <summary>Feeds for people.</summary>
internal static class FeedsText
{
    public static void Write(CliConsole console, IReadOnlyList<FeedRow> feeds, IReadOnlyList<FeedFileOutcome> files) =>
        TextTables.Page(console, renderer => Write(renderer, feeds, files, DateOnly.FromDateTime(console.Time.GetUtcNow().UtcDateTime)));

    private static void Write(IAnsiConsole renderer, IReadOnlyList<FeedRow> feeds, IReadOnlyList<FeedFileOutcome> files, DateOnly today)
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
        foreach (var file in files.Where(f => f.SkippedCount > 0))
        {
            var first = file.Skipped[0];
            TextTables.Line(renderer, string.Create(CultureInfo.InvariantCulture,
                $"{TextTables.Plain(file.File.Name)}: {file.SkippedCount} lines left out; the first is line {first.Line}: {TextTables.Plain(first.Reason)}"));
        }
    }
}
