using Suture.Contracts.Api;
using Suture.Exposure.Findings;
using Suture.Inventory;
using Suture.Knowledge.Feeds;

namespace Suture.Compliance;

/// <summary>Why it is not known whether an asset keeps its deadlines. Pure.</summary>
/// <remarks>What is not known may hide an episode, so any of it keeps an asset from being called compliant (design decision 4).</remarks>
internal static class WhyUnknown
{
    /// <summary>What is unknown of an asset: of all of it first, then as matching names it. Empty when nothing is.</summary>
    /// <param name="asset">The asset as it is now.</param>
    /// <param name="exposure">What its last report says; null when none was judged.</param>
    /// <param name="feeds">Feeds in force.</param>
    internal static IEnumerable<UnknownItem> Of(AssetRecord asset, AssetExposure? exposure, FeedSnapshot feeds)
    {
        foreach (var item in UnknownOfAsset.Of(asset))
        {
            yield return item;
        }
        if (exposure is null)
        {
            yield return new UnknownItem { Subject = "findings", Reason = "No report of this asset has been judged yet." };
            yield break;
        }
        if (exposure.Release is { } release && !feeds.Covers(release) && exposure.Unknown.All(item => item.Subject != $"release {release}"))
        {
            yield return new UnknownItem { Subject = $"release {release}", Reason = $"No advisory feed in force speaks of {release}. Import a feed that covers it." };
        }
        foreach (var item in exposure.Unknown)
        {
            yield return item;
        }
    }
}
