using Suture.Contracts.Api;

namespace Suture.Inventory;

/// <summary>What makes everything about an asset unknown, whatever its last report said. Pure.</summary>
public static class UnknownOfAsset
{
    /// <summary>Two holders of its identity, silence, no report; each with its reason and the next step. Empty when its last report speaks for it.</summary>
    /// <param name="asset">The asset.</param>
    public static IEnumerable<UnknownItem> Of(AssetRecord asset)
    {
        if (asset.State == AssetState.Quarantined)
        {
            yield return new UnknownItem { Subject = "identity", Reason = "Two hold the identity of this asset; its reports are refused until a person releases or retires it." };
        }
        if (asset.IsSilent)
        {
            yield return new UnknownItem { Subject = "asset", Reason = $"No sign of life since {asset.LastSeenUtc ?? asset.EnrolledUtc:O}; what it reported may no longer hold." };
        }
        if (asset.ReportId is null)
        {
            yield return new UnknownItem { Subject = "report", Reason = "No report came yet; start the agent on the endpoint." };
        }
    }
}
