using System.Globalization;
using Suture.Cli.Commands;
using Suture.Contracts.Api;

namespace Suture.Cli.Rendering;

/// <summary>Compliance for people.</summary>
internal static class ComplianceText
{
    public static void Write(CliConsole console, ComplianceLook look)
    {
        var (summary, open) = (look.Summary, look.Summary.Episodes);
        TextLines.Paragraph(console, string.Create(
            CultureInfo.InvariantCulture,
            $"{TextLines.Count(open.Open, "open episode", "open episodes")} ({TextLines.Count(summary.OpenFindings, "finding", "findings")}), {open.Overdue} overdue{(open.OverdueAssumed > 0 ? $" ({open.OverdueAssumed} of them by an assumed fact)" : "")}"));
        TextLines.Paragraph(console, string.Create(
            CultureInfo.InvariantCulture, $"Assets: {summary.Assets.Compliant} compliant, {summary.Assets.Overdue} overdue, {summary.Assets.Unknown} unknown"));
        TextLines.Paragraph(console, Remediation(summary.Remediated));
        TextLines.Line(console, "");
        var listing = new Listing(
            new Column("ASSET"), new Column("STATUS"), new Column("OPEN") { IsNumber = true }, new Column("OVERDUE") { IsNumber = true }, new Column("NEXT DUE"), new Column("RULE") { Below = rule => rule });
        foreach (var asset in look.Assets)
        {
            listing.Add(Cells(asset.Name, asset.Status, asset.Episodes, "all"), [Unknown(asset)]);
            foreach (var rule in asset.Rules)
            {
                listing.Add(Cells("", rule.Status, rule.Episodes, rule.Rule ?? (rule.Kind == RuleKind.Deadline ? "no deadline" : "no rule of the policy")));
            }
        }
        listing.Write(console, "No asset in your scope.");
    }

    private static string Remediation(RemediationFigures figures)
    {
        var since = figures.StartUtc.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var closed = $"{TextLines.Count(figures.Episodes, "episode", "episodes")} closed by remediation since {since}";
        return figures is { DetectionToVerifiedP50Seconds: { } half, DetectionToVerifiedP90Seconds: { } most }
            ? $"{closed}; from detection to verified: half within {Within(half)}, 90 % within {Within(most)}"
            : closed;
    }

    private static string? Unknown(AssetCompliance asset) => asset.Unknown.FirstOrDefault() is not { } first ? null
        : $"not known: {first.Subject}: {first.Reason}{(asset.UnknownItems > 1 ? string.Create(CultureInfo.InvariantCulture, $" And {asset.UnknownItems - 1} more.") : "")}";

    private static IReadOnlyList<string> Cells(string name, ComplianceStatus status, EpisodeCounts episodes, string rule) =>
    [
        name, status.ToString().ToLowerInvariant(), episodes.Open.ToString(CultureInfo.InvariantCulture), episodes.Overdue.ToString(CultureInfo.InvariantCulture),
        episodes.NextDue?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "-", rule,
    ];

    private static string Within(double seconds) => TextLines.Span(TimeSpan.FromSeconds(seconds), isMost: true);
}
