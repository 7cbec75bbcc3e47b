using Suture.Contracts.Api;
using Suture.Inventory;
using Suture.Platform.Storage;
using Suture.Remediation.Planning;
using Suture.Remediation.Verification;

namespace Suture.Remediation.Dispatch;

/// <summary>Takes back jobs that no agent has taken yet, of plans that the policy approved for what the asset was then (<see cref="PolicyApproval"/>).</summary>
internal sealed class WithdrawJobs(EndPlan ends)
{
    public async Task HandleAsync(StoreSession session, AssetRecord asset, DateTimeOffset now)
    {
        foreach (var plan in (await PlanStore.OpenOfAsync(session, asset.Id)).Where(plan => plan.State == PlanState.Approved).OrderBy(plan => plan.Id))
        {
            var changes = plan.Read().Changes.Where(change => change.Asset == asset.Id).ToList();
            var jobs = (await JobStore.OfPlanAsync(session, plan.Id, asset.Id)).Where(job => job.State == JobState.Ready).ToList();
            if (jobs.Count == 0 || PolicyApproval.WhyNotAnyMore(plan.DecidedBy, changes, asset) is not { } why)
            {
                continue;
            }
            foreach (var job in jobs)
            {
                if (!await WithdrawAsync(session, job, why, "server", now))
                {
                    throw new PlanRaceException($"Job {job.Id} moved meanwhile.");
                }
            }
            await ends.AfterJobsAsync(session, plan.Id, asset.Id, now);
        }
    }

    /// <summary>Takes back one job that is ready.</summary>
    /// <returns>False when it moved meanwhile: an agent took it, or its time ran out.</returns>
    internal static async Task<bool> WithdrawAsync(StoreSession session, JobStore.Row job, string why, string actor, DateTimeOffset now)
    {
        var evidence = $"taken back before the agent took it: {why}";
        if (!await JobStore.MoveAsync(session, job, JobState.Withdrawn, evidence, null, job.Contradictions, now))
        {
            return false;
        }
        await session.AppendJobAsync(now, actor, "job.withdrawn", job.Id, job.AssetId, new { Plan = job.PlanId, Evidence = evidence });
        return true;
    }
}
