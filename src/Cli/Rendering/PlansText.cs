using System.Globalization;
using Suture.Contracts.Api;

namespace Suture.Cli.Rendering;

/// <summary>Plans for people.</summary>
internal static class PlansText
{
    public static void Write(CliConsole console, IReadOnlyList<PlanRow> rows)
    {
        var listing = new Listing(
            new Column("PLAN"), new Column("STATE"), new Column("RISK/DAY") { IsNumber = true }, new Column("FINDINGS") { IsNumber = true },
            new Column("ASSETS") { IsNumber = true, Below = assets => $"assets: {assets}" }, new Column("MADE") { Below = made => $"made {made}" });
        foreach (var row in rows)
        {
            listing.Add(
                [
                    row.Id.ToString(), State(row.State), TextLines.Risk(row.RiskPerDay), row.Findings.ToString(CultureInfo.InvariantCulture),
                    row.Assets.ToString(CultureInfo.InvariantCulture), TextLines.Instant(row.CreatedUtc),
                ],
                [row.Title, row.Reason], [$"by {row.Author} (rule '{row.Rule}')"]);
        }
        listing.Write(console, "No plan.");
    }

    /// <summary>State in words.</summary>
    public static string State(PlanState state) => state switch
    {
        PlanState.WaitingApproval => "waits for approval",
        PlanState.EndedUnverified => "ended, not verified",
        var other => other.ToString().ToLowerInvariant(),
    };
}
