using System.Globalization;
using Spectre.Console;
using Suture.Contracts.Api;

namespace Suture.Cli.Rendering;

/// <summary>A scan for people: fixes by risk first, then what is unknown, then how old the feeds are.</summary>
internal static class ScanText
{
    /// <summary>Fixes shown; the rest is counted and stands in <c>--json</c>.</summary>
    public const int FixesMax = 40;

    /// <summary>Unknown items shown; the rest is counted and stands in <c>--json</c>.</summary>
    public const int UnknownMax = 15;

    public static void Write(CliConsole console, ScanReport report) => TextTables.Page(console, renderer => Write(renderer, report));

    private static void Write(IAnsiConsole renderer, ScanReport report)
    {
        var fixes = ScanFix.Group(report.Findings);
        WriteHead(renderer, report, fixes);
        if (fixes.Count > 0)
        {
            WriteFixes(renderer, fixes);
        }
        WriteUnknown(renderer, report.Unknown);
        if (report.RemovableKernels.Count > 0)
        {
            TextTables.Line(renderer, $"\nOld kernels that do not run and can be removed: {string.Join(", ", report.RemovableKernels.Select(k => k.Package))}");
        }
        WriteFeeds(renderer, report);
    }

    private static void WriteHead(IAnsiConsole renderer, ScanReport report, IReadOnlyList<ScanFix> fixes)
    {
        var system = report.Asset.OperatingSystem?.PrettyName ?? "system not known";
        var packages = report.Asset.Packages is { } count ? TextTables.Count(count, "package", "packages") : "packages not known";
        TextTables.Line(renderer, string.Create(CultureInfo.InvariantCulture,
            $"{report.Asset.Name} ({report.Asset.Root}), {system}, {packages}, {report.Asset.TakenUtc.UtcDateTime:yyyy-MM-dd HH:mm} UTC"));
        if (fixes.Count == 0)
        {
            TextTables.Line(renderer, report.Unknown.Count == 0 ? "\nNo findings." : "\nNo findings in what could be judged; see below what could not.");
            return;
        }
        var cves = report.Findings.Where(f => !f.IsUnrated).Select(f => f.Vulnerability).Distinct(StringComparer.Ordinal).Count();
        var critical = report.Findings.Where(f => f.Risk is { IsCritical: true }).Select(f => f.Vulnerability).Distinct(StringComparer.Ordinal).Count();
        TextTables.Line(renderer, string.Create(CultureInfo.InvariantCulture,
            $"\n{TextTables.Count(fixes.Count, "fix closes", "fixes close")} {TextTables.Count(report.Findings.Count, "finding", "findings")} of {TextTables.Count(cves, "CVE", "CVEs")}, {critical} critical; highest risk first\n"));
    }

    private static void WriteFixes(IAnsiConsole renderer, IReadOnlyList<ScanFix> fixes)
    {
        var table = TextTables.Create(("RISK/DAY", true), ("FIX AND WHY", false), ("CLOSES", false), ("DUE", false));
        foreach (var column in (int[])[2, 3])
        {
            table.Columns[column].NoWrap();
        }
        foreach (var fix in fixes.Take(FixesMax))
        {
            table.AddRow(new Text(TextTables.Risk(fix.PerDay), Colour(fix)), new Text($"{TextTables.Plain(fix.What)}\n{TextTables.Plain(fix.Why)}"), new Text(fix.Closes), new Text(fix.Due));
        }
        renderer.Write(table);
        if (fixes.Count > FixesMax)
        {
            TextTables.Line(renderer, $"and {TextTables.Count(fixes.Count - FixesMax, "fix", "fixes")} of lower risk; --json shows all");
        }
        if (fixes.Any(fix => fix.IsDueAssumed))
        {
            TextTables.Line(renderer, "~ the date rests on a fact that is not known and was assumed");
        }
    }

    private static void WriteUnknown(IAnsiConsole renderer, IReadOnlyList<UnknownItem> unknown)
    {
        if (unknown.Count == 0)
        {
            return;
        }
        TextTables.Line(renderer, $"\nNot known ({unknown.Count.ToString(CultureInfo.InvariantCulture)})");
        var table = new Table { Border = TableBorder.None, ShowHeaders = false };
        table.AddColumn(new TableColumn("") { Padding = new Padding(2, 0, 2, 0) });
        table.AddColumn(new TableColumn("") { Padding = new Padding(0, 0, 0, 0) });
        foreach (var item in unknown.Take(UnknownMax))
        {
            table.AddRow(new Text(TextTables.Plain(item.Subject)), new Text(TextTables.Plain(item.Reason)));
        }
        renderer.Write(table);
        if (unknown.Count > UnknownMax)
        {
            TextTables.Line(renderer, $"  and {(unknown.Count - UnknownMax).ToString(CultureInfo.InvariantCulture)} more; --json shows all");
        }
    }

    private static void WriteFeeds(IAnsiConsole renderer, ScanReport report)
    {
        var today = DateOnly.FromDateTime(report.Asset.TakenUtc.UtcDateTime);
        var feeds = report.Feeds.Select(feed => string.Create(CultureInfo.InvariantCulture,
            $"{feed.Feed} {(feed.Version is null ? "" : feed.Version + " ")}{feed.ContentDate?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "not dated"} ({TextTables.Age(feed.ContentDate, today)})"));
        TextTables.Line(renderer, report.Feeds.Count > 0 ? $"\nFeeds: {string.Join(", ", feeds)}" : "\nFeeds: none in force. Import some with 'suture feeds import DIR'.");
    }

    private static Style Colour(ScanFix fix) => fix.IsCritical ? new Style(Color.Red) : Style.Plain;
}
