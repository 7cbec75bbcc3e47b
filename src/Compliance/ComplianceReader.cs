using Suture.Contracts.Api;
using Suture.Inventory;
using Suture.Platform.Identity;
using Suture.Platform.Storage;

namespace Suture.Compliance;

/// <summary>Reads what the summary is made of.</summary>
internal sealed class ComplianceReader(Store store, AssetDirectory assets, TimeProvider time)
{

    internal async Task<ComplianceSummary> SummaryAsync(Scope scope, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var known = await assets.ListAsync(scope, cancellation);
        var episodes = await EpisodesAsync(scope, isOpenOnly: false, cancellation);
        return Summarize.Of(known, episodes, now);
    }

    internal async Task<IReadOnlyList<AssetCompliance>> AssetsAsync(Scope scope, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var known = await assets.ListAsync(scope, cancellation);
        return [.. Summarize.Assets(known, await EpisodesAsync(scope, isOpenOnly: true, cancellation), Summarize.Day(now))];
    }

    private Task<IReadOnlyList<EpisodeFigures>> EpisodesAsync(Scope scope, bool isOpenOnly, CancellationToken cancellation) => store.ReadAsync(
        async session =>
        {
            var open = await ReadAsync(session, scope, "e.closed_us is null");
            return isOpenOnly ? open : [.. open, .. await ReadAsync(session, scope, "e.closed_reason = 1")];
        },
        cancellation);

    private static Task<IReadOnlyList<EpisodeFigures>> ReadAsync(StoreSession session, Scope scope, string condition) => session.QueryAsync<EpisodeFigures>(
        $"""
        select e.asset_id, e.detected_us, e.verified_us, e.closed_us, e.closed_reason, e.deadline_day, e.is_assumed
        from exposure_episode_v e join inventory_asset_v a on a.id = e.asset_id
        where {condition}{(scope.IsAll ? "" : $" and {session.Dialect.In("a.group_id", "groups")}")}
        """,
        new { groups = scope.Groups });
}
