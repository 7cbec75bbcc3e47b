using System.Globalization;
using Suture.Contracts.Api;
using Suture.Contracts.Inventory;
using Suture.Knowledge.Feeds;

namespace Suture.Cli.Rendering;

/// <summary>A scan for people: fixes by risk first, then what is unknown, then how old the feeds are.</summary>
internal static class ScanText
{
    /// <summary>Fixes shown; the rest is counted and stands in <c>--json</c>.</summary>
    public const int FixesMax = 40;

    /// <summary>Prints a scan.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="report">The scan.</param>
    /// <param name="state">State of the machine; null when not known.</param>
    public static void Write(CliConsole console, ScanReport report, MachineState? state)
    {
        WriteHead(console, report);
        WriteFixes(console, report, ScanFix.Group(report.Findings, state));
        UnknownText.Write(console, null, report.Unknown);
        if (report.RemovableKernels.Count > 0)
        {
            TextLines.Paragraph(console, $"\nOld kernels that do not run and can be removed: {string.Join(", ", report.RemovableKernels.Select(k => k.Package))}");
        }
        WriteFeeds(console, report);
    }

    private static void WriteHead(CliConsole console, ScanReport report)
    {
        var system = report.Asset.OperatingSystem?.PrettyName ?? "system not known";
        var packages = report.Asset.Packages is { } count ? TextLines.Count(count, "package", "packages") : "packages not known";
        TextLines.Line(console, TextLines.Plain($"{report.Asset.Name} ({report.Asset.Root})"));
        TextLines.Paragraph(console, TextLines.Plain($"{system}, {packages}, {TextLines.Instant(report.Asset.TakenUtc)}"));
        TextLines.Line(console, "");
    }

    private static void WriteFixes(CliConsole console, ScanReport report, IReadOnlyList<ScanFix> fixes)
    {
        if (fixes.Count == 0)
        {
            TextLines.Line(console, report.Unknown.Count == 0 ? "No findings." : "No findings in what could be judged; see below what could not.");
            return;
        }
        // Without feeds there are the machine's own indexes, which name no CVE.
        var isBlind = report.Feeds.All(feed => feed.Feed == FeedNames.DebianArchive) && report.Findings.All(finding => FixRecord.IsUnreadId(finding.Vulnerability));
        if (isBlind)
        {
            WriteBlind(console, fixes.Count);
        }
        else
        {
            WriteOrder(console, report, fixes);
        }
        WriteRows(console, [.. fixes.Take(FixesMax)], isBlind);
        if (fixes.Count > FixesMax)
        {
            TextLines.Line(console, $"and {TextLines.Count(fixes.Count - FixesMax, "fix", "fixes")} of lower risk; --json shows all");
        }
        FixesText.WriteNotes(console, fixes.Any(fix => fix.IsDueAssumed), fixes.Any(fix => fix.IsUnrated));
        if (!isBlind && fixes.Any(fix => fix.IsUnread))
        {
            TextLines.Line(console, "unread: a security update whose changelog is not read yet; which CVEs it closes is not known");
        }
    }

    private static void WriteBlind(CliConsole console, int updates)
    {
        TextLines.Paragraph(
            console,
            $"{TextLines.Count(updates, "security update is missing", "security updates are missing")}; what runs here comes first. Which CVEs they close is not known: without feeds a scan has only "
            + "the machine's own package indexes. To know it:");
        TextLines.Line(console, $"  {Launcher.Name} feeds import DIR    feeds from files\n  {Launcher.Name} up                  reads the changelogs of the Debian archive\n");
    }

    private static void WriteOrder(CliConsole console, ScanReport report, IReadOnlyList<ScanFix> fixes)
    {
        TextLines.Paragraph(console, Sum(report, fixes));
        TextLines.Paragraph(console, RankingText.Meaning([.. fixes.Select(fix => fix.PerDay)]));
        TextLines.Paragraph(console, RankingText.Order(report.Feeds.Select(feed => new RankingFeed(feed.Feed, feed.ContentDate)), Today(report)));
        TextLines.Line(console, "");
    }

    private static void WriteRows(CliConsole console, IReadOnlyList<ScanFix> fixes, bool isBlind)
    {
        List<(Column Column, Func<ScanFix, string> Cell)> columns =
        [
            (new Column("RISK/DAY") { IsNumber = true }, fix => TextLines.Risk(fix.PerDay)),
            (new Column("FIX"), fix => fix.What),
            (new Column("CLOSES"), fix => fix.Closes),
            (new Column("DUE") { Below = due => due == "-" ? "" : $"due {due}" }, fix => fix.Due),
            (new Column("RUNS") { Below = runs => $"runs: {runs}" }, fix => fix.IsInUse switch { true => "yes", false => "no", null => "?" }),
        ];
        if (isBlind)
        {
            columns.RemoveAll(pair => pair.Column.Heading is "CLOSES" or "DUE");
        }
        var listing = new Listing([.. columns.Select(pair => pair.Column)]);
        foreach (var fix in fixes)
        {
            listing.Add([.. columns.Select(pair => pair.Cell(fix))], [fix.Why], isCritical: fix.IsCritical);
        }
        listing.Write(console, "");
    }

    private static string Sum(ScanReport report, IReadOnlyList<ScanFix> fixes)
    {
        var cves = report.Findings.Select(f => f.Vulnerability).Where(FixRecord.NamesCve).Distinct(StringComparer.Ordinal).Count();
        var critical = report.Findings.Where(f => f.Risk is { IsCritical: true }).Select(f => f.Vulnerability).Distinct(StringComparer.Ordinal).Count();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{TextLines.Count(fixes.Count, "fix closes", "fixes close")} {TextLines.Count(report.Findings.Count, "finding", "findings")} of {TextLines.Count(cves, "CVE", "CVEs")}, {critical} critical; highest risk first.");
    }

    private static void WriteFeeds(CliConsole console, ScanReport report)
    {
        var feeds = report.Feeds.Select(feed => string.Create(
            CultureInfo.InvariantCulture,
            $"{feed.Feed} {(feed.Version is null ? "" : feed.Version + " ")}{feed.ContentDate?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "not dated"} ({TextLines.Age(feed.ContentDate, Today(report))})"));
        TextLines.Paragraph(console, report.Feeds.Count > 0 ? $"\nFeeds: {string.Join(", ", feeds)}" : $"\nFeeds: none in force. Import some: {Launcher.Name} feeds import DIR");
    }

    private static DateOnly Today(ScanReport report) => DateOnly.FromDateTime(report.Asset.TakenUtc.UtcDateTime);
}
