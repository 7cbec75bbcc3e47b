using Suture.Contracts.Api;

namespace Suture.Cli.Rendering;

/// <summary>Failed work of the server for people.</summary>
internal static class WorkText
{
    public static void Write(CliConsole console, IReadOnlyList<WorkRow> rows)
    {
        var listing = new Listing(
            new Column("WORK"), new Column("KIND"), new Column("LAST TRIED") { Below = tried => $"last tried {tried}" }, new Column("ABOUT") { Below = subject => $"about {subject}" });
        foreach (var row in rows)
        {
            listing.Add([row.Id.ToString(), row.Kind, TextLines.Instant(row.LastTriedUtc), row.Subject], [$"{TextLines.Count(row.Attempts, "try", "tries")}: {row.Error ?? "why is not known"}"]);
        }
        listing.Write(console, "No work has failed.");
        if (rows.Count > 0)
        {
            TextLines.Line(console, $"Try one again: {Launcher.Name} work retry ID");
        }
    }
}
