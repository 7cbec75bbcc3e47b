using System.Globalization;
using Suture.Contracts.Api;
using Suture.Platform.Storage;
using Suture.Platform.Work;
using Suture.Remediation.Dispatch;

namespace Suture.Remediation.Verification;

/// <summary>Ends an asset's jobs whose time ran out: never taken, taken and silent, or done and never proved.</summary>
internal sealed class ExpireJobs(Store store, WorkQueue queue, EndPlan ends, JobSignal signal, RemediationOptions options, TimeProvider time) : IWorkHandler
{
    public string Kind => RemediationWork.JobsDue;

    public async Task HandleAsync(WorkItem item, CancellationToken cancellation)
    {
        var asset = Guid.ParseExact(item.Subject, "N");
        foreach (var woken in await store.WriteAsync(session => WriteAsync(session, item, asset), cancellation))
        {
            signal.Wake(woken);
        }
    }

    private async Task<IReadOnlyList<Guid>> WriteAsync(StoreSession session, WorkItem item, Guid asset)
    {
        var now = time.GetUtcNow();
        var open = await session.QueryAsync<JobStore.Row>(
            $"select {JobStore.Columns} from remediation_job where asset_id = @asset and state in (1, 2, 3, 4) order by created_us, place", new { asset });
        var plans = new HashSet<Guid>();
        DateTimeOffset? next = null;
        foreach (var job in open)
        {
            var due = Due(job, options);
            if (due > now)
            {
                next = next is null || due < next ? due : next;
                continue;
            }
            var (state, evidence) = End(job, options);
            if (await JobStore.MoveAsync(session, job, state, evidence, job.EvidenceReport, job.Contradictions, now))
            {
                await session.AppendJobAsync(now, "server", state == JobState.Expired ? "job.expired" : "job.failed", job.Id, asset, new { Plan = job.PlanId, Evidence = evidence });
                if (job.PlanId is { } plan)
                {
                    plans.Add(plan);
                }
            }
        }
        var wake = new List<Guid>();
        foreach (var plan in plans)
        {
            wake.AddRange(await ends.AfterJobsAsync(session, plan, now));
        }
        await WorkQueue.CompleteAsync(session, item);
        if (next is { } again)
        {
            await queue.EnqueueAsync(session, now, Kind, asset.ToString("N", CultureInfo.InvariantCulture), again);
        }
        return wake;
    }

    /// <summary>When a job's time runs out. One at work keeps its lease, and the time of a proof after it: an agent that comes back tells how it ended.</summary>
    internal static DateTimeOffset Due(JobStore.Row job, RemediationOptions options) => job.State switch
    {
        JobState.Leased => Later(job.ExpiresUs, job.LeasedUntilUs ?? job.ExpiresUs) + options.ProofWithin,
        JobState.Unproven => (job.ResultUs ?? job.CreatedUs) + options.ProofWithin,
        _ => job.ExpiresUs,
    };

    private static (JobState, string) End(JobStore.Row job, RemediationOptions options) => job.State switch
    {
        JobState.Leased => (JobState.Failed, "the agent took it and never said how it ended, and no report shows it done"),
        JobState.Unproven => (JobState.Failed, $"no fresh report proved it within {options.ProofWithin.TotalHours:0.#} h; last: {job.Evidence}"),
        _ => (JobState.Expired, "its time ran out before the agent took it"),
    };

    private static DateTimeOffset Later(DateTimeOffset left, DateTimeOffset right) => left > right ? left : right;
}
