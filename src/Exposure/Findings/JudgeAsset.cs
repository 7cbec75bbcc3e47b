using Suture.Exposure.Ranking;
using Suture.Inventory;
using Suture.Knowledge.Feeds;
using Suture.Knowledge.Matching;

namespace Suture.Exposure.Findings;

/// <summary>Matches and ranks one asset. Pure.</summary>
internal static class JudgeAsset
{
    /// <summary>The asset's exposure by a report, with its past as the open episodes tell it.</summary>
    /// <param name="asset">The asset.</param>
    /// <param name="facts">Its last report.</param>
    /// <param name="open">Its open episodes.</param>
    /// <param name="feeds">Feeds in force.</param>
    /// <param name="now">Instant.</param>
    internal static AssetExposure Judge(AssetRecord asset, AssetFacts facts, IReadOnlyList<Episode> open, FeedSnapshot feeds, DateTimeOffset now) =>
        Judge(asset, facts, OpenFindings(open, facts.Release), Detected(open), feeds, now);

    /// <summary>The exposure once more by the same report and other feeds.</summary>
    /// <param name="known">The exposure as it is known.</param>
    /// <param name="feeds">Feeds in force.</param>
    /// <param name="now">Instant.</param>
    internal static AssetExposure Again(AssetExposure known, FeedSnapshot feeds, DateTimeOffset now) =>
        Judge(known.Asset, known.ToFacts(), [.. known.Findings.Select(OpenFinding.From)], known.DetectedUtc, feeds, now);

    /// <summary>The exposure with the same findings, ranked by other feeds. Right only when no source of the asset has other fixes than before.</summary>
    /// <param name="known">The exposure as it is known.</param>
    /// <param name="feeds">Feeds in force.</param>
    /// <param name="now">Instant.</param>
    internal static AssetExposure RankAgain(AssetExposure known, FeedSnapshot feeds, DateTimeOffset now)
    {
        var dates = feeds.Feeds.ToDictionary(feed => feed.Feed, feed => feed.ContentDate);
        var findings = known.Findings.Select(finding => finding with
        {
            Evidence = [.. finding.Evidence.Select(evidence => dates.TryGetValue(evidence.Feed, out var date) ? evidence with { FeedDate = date } : evidence)],
        });
        return known with
        {
            MatchedUtc = now,
            FeedsDigest = feeds.Digest,
            Findings = RankFindings.Rank(findings, known.Asset, known.ToFacts(), feeds, known.DetectedUtc, now),
        };
    }

    private static AssetExposure Judge(
        AssetRecord asset, AssetFacts facts, IReadOnlyList<OpenFinding> open, IReadOnlyDictionary<EpisodeKey, DateTimeOffset> detected, FeedSnapshot feeds, DateTimeOffset now)
    {
        var packages = OriginByFeeds.Resolve(facts.Packages, facts.State, facts.Release, feeds);
        var match = Matcher.Match(
            new MatchInput { Release = facts.Release, Packages = packages, State = facts.State, PreviouslyOpen = open, UseOwnIndexes = true }, feeds);
        return new AssetExposure
        {
            Asset = asset,
            ReportId = facts.ReportId,
            BootId = facts.BootId,
            TakenUtc = facts.TakenUtc,
            ReceivedUtc = facts.ReceivedUtc,
            AfterJob = facts.AfterJob,
            MatchedUtc = now,
            FeedsDigest = feeds.Digest,
            Release = facts.Release,
            Findings = RankFindings.Rank(match.Findings, asset, facts, feeds, detected, now),
            Unknown = match.Unknown,
            Packages = packages,
            State = facts.State,
            DetectedUtc = detected,
        };
    }

    internal static IReadOnlyDictionary<EpisodeKey, DateTimeOffset> Detected(IEnumerable<Episode> open) =>
        open.ToDictionary(episode => episode.Key, episode => episode.DetectedUs);

    private static List<OpenFinding> OpenFindings(IReadOnlyList<Episode> open, string? release) =>
        [.. open.Where(episode => release is null || episode.Release == release).SelectMany(episode => episode.PackageList.Select(package =>
            new OpenFinding(episode.Vulnerability, episode.Source, package.Name, package.Architecture, episode.FromVersion, episode.FixedVersion)))];
}
