using System.Globalization;
using Suture.Cli.Commands;
using Suture.Contracts.Api;
using Suture.Knowledge.Risk;

namespace Suture.Cli.Rendering;

/// <summary>One fix for people.</summary>
internal static class FixText
{
    private const int VulnerabilitiesMax = 40;
    private const int AssetsMax = 40;
    private const int Indent = 2;

    public static void Write(CliConsole console, FixLook look)
    {
        var (row, now) = (look.Fix.Fix, console.Time.GetUtcNow());
        TextLines.Paragraph(console, TextLines.Plain($"{row.Title} ({row.Key})"));
        TextLines.Paragraph(console, $"{TextLines.Count(row.Findings, "finding", "findings")}, on assets: {FixesText.Assets(row)}; risk {TextLines.Risk(row.RiskPerDay)} a day{(row.IsCritical ? ", critical" : "")}");
        if (row.Reasons.Count > 0)
        {
            TextLines.Paragraph(console, TextLines.Plain($"why: {string.Join(", ", row.Reasons)}"));
        }
        if (row.Deadline is { } deadline)
        {
            TextLines.Paragraph(console, TextLines.Plain($"due {FixesText.Due(deadline)} by {deadline.Rule}: {deadline.Facts}"));
        }
        TextLines.Paragraph(console, TextLines.Plain($"{FixesText.State(row)}; turn: {FixesText.TurnOf(row, now)}; {FixesText.People(row) ?? "nobody is assigned"}"));
        if (row.Plan is { } plan)
        {
            TextLines.Line(console, $"plan: {Launcher.Name} plan show {plan}");
        }
        WriteAssets(console, look.Fix.Assets);
        WriteVulnerabilities(console, look);
        if (look.Fix.Comments.Count > 0)
        {
            TextLines.Line(console, "");
            WriteComments(console, look.Fix.Comments);
        }
    }

    /// <summary>Prints what was said, oldest first.</summary>
    public static void WriteComments(CliConsole console, IReadOnlyList<Comment> comments)
    {
        TextLines.Line(console, "Comments");
        foreach (var comment in comments)
        {
            TextLines.Line(console, $"  {TextLines.Plain(comment.Author)}, {TextLines.Instant(comment.AtUtc)}");
            comment.Text.Split('\n').ToList().ForEach(line => TextLines.Paragraph(console, TextLines.Plain(line), 2 * Indent));
        }
    }

    private static void WriteAssets(CliConsole console, IReadOnlyList<FixAsset> assets)
    {
        TextLines.Line(console, "\nAssets");
        foreach (var asset in assets.Take(AssetsMax))
        {
            TextLines.Paragraph(console, TextLines.Plain($"{asset.Name} ({asset.Environment}): {string.Join(", ", asset.Actions)}{(asset.Blocked is { } why ? $"; blocked: {why}" : "")}"), Indent);
        }
        More(console, assets.Count - AssetsMax);
    }

    private static void WriteVulnerabilities(CliConsole console, FixLook look)
    {
        TextLines.Line(console, "\nFindings, by vulnerability");
        var listing = new Listing(
            new Column("RISK/DAY") { IsNumber = true }, new Column("VULNERABILITY"), new Column("DUE") { Below = due => due == "-" ? "" : $"due {due}" },
            new Column("ASSETS") { IsNumber = true }, new Column("PACKAGES") { Below = packages => packages });
        var byVulnerability = look.Findings.GroupBy(finding => finding.Vulnerability, StringComparer.Ordinal).ToList();
        foreach (var findings in byVulnerability.Take(VulnerabilitiesMax))
        {
            var first = findings.First();
            listing.Add(
                [
                    TextLines.Risk(findings.GroupBy(finding => finding.Asset).Sum(ofAsset => RiskEngine.Combine(ofAsset).PerDay)), findings.Key, FixesText.Due(first.Deadline),
                    findings.Select(finding => finding.Asset).Distinct().Count().ToString(CultureInfo.InvariantCulture),
                    string.Join(" ", findings.Select(finding => finding.Package).Distinct(StringComparer.Ordinal)),
                ],
                [string.Join(", ", FixReasons.Of(first, null)), .. findings.Select(FindingsText.State).Distinct()], isCritical: first.Risk?.IsCritical == true);
        }
        listing.Write(console, "No finding.");
        More(console, byVulnerability.Count - VulnerabilitiesMax);
        TextLines.Paragraph(console, look.IsWhole
            ? $"The chain of each: {Launcher.Name} explain CVE ASSET"
            : $"Not all findings are read here; {Launcher.Name} findings --source {look.Fix.Fix.Source} --limit N shows them.");
    }

    private static void More(CliConsole console, int more)
    {
        if (more > 0)
        {
            TextLines.Line(console, string.Create(CultureInfo.InvariantCulture, $"  and {more} more; --json shows all"));
        }
    }
}
