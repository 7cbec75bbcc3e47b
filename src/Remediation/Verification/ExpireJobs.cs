using System.Globalization;
using Suture.Contracts.Api;
using Suture.Platform.Storage;
using Suture.Platform.Work;
using Suture.Remediation.Dispatch;
using Suture.Remediation.Planning;

namespace Suture.Remediation.Verification;

/// <summary>Ends an asset's jobs whose time ran out: never taken, taken and silent, or done and never proved.</summary>
internal sealed class ExpireJobs(Store store, WorkQueue queue, EndPlan ends, JobSignal signal, RemediationOptions options, TimeProvider time) : IWorkHandler
{
    public string Kind => RemediationWork.JobsDue;

    public async Task HandleAsync(WorkItem item, CancellationToken cancellation)
    {
        var asset = Guid.ParseExact(item.Subject, "N");
        await Races.WriteAsync(store, session => WriteAsync(session, item, asset), cancellation);
        signal.Wake(asset);
    }

    private async Task<bool> WriteAsync(StoreSession session, WorkItem item, Guid asset)
    {
        var now = time.GetUtcNow();
        var plans = new SortedSet<Guid>();
        DateTimeOffset? next = null;
        foreach (var job in await JobStore.OfAssetAsync(session, asset, JobStore.Active))
        {
            var due = Due(job, options);
            if (due > now)
            {
                next = next is null || due < next ? due : next;
                continue;
            }
            var (state, evidence) = End(job, options);
            if (!await JobStore.MoveAsync(session, job, state, evidence, job.EvidenceReport, job.Contradictions, now))
            {
                // The agent took it, or told how it ended, at this very moment: it has another time now, and needs another look.
                throw new PlanRaceException($"Job {job.Id} moved meanwhile.");
            }
            await session.AppendJobAsync(now, "server", state == JobState.Expired ? "job.expired" : "job.failed", job.Id, asset, new { Plan = job.PlanId, Evidence = evidence });
            if (job.PlanId is { } plan)
            {
                plans.Add(plan);
            }
        }
        foreach (var plan in plans)
        {
            await ends.AfterJobsAsync(session, plan, asset, now);
        }
        await WorkQueue.CompleteAsync(session, item);
        if (next is { } again)
        {
            await queue.EnqueueAsync(session, now, Kind, asset.ToString("N", CultureInfo.InvariantCulture), again);
        }
        return true;
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
