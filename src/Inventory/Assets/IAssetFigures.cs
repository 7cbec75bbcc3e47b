using Suture.Contracts.Api;

namespace Suture.Inventory;

/// <summary>Figures of an asset that a later stage knows; registered by that stage, shown with the asset.</summary>
public interface IAssetFigures
{
    /// <summary>What is known of an asset.</summary>
    /// <param name="assetId">The asset.</param>
    /// <returns>Findings by status (snake case), their risk per day, and what cannot be known.</returns>
    (IReadOnlyDictionary<string, int> Findings, double RiskPerDay, IReadOnlyList<UnknownItem> Unknown) Of(Guid assetId);
}

/// <summary>Stands in where no later stage is registered.</summary>
internal sealed class NoAssetFigures : IAssetFigures
{
    public (IReadOnlyDictionary<string, int> Findings, double RiskPerDay, IReadOnlyList<UnknownItem> Unknown) Of(Guid assetId) =>
        (new Dictionary<string, int>(), 0, []);
}
