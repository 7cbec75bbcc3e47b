using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Suture.Advisories;
using Suture.Contracts.Api;
using Suture.Exposure.FleetIndex;
using Suture.Inventory;
using Suture.Platform.Identity;
using Suture.Platform.Storage;
using Suture.Platform.Work;

namespace Suture.Exposure.Findings;

/// <summary>Fills the indexes in memory from the store before any other service of the host starts. Feeds must be in force by then.</summary>
/// <remarks>Assets whose last judgement in the store rests on other feeds are judged anew by a work item of their own, so that nothing is lost when the
/// server ended between a change of feeds and its effect. A report that was not judged yet still has its work item.</remarks>
internal sealed partial class RebuildExposure(
    Store store, WorkQueue queue, AssetDirectory assets, FeedsInForce feeds, ExposureIndex index, IFleetIndex fleet, ExposureUpdate update,
    ChangedSources changedSources, TimeProvider time, ILogger<RebuildExposure> logger) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => RunAsync(cancellationToken);

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    internal async Task RunAsync(CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        var current = feeds.Current;
        var matches = (await store.ReadAsync(session => session.QueryAsync<MatchRow>("select asset_id, feeds from exposure_match"), cancellation))
            .ToDictionary(row => row.AssetId, row => row.Feeds);
        var outdated = new List<Guid>();
        foreach (var asset in await assets.ListAsync(Scope.All, cancellation))
        {
            if (asset.State != AssetState.Retired && await LoadAsync(asset, current, cancellation) is { } exposure)
            {
                update.Put(exposure);
                if (matches.GetValueOrDefault(asset.Id) != current.Digest)
                {
                    outdated.Add(asset.Id);
                }
            }
        }
        await EnqueueAsync(outdated, cancellation);
        changedSources.Remember(current, fleet.View);
        index.BecomeReady();
        LogRebuilt(index.Count, outdated.Count, time.GetElapsedTime(started).TotalSeconds);
    }

    private async Task<AssetExposure?> LoadAsync(AssetRecord asset, Knowledge.Feeds.FeedSnapshot current, CancellationToken cancellation)
    {
        try
        {
            if (await assets.LoadFactsAsync(asset.Id, cancellation) is not { } facts)
            {
                return null;
            }
            var open = await store.ReadAsync(session => EpisodeStore.ReadOpenAsync(session, asset.Id), cancellation);
            return JudgeAsset.Judge(asset, facts, open, current, time.GetUtcNow());
        }
        // One asset that cannot be read must not keep the server from starting; it is shown without findings known.
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            LogUnreadable(asset.Id, fault);
            return null;
        }
    }

    private async Task EnqueueAsync(List<Guid> outdated, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        foreach (var batch in outdated.Chunk(RematchFleet.BatchMax))
        {
            await store.WriteAsync(
                async session =>
                {
                    foreach (var assetId in batch)
                    {
                        await queue.EnqueueAsync(session, now, ExposureWork.AssetOutdated, assetId.ToString("N"));
                    }
                },
                cancellation);
        }
    }

    private sealed record MatchRow
    {
        public required Guid AssetId { get; init; }

        public required string Feeds { get; init; }
    }

    [LoggerMessage(3001, LogLevel.Information, "Exposure of {Assets} assets rebuilt in {Seconds} s, {Outdated} to be judged anew")]
    private partial void LogRebuilt(int assets, int outdated, double seconds);

    [LoggerMessage(3002, LogLevel.Error, "Asset {AssetId} could not be read; its exposure is unknown until its next report")]
    private partial void LogUnreadable(Guid assetId, Exception fault);
}
