using System.Globalization;
using Suture.Contracts.Api;
using Suture.Exposure.Api;
using Suture.Exposure.Findings;

namespace Suture.Exposure.Explaining;

/// <summary>The clocks of an episode in words.</summary>
internal static class EpisodeSteps
{
    internal static ExplanationStep Of(Episode episode)
    {
        var clocks = new List<string> { $"detected {At(episode.DetectedUs)}" };
        Add(clocks, "planned", episode.PlannedUs);
        Add(clocks, "approved", episode.ApprovedUs);
        Add(clocks, "dispatched", episode.DispatchedUs);
        Add(clocks, "installed", episode.InstalledUs);
        Add(clocks, "verified", episode.VerifiedUs);
        clocks.Add(episode.ClosedUs is { } closed ? $"closed {At(closed)}: {EpisodesApi.Word(episode.ClosedReason!.Value)}" : "open");
        var deadline = episode.DeadlineDay is { } day ? $"; due {day} by {episode.DeadlineRule}{(episode.IsAssumed == 1 ? " (assumed)" : "")}" : "";
        return new ExplanationStep
        {
            Stage = Steps.Episode,
            Text = $"{episode.Source} in {episode.Release}, from {episode.FromVersion}{(episode.ToVersion is { } to ? $" to {to}" : "")}: {string.Join(", ", clocks)}{deadline}",
            Source = episode.ClosedReport is { } report ? $"report {report}" : episode.OpenedReport is { } opened ? $"report {opened}" : null,
        };
    }

    private static void Add(List<string> clocks, string name, DateTimeOffset? at)
    {
        if (at is { } instant)
        {
            clocks.Add($"{name} {At(instant)}");
        }
    }

    private static string At(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
