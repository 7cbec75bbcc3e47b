using System.Globalization;
using Suture.Inventory;
using Suture.Platform.Identity;
using Suture.Platform.Storage;
using Suture.Platform.Work;

namespace Suture.Remediation.Planning;

/// <summary>Asks for new plans of every asset after the policy changed.</summary>
internal sealed class ReplanFleet(Store store, WorkQueue queue, AssetDirectory assets, TimeProvider time) : IWorkHandler
{
    private const int BatchMax = 1_000;

    public string Kind => RemediationWork.PolicyApplied;

    public async Task HandleAsync(WorkItem item, CancellationToken cancellation)
    {
        var all = await assets.ListAsync(Scope.All, cancellation);
        // Asking twice for the same asset is one piece of work, so a crash between two batches does no harm.
        foreach (var batch in all.Chunk(BatchMax))
        {
            await store.WriteAsync(
                async session =>
                {
                    foreach (var asset in batch)
                    {
                        await queue.EnqueueAsync(session, time.GetUtcNow(), RemediationWork.PlanAsset, asset.Id.ToString("N", CultureInfo.InvariantCulture));
                    }
                },
                cancellation);
        }
        await store.WriteAsync(session => WorkQueue.CompleteAsync(session, item), cancellation);
    }
}
