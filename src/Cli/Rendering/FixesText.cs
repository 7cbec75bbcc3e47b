using System.Globalization;
using Suture.Cli.Commands;
using Suture.Contracts.Api;

namespace Suture.Cli.Rendering;

/// <summary>The queue of fixes for people: what it rests on, one line a fix, and below a line what is said of that fix alone.</summary>
internal static class FixesText
{
    /// <summary>Prints the queue.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="queue">Fixes read, with the server's feeds.</param>
    /// <param name="most">Fixes to show.</param>
    /// <param name="isWhole">True when it is the whole queue, not a part that was asked for.</param>
    public static void Write(CliConsole console, FixQueue queue, int most, bool isWhole)
    {
        var today = DateOnly.FromDateTime(console.Time.GetUtcNow().UtcDateTime);
        var shared = queue.Items.Count > 1 ? SharedWords.Of(queue.Items, console.Time.GetUtcNow()) : SharedWords.None;
        if (queue.Items.Count > 0)
        {
            TextLines.Paragraph(console, Sum(queue));
            TextLines.Paragraph(console, RankingText.Meaning([.. queue.Items.Select(row => row.RiskPerDay)]));
            TextLines.Paragraph(console, RankingText.Order((queue.Feeds ?? []).Where(feed => feed.Records > 0).Select(feed => new RankingFeed(feed.Feed, feed.ContentDate)), today));
            if (shared.Sentences.Count > 0)
            {
                TextLines.Paragraph(console, string.Join(' ', shared.Sentences));
            }
            TextLines.Line(console, "");
        }
        WriteRows(console, [.. queue.Items.Take(most)], shared);
        var all = queue.Total ?? queue.Items.Count;
        if (all > most)
        {
            var limit = string.Create(CultureInfo.InvariantCulture, $"--limit {Math.Min(all, Server.ApiClient.RowsMax)}");
            TextLines.Line(console, string.Create(CultureInfo.InvariantCulture, $"and {all - most} more{(isWhole ? $": {Launcher.Name} fixes {limit}" : $"; {limit} shows them")}"));
        }
        WriteNotes(console, queue.Items.Take(most).Any(row => row.Deadline is { IsAssumed: true, Due: not null }), queue.Items.Take(most).Any(row => row.IsUnrated));
        foreach (var asset in queue.Unknown ?? [])
        {
            UnknownText.Write(console, asset.Name, asset.Items);
        }
        if (queue.Unknown is not null)
        {
            TextLines.Line(console, "");
            FeedsText.Write(console, queue.Feeds ?? [], []);
        }
    }

    /// <summary>Who shall see to a fix; null when nobody is assigned.</summary>
    public static string? People(FixRow row) => (row.Team, row.Person) switch
    {
        (null, null) => null,
        ({ } team, null) => $"team {team}",
        (null, { } person) => person,
        var (team, person) => $"team {team}, {person}",
    };

    /// <summary>State of the work in words; one that is not known here reads as the server writes it.</summary>
    public static string State(FixRow row) => row.State == "waiting_approval" ? "waits for approval" : row.State.Replace('_', ' ');

    /// <summary>Whose turn it is and for how long, <c>approver, 3 h</c>.</summary>
    public static string TurnOf(FixRow row, DateTimeOffset now) => $"{row.Turn}, {TextLines.Span(now - row.TurnSinceUtc)}";

    /// <summary>What a fix closes, <c>CVE-2026-0001</c>, <c>12 CVEs + unrated</c>.</summary>
    public static string Closes(IReadOnlyList<string> vulnerabilities, bool isUnrated)
    {
        var cves = vulnerabilities switch
        {
            [] => null,
            [var one] => one,
            var many => TextLines.Count(many.Count, "CVE", "CVEs"),
        };
        return cves is null ? "unrated" : isUnrated ? $"{cves} + unrated" : cves;
    }

    /// <summary>The day it is due; a tilde marks one that rests on an assumed fact.</summary>
    public static string Due(Deadline? deadline) => deadline is null ? "-"
        : deadline.Due is { } due ? due.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) + (deadline.IsAssumed ? "~" : "")
        : "next upgrade";

    /// <summary>Assets by environment, <c>2 production, 1 staging</c>.</summary>
    public static string Assets(FixRow row) => string.Join(", ", row.Assets.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Value} {pair.Key}")));

    private static string Sum(FixQueue queue)
    {
        var rows = queue.Items;
        var which = queue.Total > rows.Count
            ? string.Create(CultureInfo.InvariantCulture, $"The {rows.Count} riskiest of {queue.Total} fixes close")
            : TextLines.Count(rows.Count, "fix closes", "fixes close");
        var cves = rows.SelectMany(row => row.Vulnerabilities).Distinct(StringComparer.Ordinal).Count();
        var unrated = rows.Count(row => row.IsUnrated);
        var also = unrated == 0 ? "" : " and " + TextLines.Count(unrated, "security update that names no CVE", "security updates that name no CVE");
        return $"{which} {TextLines.Count(rows.Sum(row => row.Findings), "finding", "findings")} of {TextLines.Count(cves, "CVE", "CVEs")}{also}; highest risk first.";
    }

    private static void WriteRows(CliConsole console, IReadOnlyList<FixRow> rows, SharedWords shared)
    {
        var now = console.Time.GetUtcNow();
        List<(Column Column, Func<FixRow, string> Cell)> columns =
        [
            (new Column("RISK/DAY") { IsNumber = true }, row => TextLines.Risk(row.RiskPerDay)),
            (new Column("FIX (RELEASE/SOURCE/VERSION)"), row => row.Key),
            (new Column("CLOSES"), row => Closes(row.Vulnerabilities, row.IsUnrated)),
        ];
        if (!shared.HasDue)
        {
            columns.Add((new Column("DUE") { Below = due => due == "-" ? "" : $"due {due}" }, row => Due(row.Deadline)));
        }
        if (!shared.HasAssets)
        {
            columns.Add((new Column("ASSETS") { Below = assets => assets }, Assets));
        }
        if (!shared.HasState)
        {
            columns.Add((new Column("STATE") { Below = state => state }, State));
            columns.Add((new Column("TURN") { Below = turn => $"turn: {turn}" }, row => TurnOf(row, now)));
        }
        var listing = new Listing([.. columns.Select(pair => pair.Column)]);
        foreach (var row in rows)
        {
            listing.Add([.. columns.Select(pair => pair.Cell(row))], Why(row), Details(row, shared), row.IsCritical);
        }
        listing.Write(console, "No fix is open.");
    }

    private static List<string?> Why(FixRow row) => [row.Key.EndsWith("/effect", StringComparison.Ordinal) ? row.Title : null, string.Join(", ", row.Reasons)];

    private static List<string?> Details(FixRow row, SharedWords shared) =>
    [
        shared.HasState || row.Blocked is null ? null : $"because {row.Blocked}",
        row.PatchReady == false ? "its index does not offer it yet" : null,
        People(row) is { } people ? $"assigned to {people}" : null,
        row.State == "waiting_approval" && row.Plan is { } plan ? $"plan {plan}" : null,
    ];

    /// <summary>Says what the signs in a table of fixes mean.</summary>
    public static void WriteNotes(CliConsole console, bool isDueAssumed, bool isUnrated)
    {
        if (isDueAssumed)
        {
            TextLines.Line(console, "~ the date rests on a fact that is not known and was assumed");
        }
        if (isUnrated)
        {
            TextLines.Line(console, "unrated: a security update that names no CVE");
        }
    }
}
