using System.Globalization;
using Suture.Contracts.Api;
using Suture.Inventory;

namespace Suture.Compliance;

/// <summary>Makes the summary of a scope. Pure.</summary>
/// <remarks>An open episode is overdue from the day after its deadline, by the UTC calendar. Only episodes that ended fixed in effect are remediated:
/// removal, withdrawal and retirement are not, and silent or retired assets are left out of "compliant", never counted as good (design decision 2).</remarks>
internal static class Summarize
{
    /// <summary>Assets that stand in the summary at most; the CSV has all.</summary>
    internal const int AssetsMax = 10_000;

    /// <summary>The rule that deadlines come from.</summary>
    internal const string Policy = "CISA BOD 26-04";

    internal static ComplianceSummary Of(IReadOnlyList<AssetRecord> assets, IReadOnlyList<EpisodeFigures> episodes, DateTimeOffset now)
    {
        var day = Day(now);
        var open = episodes.Where(episode => episode.IsOpen).ToList();
        var overdue = open.Where(episode => IsOverdue(episode, day)).ToList();
        var seconds = episodes.Select(episode => episode.DetectionToVerified).Where(time => time is not null).Select(time => time!.Value.TotalSeconds).Order().ToList();
        return new ComplianceSummary
        {
            AtUtc = now,
            Open = open.Count,
            Overdue = overdue.Count,
            OverdueAssumed = overdue.Count(episode => episode.IsAssumed == 1),
            Remediated = episodes.Count(episode => episode.IsRemediated),
            DetectionToVerifiedP50Seconds = Percentile.Of(seconds, 0.5),
            DetectionToVerifiedP90Seconds = Percentile.Of(seconds, 0.9),
            Assets = [.. Assets(assets, open, day).Take(AssetsMax)],
        };
    }

    /// <summary>Every asset that is not retired, by name then id.</summary>
    internal static IEnumerable<AssetCompliance> Assets(IReadOnlyList<AssetRecord> assets, IEnumerable<EpisodeFigures> open, string day)
    {
        var byAsset = open.ToLookup(episode => episode.AssetId);
        return assets.Where(asset => asset.State != AssetState.Retired)
            .OrderBy(asset => asset.Name, StringComparer.Ordinal).ThenBy(asset => asset.Id)
            .Select(asset => OfAsset(asset, [.. byAsset[asset.Id]], day));
    }

    internal static string Day(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static AssetCompliance OfAsset(AssetRecord asset, List<EpisodeFigures> open, string day)
    {
        var overdue = open.Count(episode => IsOverdue(episode, day));
        var next = open.Where(episode => !IsOverdue(episode, day)).Select(episode => episode.DeadlineDay).Where(due => due is not null).Min(StringComparer.Ordinal);
        return new AssetCompliance
        {
            Asset = asset.Id,
            Name = asset.Name,
            Policy = Policy,
            Status = Status(asset, overdue, next),
            Open = open.Count,
            Overdue = overdue,
            NextDue = next is null ? null : DateOnly.ParseExact(next, "yyyy-MM-dd", CultureInfo.InvariantCulture),
        };
    }

    // What a silent asset has is not known any more; its open findings still count in the figures of the scope.
    private static string Status(AssetRecord asset, int overdue, string? next) =>
        asset.IsSilent || asset.ReportId is null || asset.State == AssetState.Quarantined ? "unknown"
        : overdue > 0 ? "overdue"
        : next is not null ? "due"
        : "compliant";

    private static bool IsOverdue(EpisodeFigures episode, string day) => episode.DeadlineDay is { } due && string.CompareOrdinal(due, day) < 0;
}
