using Suture.Contracts.Api;
using Suture.Contracts.Jobs;
using Suture.Exposure.Findings;
using Suture.Remediation.Dispatch;
using Suture.Remediation.Planning;

namespace Suture.Remediation.Verification;

/// <summary>What else of an approved plan an asset needs after its changes: the restart or the reboot that its clauses allow. Pure.</summary>
internal static class DecideFollowUp
{
    /// <summary>Null when nothing follows: something is still at work, all is in effect, the clauses do not allow it, or it was tried.</summary>
    /// <param name="plan">The approved plan.</param>
    /// <param name="jobs">Its jobs on the asset.</param>
    /// <param name="report">The asset by its last report.</param>
    public static NewJob? Of(FrozenPlan plan, IReadOnlyList<JobStore.Row> jobs, AssetExposure report)
    {
        var made = jobs.Where(job => job.IsFollowUp != 0).ToList();
        if (jobs.Count == 0 || jobs.Any(job => job.IsActive) || made.Count >= RemediationLimits.FollowUpsMax)
        {
            return null;
        }
        var held = jobs.Where(job => job.State == JobState.PendingEffect && job.IsFollowUp == 0).SelectMany(job => job.ReadChanges())
            .Select(change => Leftover.Of(change, report))
            .Where(left => !left.IsNone)
            .ToList();
        if (held.Count == 0)
        {
            return null;
        }
        var asset = jobs[0].AssetId;
        var place = jobs.Max(job => job.Place) + 1;
        var needsReboot = held.Exists(left => left.NeedsReboot) || made.Exists(job => job.Verb == JobVerb.RestartService);
        if (needsReboot && plan.Body.AllowsReboot)
        {
            return made.Exists(job => job.Verb == JobVerb.Reboot)
                ? null
                : new NewJob(plan, asset, JobVerb.Reboot, place, [.. held.Select(left => After(left.Change, JobVerb.Reboot, []))], true);
        }
        // Where a reboot is not this plan's to make, a restart still ends what a restart can end; the rest waits for a person.
        var restarts = held.Where(left => !left.NeedsReboot).ToList();
        return plan.Body.RestartsServices && !made.Exists(job => job.Verb == JobVerb.RestartService) && restarts.Exists(left => left.Units.Count > 0)
            ? new NewJob(plan, asset, JobVerb.RestartService, place, [.. restarts.Select(left => After(left.Change, JobVerb.RestartService, left.Units))], true)
            : null;
    }

    private static PlanChange After(PlanChange change, JobVerb verb, IReadOnlyList<string> units) =>
        change with { Verb = verb, Packages = [], Units = units, From = new Dictionary<string, string>() };
}
