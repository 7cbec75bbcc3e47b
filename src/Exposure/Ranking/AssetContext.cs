using System.Globalization;
using Suture.Inventory;

namespace Suture.Exposure.Ranking;

/// <summary>Reads the values of an asset's context that ranking and facets use. What is absent or cannot be read is not known.</summary>
internal static class AssetContext
{
    /// <summary>1 to 5; null when not known.</summary>
    internal static int? Criticality(AssetRecord asset) => Grade(asset, "criticality");

    /// <summary>1 to 5; null when not known.</summary>
    internal static int? Sensitivity(AssetRecord asset) => Grade(asset, "sensitivity");

    internal static bool? IsInternetFacing(AssetRecord asset) =>
        !asset.Context.TryGetValue("internet-facing", out var value) ? null : value.Value.ToLowerInvariant() switch
        {
            "true" or "yes" => true,
            "false" or "no" => false,
            _ => null,
        };

    private static int? Grade(AssetRecord asset, string key) =>
        asset.Context.TryGetValue(key, out var value) && int.TryParse(value.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var grade) && grade is >= 1 and <= 5
            ? grade
            : null;
}
