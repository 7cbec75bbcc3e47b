using Suture.Contracts;

namespace Suture.Bench.Loop;

/// <summary>The plans that wait for an approval. A plan is frozen, so each is read once.</summary>
internal sealed class WaitingPlans(ApiClient api)
{
    private const int PageRows = 500;

    private readonly Dictionary<Guid, ILookup<string, Guid>> _read = [];

    /// <summary>Counts the assets on which a waiting plan carries a vulnerability.</summary>
    /// <param name="vulnerability">CVE id.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<int> CountAssetsAsync(string vulnerability, CancellationToken cancellation)
    {
        var assets = new HashSet<Guid>();
        foreach (var plan in await api.ListAsync($"plans?state=waiting_approval&limit={PageRows}", ContractsJson.Default.PagePlanRow, cancellation))
        {
            if (!_read.TryGetValue(plan.Id, out var carried))
            {
                var detail = await api.GetAsync($"plans/{plan.Id}", ContractsJson.Default.PlanDetail, cancellation);
                carried = detail.Changes.SelectMany(change => change.Vulnerabilities.Select(id => (id, change.Asset))).ToLookup(pair => pair.id, pair => pair.Asset);
                _read[plan.Id] = carried;
            }
            assets.UnionWith(carried[vulnerability]);
        }
        return assets.Count;
    }
}
