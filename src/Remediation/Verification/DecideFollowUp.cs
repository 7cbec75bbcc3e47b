using Suture.Contracts.Api;
using Suture.Contracts.Jobs;
using Suture.Remediation.Dispatch;
using Suture.Remediation.Planning;

namespace Suture.Remediation.Verification;

/// <summary>What else of an approved plan an asset needs after its changes: the restart or the reboot that its clauses allow. Pure.</summary>
internal static class DecideFollowUp
{
    /// <summary>Null when nothing follows: something is still at work, all is in effect, the clauses do not allow it, or it was tried.</summary>
    /// <param name="body">The approved plan.</param>
    /// <param name="jobs">Its jobs on the asset.</param>
    /// <param name="findings">Open findings of the asset by its last report.</param>
    public static NewJob? Of(PlanBody body, IReadOnlyList<JobStore.Row> jobs, IReadOnlyList<Finding> findings)
    {
        var made = jobs.Where(job => job.IsFollowUp != 0).ToList();
        if (jobs.Count == 0 || jobs.Any(job => job.IsActive) || made.Count >= RemediationLimits.FollowUpsMax)
        {
            return null;
        }
        var changes = jobs.Where(job => job.State == JobState.PendingEffect && job.IsFollowUp == 0).SelectMany(job => job.ReadChanges()).ToList();
        var held = changes
            .Select(change => (Change: change, Left: findings.Where(finding => Coverage.Covers(change, finding)).ToList()))
            .Where(pair => pair.Left.Count > 0)
            .ToList();
        if (held.Count == 0)
        {
            return null;
        }
        var asset = jobs[0].AssetId;
        var place = jobs.Max(job => job.Place) + 1;
        var all = held.SelectMany(pair => pair.Left).ToList();
        var needsReboot = all.Exists(finding => Coverage.NeedsReboot(finding) || finding.Status == FindingStatus.Affected) || made.Exists(job => job.Verb == JobVerb.RestartService);
        if (needsReboot && body.AllowsReboot)
        {
            return made.Exists(job => job.Verb == JobVerb.Reboot)
                ? null
                : new NewJob(body, asset, JobVerb.Reboot, place, [.. held.Select(pair => After(pair.Change, JobVerb.Reboot, []))], true);
        }
        // Where a reboot is not this plan's to make, a restart still ends what a restart can end; the rest waits for a person.
        var restarts = held.Where(pair => pair.Left.TrueForAll(finding => !Coverage.NeedsReboot(finding) && finding.Status != FindingStatus.Affected)).ToList();
        return body.RestartsServices && !made.Exists(job => job.Verb == JobVerb.RestartService) && restarts.Exists(pair => Coverage.Units(pair.Left).Count > 0)
            ? new NewJob(body, asset, JobVerb.RestartService, place, [.. restarts.Select(pair => After(pair.Change, JobVerb.RestartService, Coverage.Units(pair.Left)))], true)
            : null;
    }

    private static PlanChange After(PlanChange change, JobVerb verb, IReadOnlyList<string> units) =>
        change with { Verb = verb, Packages = [], Units = units, From = new Dictionary<string, string>() };
}
