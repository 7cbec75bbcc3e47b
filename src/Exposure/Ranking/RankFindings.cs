using Suture.Contracts.Api;
using Suture.Contracts.Inventory;
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
        var listening = new ListeningPackages(facts);
        var common = Context(asset, now);
        return [.. findings
            .Select(finding =>
            {
                var since = facts.Release is { } release && detected.TryGetValue(new EpisodeKey(release, finding.Source, finding.Vulnerability), out var instant) ? instant : now;
                var context = common with
                {
                    IsInUse = IsInUse(finding, facts.State),
                    IsListening = listening.IsListening(finding),
                    DetectedOn = DateOnly.FromDateTime(since.UtcDateTime),
                };
                var ranking = RiskEngine.Rank(feeds.Find(finding.Vulnerability), finding.IsUnrated, context);
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

    private static bool? IsInUse(Finding finding, MachineState state) =>
        state.RunningKernel?.Package == finding.Package ? true : state.PackagesInUse?.Contains(finding.Package, StringComparer.Ordinal);
}

/// <summary>Which packages of a machine listen beyond loopback.</summary>
internal sealed class ListeningPackages
{
    private readonly bool _isKnown;
    private readonly HashSet<string> _sources;
    private readonly HashSet<string>? _inUse;

    internal ListeningPackages(AssetFacts facts)
    {
        _isKnown = facts.State.Listening is not null;
        _inUse = facts.State.PackagesInUse?.ToHashSet(StringComparer.Ordinal);
        var names = (facts.State.Listening ?? []).Where(socket => !socket.IsLoopbackOnly && socket.Package is not null).Select(socket => socket.Package!).ToHashSet(StringComparer.Ordinal);
        IsAnyoneListening = (facts.State.Listening ?? []).Any(socket => !socket.IsLoopbackOnly);
        _sources = (facts.Packages ?? []).Where(package => names.Contains(package.Name)).Select(package => package.Source).ToHashSet(StringComparer.Ordinal);
    }

    private bool IsAnyoneListening { get; }

    /// <summary>Null when it cannot be told: the package is used by some process, and some process listens, but not whether it is the same.</summary>
    internal bool? IsListening(Finding finding)
    {
        if (!_isKnown)
        {
            return null;
        }
        if (_sources.Contains(finding.Source))
        {
            return true;
        }
        return !IsAnyoneListening || _inUse?.Contains(finding.Package) == false ? false : null;
    }
}
