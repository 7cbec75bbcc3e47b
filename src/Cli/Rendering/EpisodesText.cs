using Suture.Contracts.Api;

namespace Suture.Cli.Rendering;

/// <summary>Episodes for people: each clock as the time since detection.</summary>
internal static class EpisodesText
{
    /// <summary>Prints episodes.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="rows">Episodes.</param>
    /// <param name="names">Names of assets; one that has none here is shown by its id.</param>
    public static void Write(CliConsole console, IReadOnlyList<EpisodeRow> rows, IReadOnlyDictionary<Guid, string> names)
    {
        var listing = new Listing(
            new Column("DETECTED"), new Column("VULNERABILITY"), new Column("RELEASE/SOURCE"), new Column("END"), new Column("ASSET") { Below = asset => $"asset {asset}" });
        foreach (var row in rows)
        {
            listing.Add(
                [
                    TextLines.Instant(row.DetectedUtc), row.Vulnerability, $"{row.Release}/{row.Source}", row.ClosedReason?.Replace('_', ' ') ?? "open", names.GetValueOrDefault(row.Asset, row.Asset.ToString()),
                ],
                [.. Clocks(row)]);
        }
        listing.Write(console, "No episode.");
    }

    private static IEnumerable<string> Clocks(EpisodeRow row)
    {
        if (row.PublishedUtc is { } published)
        {
            yield return $"published {TextLines.Instant(published)[..10]}";
        }
        (string Name, DateTimeOffset? At)[] clocks =
        [
            ("planned", row.PlannedUtc), ("approved", row.ApprovedUtc), ("dispatched", row.DispatchedUtc), ("installed", row.InstalledUtc), ("verified", row.VerifiedUtc), ("closed", row.ClosedUtc),
        ];
        foreach (var (name, at) in clocks)
        {
            if (at is { } instant)
            {
                yield return $"{name} after {TextLines.Span(instant - row.DetectedUtc)}";
            }
        }
    }
}
