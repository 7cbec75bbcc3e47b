using Suture.Platform.Ledger;
using Suture.Platform.Storage;
using Suture.Remediation.Planning;

namespace Suture.Remediation;

/// <summary>Ledger rows of plans and jobs, each in the group of its asset: who may see an asset reads what was decided on it and done to it.</summary>
internal static class WorkLedger
{
    /// <summary>Appends a row on a job.</summary>
    public static async Task AppendJobAsync(this StoreSession session, DateTimeOffset now, string actor, string action, Guid job, Guid asset, object detail)
    {
        var groups = await GroupsAsync(session, [asset]);
        await session.AppendLedgerAsync(now, actor, action, $"job:{job}", detail, LedgerScope.OfEach(groups.Values));
    }

    /// <summary>Appends a row on a plan for each group whose assets it changes; each speaks of the assets of its group only.</summary>
    /// <param name="session">A writing session.</param>
    /// <param name="now">When.</param>
    /// <param name="actor">Who.</param>
    /// <param name="action">What.</param>
    /// <param name="body">The plan, or the part of it that the fact is about.</param>
    /// <param name="detail">Makes the detail of one group's part of the plan.</param>
    public static async Task AppendPlanAsync(this StoreSession session, DateTimeOffset now, string actor, string action, PlanBody body, Func<PlanBody, object> detail)
    {
        var groups = await GroupsAsync(session, body.Changes.Select(change => change.Asset));
        foreach (var part in body.Changes.ToLookup(change => groups.TryGetValue(change.Asset, out var group) ? group : (Guid?)null))
        {
            var scope = part.Key is { } group ? LedgerScope.Of(group) : LedgerScope.Installation;
            await session.AppendLedgerAsync(now, actor, action, $"plan:{body.Plan}", detail(body with { Changes = [.. part] }), scope);
        }
    }

    private static async Task<IReadOnlyDictionary<Guid, Guid>> GroupsAsync(StoreSession session, IEnumerable<Guid> assets)
    {
        var rows = await session.QueryAsync<Row>(
            $"select id, group_id from inventory_asset_v where {session.Dialect.In("id", "ids")}", new { ids = assets.Distinct().ToArray() });
        return rows.ToDictionary(row => row.Id, row => row.GroupId);
    }

    private sealed record Row
    {
        public Guid Id { get; init; }
        public Guid GroupId { get; init; }
    }
}
