using Suture.Contracts.Api;
using Suture.Exposure.Findings;
using Suture.Inventory;
using Suture.Knowledge.Feeds;
using Suture.Knowledge.Risk;

namespace Suture.Exposure.Ranking;

/// <summary>Ranks one asset's findings with what is known of the asset. Pure.</summary>
internal static class RankFindings
{
    /// <summary>The findings with risk and deadline, highest risk first; ties by vulnerability, package, architecture.</summary>
    /// <param name="findings">Unranked or ranked; earlier risk and deadline are replaced.</param>
    /// <param name="asset">The asset with its context.</param>
    /// <param name="facts">Its last report.</param>
    /// <param name="feeds">Intelligence.</param>
    /// <param name="detected">Instants of detection by episode; absent ones were detected now.</param>
    /// <param name="now">Instant.</param>
    internal static IReadOnlyList<Finding> Rank(
        IEnumerable<Finding> findings, AssetRecord asset, AssetFacts facts, FeedSnapshot feeds, IReadOnlyDictionary<EpisodeKey, DateTimeOffset> detected, DateTimeOffset now)
    {
        var activity = new PackageActivity(facts.State);
        var common = Context(asset, now);
        return [.. findings
            .Select(finding =>
            {
                var since = facts.Release is { } release && detected.TryGetValue(new EpisodeKey(release, finding.Source, finding.Vulnerability), out var instant) ? instant : now;
                var context = activity.Apply(common with { DetectedOn = DateOnly.FromDateTime(since.UtcDateTime) }, finding);
                var ranking = RiskEngine.Rank(feeds.Find(finding.Vulnerability), !FixRecord.NamesCve(finding.Vulnerability), context);
                return finding with { Risk = ranking.Risk, Deadline = ranking.Deadline };
            })
            .OrderBy(finding => finding, FindingOrder.ByRisk)];
    }

    private static RankContext Context(AssetRecord asset, DateTimeOffset now) => new()
    {
        Environment = asset.Environment,
        Criticality = AssetContext.Criticality(asset),
        Sensitivity = AssetContext.Sensitivity(asset),
        IsInternetFacing = AssetContext.IsInternetFacing(asset),
        AsOf = DateOnly.FromDateTime(now.UtcDateTime),
    };
}
