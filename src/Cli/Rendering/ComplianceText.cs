using System.Globalization;
using Suture.Contracts.Api;

namespace Suture.Cli.Rendering;

/// <summary>Compliance for people.</summary>
internal static class ComplianceText
{
    public static void Write(CliConsole console, ComplianceSummary summary)
    {
        TextLines.Paragraph(console, string.Create(
            CultureInfo.InvariantCulture,
            $"{TextLines.Count(summary.Open, "open finding", "open findings")}, {summary.Overdue} overdue{(summary.OverdueAssumed > 0 ? $" ({summary.OverdueAssumed} of them by an assumed fact)" : "")}; {TextLines.Count(summary.Remediated, "episode", "episodes")} closed by remediation"));
        if (summary is { DetectionToVerifiedP50Seconds: { } half, DetectionToVerifiedP90Seconds: { } most })
        {
            TextLines.Paragraph(console, $"From detection to verified: half within {Within(half)}, 90 % within {Within(most)}");
        }
        TextLines.Line(console, "");
        var listing = new Listing(
            new Column("ASSET"), new Column("STATUS"), new Column("OPEN") { IsNumber = true }, new Column("OVERDUE") { IsNumber = true }, new Column("NEXT DUE"), new Column("RULE") { Below = rule => rule });
        foreach (var asset in summary.Assets)
        {
            listing.Add([
                asset.Name, asset.Status, asset.Open.ToString(CultureInfo.InvariantCulture), asset.Overdue.ToString(CultureInfo.InvariantCulture),
                asset.NextDue?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "-", asset.Policy,
            ]);
        }
        listing.Write(console, "No asset in your scope.");
    }

    private static string Within(double seconds) => TextLines.Span(TimeSpan.FromSeconds(seconds), isMost: true);
}
