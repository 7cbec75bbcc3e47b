using System.Text.Json;
using Suture.Contracts.Api;
using Suture.Exposure.Findings;
using Suture.Inventory;
using Suture.Knowledge.Risk;

namespace Suture.Exposure.Api;

/// <summary>Figures that the inventory shows with an asset.</summary>
internal sealed class AssetFigures(ExposureIndex index) : IAssetFigures
{
    public (IReadOnlyDictionary<string, int> Findings, double RiskPerDay, IReadOnlyList<UnknownItem> Unknown) Of(Guid assetId) => index.Of(assetId) is { } exposure
        ? (CountByStatus(exposure.Findings), RiskEngine.Combine(exposure.Findings).PerDay, exposure.Unknown)
        : (new Dictionary<string, int>(), 0, [new UnknownItem { Subject = "findings", Reason = "No report of this asset has been judged yet." }]);

    /// <summary>Findings by status in snake case, ordered; statuses that do not occur are left out.</summary>
    internal static SortedDictionary<string, int> CountByStatus(IEnumerable<Finding> findings) =>
        new(findings.GroupBy(finding => JsonNamingPolicy.SnakeCaseLower.ConvertName(finding.Status.ToString())).ToDictionary(group => group.Key, group => group.Count()), StringComparer.Ordinal);
}
