using Suture.Advisories;
using Suture.Contracts.Api;
using Suture.Exposure.FleetIndex;
using Suture.Knowledge.Feeds;
using Suture.Platform.Identity;
using Suture.Platform.Storage;
using Suture.Platform.Work;

namespace Suture.Exposure.Findings;

/// <summary>Other feeds are in force: every asset is looked at again in memory, and those for which something changed that a person or a policy acts on are judged anew.</summary>
/// <remarks>
/// 1. Sources whose fixes changed are found by their digest; the fleet index gives the assets that have one of them. These are matched, all others only ranked.
/// 2. An asset with another finding, status, fixed version, criticality or deadline gets a work item of its own (<see cref="RematchAsset"/>), which
///    writes episodes and tells the next stage.
/// 3. The others have nothing to write but the digest they were looked at with.
/// Safe to run again: assets that were looked at with the feeds in force are passed over.
/// </remarks>
internal sealed class RematchFleet(
    Store store, WorkQueue queue, FeedsInForce feeds, ExposureIndex index, IFleetIndex fleet, ChangedSources changedSources, TimeProvider time) : IWorkHandler
{
    /// <summary>Assets in one transaction at most.</summary>
    internal const int BatchMax = 200;

    /// <summary>Work goes on in an item of its own after this long, so that newer feeds need not wait for the end of older ones.</summary>
    internal static readonly TimeSpan RunMax = TimeSpan.FromSeconds(60);

    public string Kind => AdvisoriesWork.FeedsChanged;

    public async Task HandleAsync(WorkItem item, CancellationToken cancellation)
    {
        await index.WhenReadyAsync(cancellation);
        var now = time.GetUtcNow();
        var started = time.GetTimestamp();
        var current = feeds.Current;
        var concerned = changedSources.Concerned(current, fleet.View);
        var isDone = true;
        foreach (var batch in index.All(Scope.All).Where(exposure => exposure.FeedsDigest != current.Digest).Chunk(BatchMax))
        {
            await LookAsync(batch, concerned, current, now, cancellation);
            if (time.GetElapsedTime(started) > RunMax)
            {
                isDone = false;
                break;
            }
        }
        await store.WriteAsync(
            async session =>
            {
                if (!isDone)
                {
                    await queue.EnqueueAsync(session, now, Kind, item.Subject);
                }
                await WorkQueue.CompleteAsync(session, item);
            },
            cancellation);
        if (isDone)
        {
            changedSources.Remember(current, fleet.View);
        }
    }

    private async Task LookAsync(AssetExposure[] batch, IAssetSet? concerned, FeedSnapshot current, DateTimeOffset now, CancellationToken cancellation)
    {
        var looks = batch.Select(known => (Known: known, Fresh: concerned?.Contains(known.Asset.Ordinal) == false
            ? JudgeAsset.RankAgain(known, current, now)
            : JudgeAsset.Again(known, current, now))).ToList();
        var same = looks.Where(look => !IsOutdated(look.Known, look.Fresh)).ToList();
        await store.WriteAsync(
            async session =>
            {
                foreach (var (known, _) in looks.Except(same))
                {
                    await queue.EnqueueAsync(session, now, ExposureWork.AssetOutdated, known.AssetId.ToString("N"));
                }
                await session.ExecuteAsync(
                    $"update exposure_match set feeds = @digest, matched_us = @now where {session.Dialect.In("asset_id", "ids")}",
                    new { digest = current.Digest, now, ids = same.Select(look => look.Known.AssetId).ToArray() });
            },
            cancellation);
        foreach (var (known, fresh) in same)
        {
            index.Replace(known, fresh);
        }
    }

    /// <summary>True when something changed that episodes, deadlines or policies look at. A score alone is not among it.</summary>
    internal static bool IsOutdated(AssetExposure known, AssetExposure fresh) =>
        !known.Findings.Select(Signature).ToHashSet().SetEquals(fresh.Findings.Select(Signature));

    private static (string, string, string, FindingStatus, string, bool, bool, DateOnly?, string?, bool?) Signature(Finding finding) => (
        finding.Vulnerability, finding.Package, finding.Architecture, finding.Status, finding.FixedVersion, finding.Risk?.IsCritical == true,
        Fixes.FixGroups.InKevList(finding), finding.Deadline?.Due, finding.Deadline?.Rule, finding.Deadline?.IsAssumed);
}
