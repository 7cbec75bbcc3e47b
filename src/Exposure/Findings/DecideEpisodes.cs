using System.Globalization;
using Suture.Contracts.Api;
using Suture.Inventory;
using Suture.Knowledge.Feeds;

namespace Suture.Exposure.Findings;

/// <summary>What is looked at when an asset's episodes are decided.</summary>
internal sealed record EpisodeInput
{
    public required Guid AssetId { get; init; }

    public required AssetFacts Facts { get; init; }

    /// <summary>Open findings by <see cref="Facts"/> and <see cref="Feeds"/>, ranked.</summary>
    public required IReadOnlyList<Finding> Findings { get; init; }

    public required IReadOnlyList<Episode> Open { get; init; }

    public required FeedSnapshot Feeds { get; init; }

    public required DateTimeOffset Now { get; init; }
}

/// <summary>What becomes of an asset's episodes. Episodes that stay as they are, are in none of the lists.</summary>
/// <param name="Opened">New ones.</param>
/// <param name="Changed">Open before and after, with another status, fixed version, packages or deadline.</param>
/// <param name="Closed">Ended, each with its reason.</param>
internal sealed record EpisodeDecision(IReadOnlyList<Episode> Opened, IReadOnlyList<Episode> Changed, IReadOnlyList<Episode> Closed);

/// <summary>Opens, continues and ends the episodes of one asset. Pure.</summary>
/// <remarks>
/// 1. A finding without an open episode opens one at the instant of detection; one of the same source and vulnerability that was open under another release
///    (the machine was upgraded to it) hands its start on, so that the clock does not begin again.
/// 2. A finding with an open episode continues it, whatever affected version is installed now.
/// 3. An open episode without a finding ends only by knowledge (<see cref="EndEpisode"/>); what cannot be known leaves it as it is.
/// Source: glossary, "episode"; design decisions 2 to 4.
/// </remarks>
internal static class DecideEpisodes
{
    private const string DayFormat = "yyyy-MM-dd";

    internal static EpisodeDecision Decide(EpisodeInput input)
    {
        var release = input.Facts.Release;
        var open = input.Open.ToDictionary(episode => episode.Key);
        var found = release is null
            ? []
            : input.Findings.GroupBy(finding => new EpisodeKey(release, finding.Source, finding.Vulnerability)).ToDictionary(group => group.Key, group => group.ToList());
        var opened = new List<Episode>();
        var changed = new List<Episode>();
        var closed = new List<Episode>();
        foreach (var (key, findings) in found)
        {
            if (!open.TryGetValue(key, out var episode))
            {
                if (findings.Any(finding => finding.Status != FindingStatus.Unknown))
                {
                    opened.Add(Open(key, findings, input));
                }
            }
            else if (Observe(episode, findings, input) is var next && next != episode)
            {
                changed.Add(next);
            }
        }
        foreach (var episode in input.Open.Where(episode => !found.ContainsKey(episode.Key)))
        {
            var next = EndEpisode.Decide(episode, input, found.ContainsKey(episode.Key with { Release = release ?? episode.Release }));
            if (next != episode)
            {
                (next.ClosedUs is null ? changed : closed).Add(next);
            }
        }
        return new EpisodeDecision(opened, changed, closed);
    }

    /// <summary>Ends all episodes of an asset that is gone by a person's word.</summary>
    internal static EpisodeDecision Retire(IReadOnlyList<Episode> open, DateTimeOffset now) =>
        new([], [], [.. open.Select(episode => episode with { ClosedUs = now, ClosedReason = EpisodeEnd.AssetRetired })]);

    private static Episode Open(EpisodeKey key, List<Finding> findings, EpisodeInput input)
    {
        var lowest = findings[0];
        var earlier = input.Open.Where(episode => episode.Source == key.Source && episode.Vulnerability == key.Vulnerability && episode.Release != key.Release)
            .Select(episode => (DateTimeOffset?)episode.DetectedUs).Min();
        var published = lowest.Evidence.Select(evidence => evidence.Published).FirstOrDefault(day => day is not null);
        return Observe(
            new Episode
            {
                Id = Guid.CreateVersion7(input.Now),
                AssetId = input.AssetId,
                Release = key.Release,
                Source = key.Source,
                Vulnerability = key.Vulnerability,
                Packages = "",
                FromVersion = lowest.InstalledVersion,
                FixedVersion = lowest.FixedVersion,
                Status = FindingStatus.Affected,
                PublishedUs = published is { } day ? new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero) : null,
                DetectedUs = earlier ?? input.Now,
                OpenedReport = input.Facts.ReportId,
                Version = 1,
            },
            findings,
            input);
    }

    private static Episode Observe(Episode episode, List<Finding> findings, EpisodeInput input)
    {
        if (findings.TrueForAll(finding => finding.Status == FindingStatus.Unknown))
        {
            return episode;
        }
        var isPending = findings.TrueForAll(finding => finding.Status != FindingStatus.Affected);
        var next = episode with
        {
            Packages = string.Join(',', findings.Select(finding => $"{finding.Package}:{finding.Architecture}").Distinct().Order(StringComparer.Ordinal)),
            FixedVersion = findings[0].FixedVersion,
            Status = isPending ? FindingStatus.PendingEffect : FindingStatus.Affected,
            // Affected again (a downgrade, a higher fixed version): what was installed then was not the fix.
            InstalledUs = isPending ? episode.InstalledUs ?? EndEpisode.Shown(episode, input) : null,
        };
        return findings.Where(finding => finding.Deadline is not null).Aggregate(next, (seen, finding) => Take(seen, finding.Deadline!));
    }

    // A deadline moves earlier, or from assumed to known facts; it never moves later by itself.
    private static Episode Take(Episode episode, Deadline deadline)
    {
        var due = deadline.Due?.ToString(DayFormat, CultureInfo.InvariantCulture);
        var isKnownNow = episode.IsAssumed == 1 && !deadline.IsAssumed;
        var isEarlier = due is not null && (episode.DeadlineDay is null || string.CompareOrdinal(due, episode.DeadlineDay) < 0);
        return episode.DeadlineRule is null || isEarlier || isKnownNow
            ? episode with { DeadlineDay = due, DeadlineRule = deadline.Rule, IsAssumed = deadline.IsAssumed ? 1 : 0 }
            : episode;
    }
}
