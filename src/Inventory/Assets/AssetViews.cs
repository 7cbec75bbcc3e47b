using Suture.Contracts.Api;

namespace Suture.Inventory.Assets;

/// <summary>Makes the API's rows of assets.</summary>
internal static class AssetViews
{
    public static AssetRow ToRow(AssetRecord asset, IAssetFigures figures)
    {
        var (findings, risk, _) = figures.Of(asset.Id);
        return new AssetRow
        {
            Id = asset.Id,
            Name = asset.Name,
            Group = asset.Group,
            Environment = asset.Environment,
            State = asset.State,
            ObservedOnly = asset.ObservedOnly,
            OperatingSystem = asset.Context.GetValueOrDefault(ContextKeys.OperatingSystem)?.Value,
            LastReportUtc = asset.ReportedUtc,
            LastSeenUtc = asset.LastSeenUtc,
            IsSilent = asset.IsSilent,
            Findings = findings,
            RiskPerDay = risk,
        };
    }

    public static AssetDetail ToDetail(AssetRecord asset, IReadOnlyList<ContextValue> context, AssetFacts? facts, IAssetFigures figures) => new()
    {
        Asset = ToRow(asset, figures),
        Context = context,
        State = facts?.State,
        Software = facts?.Packages,
        // A later stage tells the failures of collectors too, where they keep it from judging.
        Unknown = [.. OwnUnknown(asset, facts).Concat(figures.Of(asset.Id).Unknown).Distinct()],
    };

    // What this module knows that it does not know; later stages add theirs.
    private static IEnumerable<UnknownItem> OwnUnknown(AssetRecord asset, AssetFacts? facts)
    {
        if (asset.State == AssetState.Quarantined)
        {
            yield return new UnknownItem { Subject = "identity", Reason = "Two hold the identity of this asset; its reports are refused until a person releases or retires it." };
        }
        if (asset.IsSilent)
        {
            yield return new UnknownItem { Subject = "asset", Reason = $"No sign of life since {asset.LastSeenUtc ?? asset.EnrolledUtc:O}; what it reported may no longer hold." };
        }
        if (facts is null)
        {
            yield return new UnknownItem { Subject = "report", Reason = "No report came yet; start the agent on the endpoint." };
            yield break;
        }
        if (facts.ClockWrong)
        {
            yield return new UnknownItem { Subject = "clock", Reason = "The endpoint's clock is out of bounds, so the time of its facts is that of their arrival; set its clock." };
        }
        if (facts.Packages is null)
        {
            yield return new UnknownItem { Subject = "software", Reason = "The agent could not read what is installed; see the failures of its collectors." };
        }
        foreach (var failure in facts.State.Failures)
        {
            yield return new UnknownItem { Subject = failure.Collector, Reason = failure.Reason };
        }
    }
}
