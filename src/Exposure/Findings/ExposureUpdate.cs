using Suture.Contracts.Api;
using Suture.Exposure.FleetIndex;
using Suture.Exposure.Ranking;
using Suture.Inventory;
using Suture.Knowledge.Feeds;
using Suture.Platform.Identity;
using Suture.Platform.Storage;
using Suture.Platform.Work;

namespace Suture.Exposure.Findings;

/// <summary>Judges one asset by its last report: read, decide, write. The indexes in memory change just before the commit: the next stage runs in a lane
/// of its own and must never see less than what told it to run; should the commit fail, the work is done again.</summary>
internal sealed class ExposureUpdate(
    Store store, WorkQueue queue, AssetDirectory assets, Suture.Advisories.FeedsInForce feeds, ExposureIndex index, IFleetIndex fleet, TimeProvider time)
{
    private const int Gates = 64;

    // Three kinds of work may be about the same asset at once; in one process they take turns. Between nodes compare-and-set decides.
    private readonly SemaphoreSlim[] _gates = [.. Enumerable.Range(0, Gates).Select(_ => new SemaphoreSlim(1, 1))];

    /// <summary>Does the work of an item whose subject is an asset, and completes it in the transaction of its effect.</summary>
    internal async Task RunAsync(WorkItem item, CancellationToken cancellation)
    {
        await index.WhenReadyAsync(cancellation);
        var assetId = Guid.ParseExact(item.Subject, "N");
        var gate = _gates[(assetId.GetHashCode() & int.MaxValue) % Gates];
        await gate.WaitAsync(cancellation);
        try
        {
            await JudgeAsync(item, assetId, cancellation);
        }
        finally
        {
            gate.Release();
        }
    }

    private async Task JudgeAsync(WorkItem item, Guid assetId, CancellationToken cancellation)
    {
        // Before anything is read: what was detected by this look was there at this instant.
        var now = time.GetUtcNow();
        var asset = await assets.FindAsync(Scope.All, assetId, cancellation);
        var open = await store.ReadAsync(session => EpisodeStore.ReadOpenAsync(session, assetId), cancellation);
        if (asset is null || asset.State == AssetState.Retired)
        {
            await RetireAsync(item, assetId, open, now, cancellation);
            return;
        }
        var facts = await assets.LoadFactsAsync(assetId, cancellation);
        if (facts is null)
        {
            await store.WriteAsync(session => WorkQueue.CompleteAsync(session, item), cancellation);
            return;
        }
        var (exposure, decision) = Decide(asset, facts, open, feeds.Current, now);
        await WriteAsync(item, exposure, decision, now, cancellation);
    }

    private Task WriteAsync(WorkItem item, AssetExposure exposure, EpisodeDecision decision, DateTimeOffset now, CancellationToken cancellation) => store.WriteAsync(
        async session =>
        {
            await EpisodeStore.WriteAsync(session, decision);
            await EpisodeStore.WriteMatchAsync(session, exposure.AssetId, exposure.ReportId, exposure.FeedsDigest, now);
            await queue.EnqueueAsync(session, now, ExposureWork.AssetJudged, item.Subject);
            await WorkQueue.CompleteAsync(session, item);
            Put(exposure);
            if (feeds.Current.Digest != exposure.FeedsDigest)
            {
                // Other feeds came while this asset was looked at; whoever went through the index may have passed it already.
                await queue.EnqueueAsync(session, now, ExposureWork.AssetOutdated, item.Subject);
            }
        },
        cancellation);

    /// <summary>Puts an exposure into the indexes in memory.</summary>
    internal void Put(AssetExposure exposure)
    {
        index.Put(exposure);
        fleet.Put(ToFleetAsset(exposure));
    }

    /// <summary>What becomes of one asset. Pure.</summary>
    internal static (AssetExposure Exposure, EpisodeDecision Decision) Decide(
        AssetRecord asset, AssetFacts facts, IReadOnlyList<Episode> open, FeedSnapshot feeds, DateTimeOffset now)
    {
        var exposure = JudgeAsset.Judge(asset, facts, open, feeds, now);
        var decision = DecideEpisodes.Decide(new EpisodeInput
        {
            AssetId = asset.Id,
            Facts = facts with { Packages = exposure.Packages },
            Findings = exposure.Findings,
            Open = open,
            Feeds = feeds,
            Now = now,
        });
        var closed = decision.Closed.Select(episode => episode.Id).ToHashSet();
        var after = open.Where(episode => !closed.Contains(episode.Id)).Concat(decision.Opened);
        return (exposure with { DetectedUtc = JudgeAsset.Detected(after) }, decision);
    }

    private async Task RetireAsync(WorkItem item, Guid assetId, IReadOnlyList<Episode> open, DateTimeOffset now, CancellationToken cancellation)
    {
        index.Remove(assetId);
        fleet.Remove(assetId);
        await store.WriteAsync(
            async session =>
            {
                await EpisodeStore.WriteAsync(session, DecideEpisodes.Retire(open, now));
                await queue.EnqueueAsync(session, now, ExposureWork.AssetJudged, item.Subject);
                await WorkQueue.CompleteAsync(session, item);
            },
            cancellation);
    }

    private static FleetAsset ToFleetAsset(AssetExposure exposure) => new()
    {
        Ordinal = exposure.Asset.Ordinal,
        Id = exposure.AssetId,
        GroupId = exposure.Asset.GroupId,
        Environment = exposure.Asset.Environment,
        Criticality = AssetContext.Criticality(exposure.Asset),
        IsInternetFacing = AssetContext.IsInternetFacing(exposure.Asset),
        Release = exposure.Release,
        Packages = exposure.Packages,
    };
}
