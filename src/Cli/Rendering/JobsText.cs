using Suture.Contracts.Api;
using Suture.Contracts.Jobs;

namespace Suture.Cli.Rendering;

/// <summary>Jobs for people.</summary>
internal static class JobsText
{
    public static void Write(CliConsole console, IReadOnlyList<JobRow> rows)
    {
        var listing = new Listing(new Column("MADE"), new Column("STATE"), new Column("ASSET"), new Column("PLAN") { Below = plan => plan == "-" ? "" : $"plan {plan}" });
        foreach (var row in rows)
        {
            listing.Add([TextLines.Instant(row.CreatedUtc), State(row.State), row.AssetName, row.Plan?.ToString() ?? "-"], [row.Title, row.Evidence ?? Said(row)]);
        }
        listing.Write(console, "No job.");
    }

    internal static string State(JobState state) => state == JobState.PendingEffect ? "pending effect" : state.ToString().ToLowerInvariant();

    private static string? Said(JobRow job) => job.Result switch
    {
        null => job.LeasedUtc is { } at ? $"taken by the agent {TextLines.Instant(at)}" : null,
        { Outcome: JobOutcome.Done or JobOutcome.AlreadySo } => "the agent says it is done; no fresh report proves it yet",
        var result => result.Detail ?? result.Reason,
    };
}
