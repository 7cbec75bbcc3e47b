using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Suture.Contracts.Api;
using Suture.Exposure.Findings;
using Suture.Inventory;
using Suture.Platform;
using Suture.Platform.Identity;
using Suture.Platform.Storage;
using Suture.Platform.Work;
using Suture.Remediation.Planning;

namespace Suture.Remediation.Approvals;

internal enum DecisionOutcome
{
    /// <summary>Decided now, or decided so before: the same answer.</summary>
    Decided = 1,
    NotFound = 2,
    OutsideScope = 3,
    OwnPlan = 4,
    HashDiffers = 5,
    /// <summary>The plan's state does not allow it any more.</summary>
    TooLate = 6,
    /// <summary>An asset must not be changed now.</summary>
    AssetHeld = 7,
    /// <summary>The stored body is not what its hash says.</summary>
    BodyDiffers = 8,
    /// <summary>Neither an approver, nor who asked for the plan.</summary>
    NotTheirs = 9,
    /// <summary>Agents demand signatures of approvers, and the caller's is missing or does not count.</summary>
    NotSigned = 10,
}

/// <summary>A person's decision on a plan: bound to the hash seen, by somebody whose scope covers all of it, exactly once.</summary>
internal sealed partial class DecideOnPlan(
    Store store, WorkQueue queue, AssetDirectory assets, PlanSigners signers, IOptions<PlatformOptions> platform, TimeProvider time, ILogger<DecideOnPlan> logger)
{
    public async Task<(DecisionOutcome Outcome, string Detail)> HandleAsync(
        Principal principal, Guid plan, PlanDecisionRequest request, bool isApproval, CancellationToken cancellation)
    {
        var answer = await store.WriteAsync(session => WriteAsync(session, principal, plan, request, isApproval), cancellation);
        LogDecision(plan, isApproval, answer.Outcome);
        return answer;
    }

    private async Task<(DecisionOutcome Outcome, string Detail)> WriteAsync(
        StoreSession session, Principal principal, Guid id, PlanDecisionRequest request, bool isApproval)
    {
        var now = time.GetUtcNow();
        if (await PlanStore.FindAsync(session, id) is not { } plan)
        {
            return (DecisionOutcome.NotFound, "");
        }
        var body = plan.Read();
        var inScope = (await assets.ListAsync(session, principal.Scope, body.Changes.Select(change => change.Asset))).ToDictionary(asset => asset.Id);
        var (outcome, detail) = Decide(plan, body, principal, request, isApproval, inScope, platform.Value.Solo);
        if (outcome != DecisionOutcome.Decided || plan.State != PlanState.WaitingApproval)
        {
            return (outcome, detail);
        }
        if (isApproval && await SignAsync(session, plan, body, principal, request, inScope.Values, now) is { } unfinished)
        {
            return unfinished;
        }
        var rows = await session.ExecuteAsync(
            """
            update remediation_plan set state = @to, version = version + 1, decided_us = @now, decided_by = @Name, reason = @reason, ended_us = @ended
            where id = @id and state = @waiting and version = @Version
            """,
            new
            {
                id, to = (int)(isApproval ? PlanState.Approved : PlanState.Rejected), waiting = (int)PlanState.WaitingApproval, plan.Version, now, principal.Name,
                reason = request.Reason, ended = isApproval ? null : (DateTimeOffset?)now,
            });
        if (rows != 1)
        {
            // Somebody else was faster: what they decided is in the store now, and decides the answer.
            var fresh = await PlanStore.FindAsync(session, id);
            return fresh is null || fresh.Version == plan.Version
                ? throw new InvalidOperationException($"Plan {id} could not be decided on and did not move.")
                : Decide(fresh, body, principal, request, isApproval, inScope, platform.Value.Solo);
        }
        await FollowAsync(session, plan, body, principal, request, isApproval, now);
        return (DecisionOutcome.Decided, "");
    }

    /// <summary>Keeps the approver's signature where agents demand some.</summary>
    /// <returns>Null when the plan has all that are demanded.</returns>
    private async Task<(DecisionOutcome Outcome, string Detail)?> SignAsync(
        StoreSession session, PlanStore.Row plan, PlanBody body, Principal principal, PlanDecisionRequest request, IEnumerable<AssetRecord> changed, DateTimeOffset now)
    {
        // Of two who sign at once, the second must see the first's signature: together they are the approval.
        await PlanStore.LockAsync(session, plan.Id);
        var demands = await signers.DemandsAsync(session, plan, changed);
        if (demands.Count == 0)
        {
            return null;
        }
        if (demands.FirstOrDefault(demand => demand.Set is null) is { } unknown)
        {
            return (DecisionOutcome.AssetHeld, unknown.Why + ".");
        }
        if (request.Signature is not { } signature)
        {
            return (DecisionOutcome.NotSigned, $"{demands.First(demand => !demand.IsMet || demands.Count == 1).Why}. Approve with your key: './suture plan approve {plan.Id} --key FILE'.");
        }
        var challenge = Convert.FromHexString(plan.Hash);
        if (!demands.Any(demand => PlanSigners.Holder(demand.Set!, signature, challenge) == principal.Name))
        {
            return (DecisionOutcome.NotSigned, $"The signature is none over this plan's hash by a key that the set of approvers has for {principal.Name}. './suture approvers show GROUP' lists the keys that count.");
        }
        if (await PlanSigners.AddAsync(session, plan.Id, principal.Name, signature, now))
        {
            await session.AppendPlanAsync(now, principal.Actor, "plan.signed", body, _ => new { plan.Hash, signature.KeyId });
        }
        var missing = (await signers.DemandsAsync(session, plan, changed)).FirstOrDefault(demand => !demand.IsMet);
        return missing is null ? null : (DecisionOutcome.Decided, missing.Why);
    }

    private async Task FollowAsync(
        StoreSession session, PlanStore.Row plan, PlanBody body, Principal principal, PlanDecisionRequest request, bool isApproval, DateTimeOffset now)
    {
        var isSolo = platform.Value.Solo && plan.Author == principal.Name ? (bool?)true : null;
        object Detail(PlanBody part) => new { plan.Hash, Title = PlanWords.Title(part), request.Reason, Solo = isSolo };
        if (isApproval)
        {
            await PlanClocks.StampAsync(session, body, EpisodeClock.Approved, now);
            await FixWork.TurnAsync(session, plan.Id, Turn.Agent, now);
            await session.AppendPlanAsync(now, principal.Actor, "plan.approved", body, Detail);
            await queue.EnqueueAsync(session, now, RemediationWork.PlanApproved, plan.Id.ToString("N"));
            return;
        }
        foreach (var change in body.Changes)
        {
            await FixWork.RejectAsync(session, change.Asset, change.Fix, $"{principal.Name} rejected the plan: {request.Reason}", now);
        }
        await FixWork.ReleaseAsync(session, plan.Id, Turn.Person, now);
        await session.AppendPlanAsync(now, principal.Actor, "plan.rejected", body, Detail);
        foreach (var asset in body.Changes.Select(change => change.Asset).Distinct())
        {
            await queue.EnqueueAsync(session, now, RemediationWork.PlanAsset, asset.ToString("N"));
        }
    }

    /// <summary>Whether this decision may be taken, or was. Pure; fails closed.</summary>
    internal static (DecisionOutcome Outcome, string Detail) Decide(
        PlanStore.Row plan, PlanBody body, Principal principal, PlanDecisionRequest request, bool isApproval, IReadOnlyDictionary<Guid, AssetRecord> inScope, bool isSolo)
    {
        var changed = body.Changes.Select(change => change.Asset).Distinct().ToList();
        if (WhyNotTheirs(changed.Count, changed.Count(inScope.ContainsKey)) is { } refusal)
        {
            return refusal;
        }
        if (plan.Author == principal.Name && !isSolo)
        {
            return (DecisionOutcome.OwnPlan, "You asked for this plan. Somebody else must decide on it; 'up --solo' lets one person do both.");
        }
        if (request.Hash != plan.Hash)
        {
            return (DecisionOutcome.HashDiffers, $"You decided on the hash '{Shorten(request.Hash)}'; the plan's is {plan.Hash}. Look at the plan as it is, then decide again.");
        }
        if (plan.Freeze() is null)
        {
            return (DecisionOutcome.BodyDiffers, "The stored body of the plan does not have the plan's hash. Nothing is done with it; a person must look at the store.");
        }
        return Now(plan, isApproval, [.. changed.Select(asset => inScope[asset])]);
    }

    /// <summary>Why somebody whose scope covers so many of the assets may not decide; null when they may.</summary>
    internal static (DecisionOutcome Outcome, string Detail)? WhyNotTheirs(int changed, int seen) =>
        seen == 0 ? (DecisionOutcome.NotFound, "")
        : seen < changed ? (DecisionOutcome.OutsideScope, $"It changes {changed} assets, of which {changed - seen} are outside your scope. Somebody whose scope covers all of them must decide.")
        : null;

    private static (DecisionOutcome Outcome, string Detail) Now(PlanStore.Row plan, bool isApproval, IReadOnlyList<AssetRecord> changed)
    {
        var isDecidedSo = isApproval
            ? plan.State is PlanState.Approved or PlanState.Verified or PlanState.EndedUnverified
            : plan.State == PlanState.Rejected;
        if (isDecidedSo)
        {
            return (DecisionOutcome.Decided, "");
        }
        if (plan.State != PlanState.WaitingApproval)
        {
            return (DecisionOutcome.TooLate, $"Its state is {plan.State}{(plan.DecidedBy is null ? "" : $" by {plan.DecidedBy}")}{(plan.Reason is null ? "" : $": {plan.Reason}")}. {(plan.State == PlanState.Approved ? "Withdraw it to take back what no agent has taken." : "List the plans that wait.")}");
        }
        var held = isApproval ? changed.Select(asset => (asset.Name, Reason: PlanInputs.Held(asset with { IsSilent = false }))).FirstOrDefault(asset => asset.Reason is not null) : default;
        return held.Reason is null ? (DecisionOutcome.Decided, "") : (DecisionOutcome.AssetHeld, $"{held.Name}: {held.Reason}. Ask for a plan without it.");
    }

    private static string Shorten(string text) => text.Length <= 70 ? text : text[..70] + "…";

    [LoggerMessage(4001, LogLevel.Information, "Decision on plan {PlanId}, approval {IsApproval}: {Outcome}")]
    private partial void LogDecision(Guid planId, bool isApproval, DecisionOutcome outcome);
}
