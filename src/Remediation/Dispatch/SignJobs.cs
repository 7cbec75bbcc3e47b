using Microsoft.Extensions.Logging;
using Suture.Contracts.Api;
using Suture.Inventory;
using Suture.Platform.Identity;
using Suture.Platform.Storage;
using Suture.Platform.Work;
using Suture.Remediation.Planning;
using Suture.Remediation.Verification;

namespace Suture.Remediation.Dispatch;

/// <summary>Makes the signed jobs of an approved plan and wakes the polls that wait for them.</summary>
internal sealed partial class SignJobs(
    Store store, JobStore jobs, AssetDirectory assets, JobSignal signal, EndPlan ends, TimeProvider time, ILogger<SignJobs> logger) : IWorkHandler
{
    public string Kind => RemediationWork.PlanApproved;

    public async Task HandleAsync(WorkItem item, CancellationToken cancellation)
    {
        var id = Guid.ParseExact(item.Subject, "N");
        var held = await HeldAsync(id, cancellation);
        var made = await store.WriteAsync(session => WriteAsync(session, item, id, held), cancellation);
        foreach (var asset in made)
        {
            signal.Wake(asset);
        }
        LogSigned(id, made.Count, held.Count);
    }

    /// <summary>Assets of the plan that must not be changed, with the reason: they may have become so after the approval.</summary>
    private async Task<Dictionary<Guid, string>> HeldAsync(Guid plan, CancellationToken cancellation)
    {
        var ids = await store.ReadAsync(
            session => session.QueryAsync<Guid>("select distinct asset_id from remediation_plan_asset where plan_id = @plan", new { plan }), cancellation);
        var held = new Dictionary<Guid, string>();
        foreach (var id in ids)
        {
            var asset = await assets.FindAsync(Scope.All, id, cancellation);
            // A silent asset takes its job when it is back, within the job's time; that is what the time is for.
            var reason = asset is null ? "the asset is gone" : PlanInputs.Held(asset with { IsSilent = false });
            if (reason is not null)
            {
                held[id] = reason;
            }
        }
        return held;
    }

    private async Task<IReadOnlyList<Guid>> WriteAsync(StoreSession session, WorkItem item, Guid id, Dictionary<Guid, string> held)
    {
        var now = time.GetUtcNow();
        var made = new List<Guid>();
        var row = await PlanStore.FindAsync(session, id);
        if (row is { State: PlanState.Approved } && (await JobStore.OfPlanAsync(session, id)).Count == 0)
        {
            var body = row.Read();
            if (PlanCanon.Hash(row.Body) != row.Hash)
            {
                throw new InvalidOperationException($"Plan {id}: the stored body is not what its hash {row.Hash} was approved for. No job is made; a person must look at the store.");
            }
            foreach (var asset in body.Changes.Select(change => change.Asset).Distinct().Where(asset => !held.ContainsKey(asset)))
            {
                foreach (var job in NewJob.Of(body, asset))
                {
                    await jobs.InsertAsync(session, job, now);
                }
                made.Add(asset);
            }
            if (held.Count > 0)
            {
                await ends.WithoutAssetsAsync(session, row, held, now);
            }
        }
        await WorkQueue.CompleteAsync(session, item);
        return made;
    }

    [LoggerMessage(4201, LogLevel.Information, "Plan {PlanId}: jobs signed for {Assets} assets, {Held} held back")]
    private partial void LogSigned(Guid planId, int assets, int held);
}
