using System.Globalization;
using Microsoft.Extensions.Logging;
using Suture.Contracts.Api;
using Suture.Inventory;
using Suture.Platform.Identity;
using Suture.Platform.Storage;
using Suture.Platform.Work;
using Suture.Remediation.Dispatch;
using Suture.Remediation.Planning;
using Suture.Remediation.Verification;

namespace Suture.Remediation.Approvals;

/// <summary>Takes a plan back: one that waits, by who asked for it or an approver; an approved one, as far as no agent has taken its jobs, by an approver.</summary>
/// <remarks>What an agent has taken it carries out: nothing calls it back. Then the plan goes on with those jobs alone, makes no restart and no reboot after them, and ends
/// when they do. When an approver takes a plan back, the policy makes no further one for it until the version of the fix rises, as after a rejection. Who only
/// asked takes back their wish and nothing else: who may not reject a fix must not do so by asking for it first.</remarks>
internal sealed partial class WithdrawPlan(
    Store store, WorkQueue queue, AssetDirectory assets, EndPlan ends, TimeProvider time, ILogger<WithdrawPlan> logger)
{
    public async Task<(DecisionOutcome Outcome, string Detail)> HandleAsync(Principal principal, Guid plan, string reason, CancellationToken cancellation)
    {
        var answer = await Races.WriteAsync(store, session => WriteAsync(session, principal, plan, reason), cancellation);
        LogWithdrawal(plan, answer.Outcome);
        return answer;
    }

    private static readonly (DecisionOutcome Outcome, string Detail) AllTaken = (
        DecisionOutcome.TooLate, "Each of its jobs is with an agent or at its end, and what an agent has taken is not called back. See them with GET /api/v1/jobs.");

    private async Task<(DecisionOutcome Outcome, string Detail)> WriteAsync(StoreSession session, Principal principal, Guid id, string reason)
    {
        var now = time.GetUtcNow();
        await PlanStore.LockAsync(session, id);
        if (await PlanStore.FindAsync(session, id) is not { } plan)
        {
            return (DecisionOutcome.NotFound, "");
        }
        var body = plan.Read();
        var changed = body.Changes.Select(change => change.Asset).Distinct().ToList();
        var seen = (await assets.ListAsync(session, principal.Scope, changed)).Count;
        var jobs = await JobStore.OfPlanAsync(session, id);
        var (outcome, detail) = DecisionWithin(plan, principal, changed.Count, seen, jobs);
        if (outcome != DecisionOutcome.Decided || plan.State == PlanState.Withdrawn)
        {
            return (outcome, detail);
        }
        var why = $"{principal.Name} withdrew the plan: {reason}";
        var back = new List<JobStore.Row>();
        foreach (var job in jobs.Where(job => job.State == JobState.Ready))
        {
            // One that an agent takes at this moment is the agent's: in a large fleet there is always one, and it must not keep the others from being stopped.
            if (await WithdrawJobs.WithdrawAsync(session, job, why, principal.Actor, now))
            {
                back.Add(job);
            }
        }
        if (back.Count == 0 && jobs.Count > 0)
        {
            return AllTaken;
        }
        await (back.Count == jobs.Count ? WholeAsync(session, principal, plan, body, reason, why, now) : RestAsync(session, principal, body, back, reason, why, now));
        return (DecisionOutcome.Decided, "");
    }

    /// <summary>Whether the plan may be taken back, or was. Pure; fails closed.</summary>
    internal static (DecisionOutcome Outcome, string Detail) DecisionWithin(PlanStore.Row plan, Principal principal, int changed, int seen, IReadOnlyList<JobStore.Row> jobs)
    {
        if (DecideOnPlan.WhyNotTheirs(changed, seen) is { } refusal)
        {
            return refusal;
        }
        if (plan.State == PlanState.Withdrawn)
        {
            return (DecisionOutcome.Decided, "");
        }
        if (!principal.Roles.Contains(Role.Approver) && (plan.Author != principal.Name || plan.State != PlanState.WaitingApproval))
        {
            return (DecisionOutcome.NotTheirs, "A plan is taken back by an approver, and while it waits by who asked for it. Ask an approver.");
        }
        if (!PlanStore.OpenStates.Contains(plan.State))
        {
            return (DecisionOutcome.TooLate, $"Its state is {plan.State}; only a plan that waits or is approved can be taken back.");
        }
        return jobs.Count > 0 && jobs.All(job => job.State != JobState.Ready) ? AllTaken : (DecisionOutcome.Decided, "");
    }

    private async Task WholeAsync(StoreSession session, Principal principal, PlanStore.Row plan, PlanBody body, string reason, string why, DateTimeOffset now)
    {
        var rows = await session.ExecuteAsync(
            """
            update remediation_plan set state = @to, version = version + 1, decided_us = @now, decided_by = @Name, reason = @reason, ended_us = @now
            where id = @Id and state = @from and version = @Version
            """,
            new { plan.Id, to = (int)PlanState.Withdrawn, from = (int)plan.State, plan.Version, now, principal.Name, reason });
        if (rows != 1)
        {
            throw new PlanRaceException($"Plan {plan.Id} moved meanwhile.");
        }
        if (principal.Roles.Contains(Role.Approver))
        {
            foreach (var change in body.Changes)
            {
                await FixWork.RejectAsync(session, change.Asset, change.Fix, why, now);
            }
        }
        await FixWork.ReleaseAsync(session, plan.Id, Turn.Person, now);
        await session.AppendPlanAsync(now, principal.Actor, "plan.withdrawn", body, part => new { plan.Hash, Title = PlanWords.Title(part), Was = plan.State.ToString(), Reason = reason });
        foreach (var asset in body.Changes.Select(change => change.Asset).Distinct())
        {
            await queue.EnqueueAsync(session, now, RemediationWork.PlanAsset, asset.ToString("N", CultureInfo.InvariantCulture));
        }
    }

    private async Task RestAsync(
        StoreSession session, Principal principal, PlanBody body, IReadOnlyList<JobStore.Row> back, string reason, string why, DateTimeOffset now)
    {
        var changes = back.SelectMany(job => job.ReadChanges().Select(change => (Change: change, Key: KeyOf(job, change)))).ToList();
        foreach (var (change, key) in changes)
        {
            await FixWork.RejectAsync(session, change.Asset, key, why, now);
        }
        await session.AppendPlanAsync(
            now, principal.Actor, "plan.stopped", body with { Changes = [.. changes.Select(pair => pair.Change)] },
            part => new { Title = PlanWords.Title(part), Reason = reason, JobsTakenBack = back.Count(job => part.Changes.Any(change => change.Asset == job.AssetId)) });
        await ends.AfterJobsAsync(session, body.Plan, back[0].AssetId, now);
    }

    // A follow-up names the fix that it follows; what is taken back with it is putting that fix into effect.
    private static string KeyOf(JobStore.Row job, PlanChange change) =>
        job.IsFollowUp == 0 ? change.Fix : (FixLine.Key(change.Fix) with { IsEffect = true }).ToString();

    [LoggerMessage(4002, LogLevel.Information, "Withdrawal of plan {PlanId}: {Outcome}")]
    private partial void LogWithdrawal(Guid planId, DecisionOutcome outcome);
}
