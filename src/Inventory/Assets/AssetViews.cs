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

    public static AssetDetail ToDetail(AssetRecord asset, IReadOnlyList<ContextValue> context, AssetFacts? facts, bool maySpeak, IAssetFigures figures) => new()
    {
        Asset = ToRow(asset, figures),
        Context = context,
        State = facts?.State,
        Software = facts?.Packages,
        Unknown = [.. OwnUnknown(asset, facts, maySpeak), .. figures.Of(asset.Id).Unknown],
    };

    // What this module knows that it does not know; the stage that judges the report adds what that could not read.
    private static IEnumerable<UnknownItem> OwnUnknown(AssetRecord asset, AssetFacts? facts, bool maySpeak)
    {
        if (!maySpeak && asset.State != AssetState.Retired)
        {
            yield return new UnknownItem
            {
                Subject = "certificate",
                Reason = "The certificates of this asset are revoked or long past their end: no report of it is taken any more. Enrol the endpoint again, then retire this asset; or retire it if the machine is gone.",
            };
        }
        foreach (var item in UnknownOfAsset.Of(asset))
        {
            yield return item;
        }
        if (facts is null)
        {
            yield break;
        }
        if (facts.ClockWrong)
        {
            yield return new UnknownItem { Subject = "clock", Reason = "The endpoint's clock is out of bounds, so the time of its facts is that of their arrival; set its clock." };
        }
    }
}
