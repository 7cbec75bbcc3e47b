using Suture.Contracts.Api;
using Suture.Exposure.Findings;
using Suture.Platform.Storage;
using Suture.Remediation.Dispatch;

namespace Suture.Remediation.Planning;

/// <summary>Stamps the clocks of the episodes that changes cover (<see cref="Coverage"/>), in the transaction of the fact.</summary>
internal static class PlanClocks
{
    /// <summary>Stamps what a plan's changes cover now, on all its assets.</summary>
    public static async Task StampAsync(StoreSession session, PlanBody body, EpisodeClock clock, DateTimeOffset now)
    {
        foreach (var asset in body.Changes.GroupBy(change => change.Asset))
        {
            await StampAsync(session, asset.Key, [.. asset], clock, now);
        }
    }

    /// <summary>Stamps what some changes of one asset cover now.</summary>
    public static async Task StampAsync(StoreSession session, Guid asset, IReadOnlyList<PlanChange> changes, EpisodeClock clock, DateTimeOffset now) =>
        await StampAsync(session, await EpisodeView.OpenSinceAsync(session, asset, now), changes, clock, now);

    /// <summary>Stamps the episodes of an asset that opened after the plan which covers them was made: they were carried from their beginning.</summary>
    public static async Task CatchUpAsync(StoreSession session, Guid asset)
    {
        var plans = await PlanStore.OpenOfAsync(session, asset);
        if (plans.Count == 0)
        {
            return;
        }
        var episodes = await EpisodeView.OpenSinceAsync(session, asset, plans.Min(plan => plan.CreatedUs));
        foreach (var plan in plans)
        {
            var changes = plan.Read().Changes.Where(change => change.Asset == asset).ToList();
            await StampAsync(session, episodes, changes, EpisodeClock.Planned, plan.CreatedUs);
            if (plan.DecidedUs is { } decided)
            {
                await StampAsync(session, episodes, changes, EpisodeClock.Approved, decided);
            }
            foreach (var job in (await JobStore.OfPlanAsync(session, plan.Id, asset)).Where(job => job.LeasedUs is not null))
            {
                await StampAsync(session, episodes, job.ReadChanges(), EpisodeClock.Dispatched, job.LeasedUs!.Value);
            }
        }
    }

    private static Task<int> StampAsync(
        StoreSession session, IReadOnlyList<EpisodeView> episodes, IReadOnlyList<PlanChange> changes, EpisodeClock clock, DateTimeOffset at) =>
        EpisodeClocks.StampAsync(session, episodes.Where(episode => changes.Any(change => Coverage.Covers(change, episode))).Select(episode => episode.Id), clock, at);
}
