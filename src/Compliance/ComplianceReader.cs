using Suture.Advisories;
using Suture.Contracts.Api;
using Suture.Exposure.Findings;
using Suture.Inventory;
using Suture.Platform.Identity;
using Suture.Platform.Storage;
using Suture.Remediation.Policies;

namespace Suture.Compliance;

/// <summary>Reads what compliance is made of: counts of episodes from the store, what is unknown from the exposure, rules from the policy in force.</summary>
internal sealed class ComplianceReader(
    Store store, AssetDirectory assets, ExposureIndex exposures, FeedsInForce feeds, PolicyRules policies, TimeProvider time)
{
    /// <summary>The figures of a scope.</summary>
    /// <param name="scope">The caller's scope.</param>
    /// <param name="windowDays">1 to <see cref="ComplianceLimits.WindowDaysMax"/>: how far back remediation is looked at.</param>
    /// <param name="cancellation">Ends the wait.</param>
    internal async Task<ComplianceSummary> SummaryAsync(Scope scope, int windowDays, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var start = now - TimeSpan.FromDays(windowDays);
        var known = await LiveAsync(scope, cancellation);
        var (open, remediated) = await store.ReadAsync(
            async session => (await CountEpisodes.OpenByAssetAsync(session, scope, Day(now)), await CountEpisodes.RemediatedAsync(session, scope, start, now)), cancellation);
        var overdue = open.Where(count => count.Overdue > 0).Select(count => count.AssetId).ToHashSet();
        var byStatus = known.ToLookup(asset => Summarize.Status(overdue.Contains(asset.Id) ? 1 : 0, Unknown(asset).Any()));
        return new ComplianceSummary
        {
            AtUtc = now,
            Policy = (await policies.InForceAsync(cancellation)).PolicyName,
            Feeds = feeds.Current.Feeds,
            Assets = new ComplianceAssets
            {
                Compliant = byStatus[ComplianceStatus.Compliant].Count(),
                Overdue = byStatus[ComplianceStatus.Overdue].Count(),
                Unknown = byStatus[ComplianceStatus.Unknown].Count(),
            },
            Episodes = Summarize.Add(open),
            OpenFindings = known.Sum(asset => exposures.Of(asset.Id)?.Findings.Count ?? 0),
            Remediated = Summarize.Remediated(remediated, start, now),
        };
    }

    /// <summary>Assets in scope that are not retired, by name then id.</summary>
    internal async Task<IReadOnlyList<AssetRecord>> LiveAsync(Scope scope, CancellationToken cancellation) =>
        [.. (await assets.ListAsync(scope, cancellation)).Where(asset => asset.State != AssetState.Retired)];

    /// <summary>The compliance of some assets, in their order.</summary>
    /// <param name="some">Assets of the caller's scope; at most a page, or <see cref="ComplianceLimits.ExportBatchMax"/>.</param>
    /// <param name="now">The instant; the same for all pages of one answer.</param>
    /// <param name="cancellation">Ends the wait.</param>
    internal async Task<IReadOnlyList<AssetCompliance>> AssetsAsync(IReadOnlyList<AssetRecord> some, DateTimeOffset now, CancellationToken cancellation)
    {
        var rules = await policies.InForceAsync(cancellation);
        var open = (await store.ReadAsync(session => CountEpisodes.OpenByRuleAsync(session, [.. some.Select(asset => asset.Id)], Day(now)), cancellation))
            .ToLookup(count => count.AssetId);
        return [.. some.Select(asset => (Asset: asset, Exposure: exposures.Of(asset.Id))).Select(known => Summarize.OfAsset(new AssetInput
        {
            Asset = known.Asset,
            Exposure = known.Exposure,
            Open = [.. open[known.Asset.Id]],
            PolicyRules = known.Exposure is null ? new Dictionary<string, string?>() : rules.OfFixes(known.Asset, known.Exposure),
            Unknown = [.. Unknown(known.Asset)],
        }))];
    }

    private IEnumerable<UnknownItem> Unknown(AssetRecord asset) => WhyUnknown.Of(asset, exposures.Of(asset.Id), feeds.Current);

    private static DateOnly Day(DateTimeOffset instant) => DateOnly.FromDateTime(instant.UtcDateTime);
}
