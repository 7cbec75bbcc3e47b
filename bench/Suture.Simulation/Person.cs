using Suture.Advisories;
using Suture.Contracts.Api;
using Suture.Platform.Identity;
using Suture.Platform.Work;
using Suture.Remediation;
using Suture.Remediation.Approvals;

namespace Suture.Simulation;

/// <summary>Somebody who decides on plans: approves most, rejects some, takes some back, and now and then decides by an old page.</summary>
internal sealed class Person(World world, string name)
{
    private readonly Principal _principal = new()
    {
        Actor = $"user:{name}", Name = name, Roles = new HashSet<Role> { Role.Approver, Role.Analyst }, Scope = Scope.All,
    };

    /// <summary>Plans this person was told to have approved.</summary>
    internal HashSet<Guid> Approved { get; } = [];

    /// <summary>Plans this person was told to have rejected.</summary>
    internal HashSet<Guid> Rejected { get; } = [];

    /// <summary>Plans this person was told to have taken back.</summary>
    internal HashSet<Guid> Withdrawn { get; } = [];

    internal async Task RunAsync()
    {
        while (!world.IsOver)
        {
            await world.Thread.Delay(world.Dice.Milliseconds(2_000, 60_000));
            if (world.Server.Life is { IsDead: false } server)
            {
                try
                {
                    await LookAsync(server);
                }
                // A page that says 500: the person looks again later.
                catch (Exception fault) when (fault is not BrokenRule)
                {
                    world.Tell($"{name} sees an error: {fault.Message}");
                }
            }
        }
    }

    private async Task LookAsync(ServerLife server)
    {
        var plans = (await server.Get<PlanDirectory>().ListAsync(Scope.All, new PlanQuery(), CancellationToken.None)).Items;
        foreach (var plan in plans.OrderBy(plan => plan.CreatedUtc).ThenBy(plan => plan.Title, StringComparer.Ordinal))
        {
            if (plan.State == PlanState.WaitingApproval)
            {
                await DecideAsync(server, plan);
            }
            else if (plan.State == PlanState.Approved && !world.IsPeace && world.Dice.Hits(30))
            {
                await WithdrawAsync(server, plan.Id);
            }
        }
    }

    private async Task DecideAsync(ServerLife server, PlanRow plan)
    {
        var isOld = world.Dice.Hits(100);
        var isApproval = world.IsPeace || world.Dice.Hits(850);
        var request = new PlanDecisionRequest { Hash = isOld ? new string('0', 64) : plan.Hash, Reason = "seen" };
        var (outcome, _) = await server.Get<DecideOnPlan>().HandleAsync(_principal, plan.Id, request, isApproval, CancellationToken.None);
        world.Tell($"{name} {(isApproval ? "approves" : "rejects")} {world.Name(plan.Id)}: {outcome}");
        if (server.IsDead || outcome != DecisionOutcome.Decided)
        {
            return; // the answer did not come through, or it is a refusal
        }
        if (isOld)
        {
            throw new BrokenRule($"Plan {world.Name(plan.Id)} was decided on by another plan's hash.");
        }
        (isApproval ? Approved : Rejected).Add(plan.Id);
        world.Counts.Decisions++;
    }

    private async Task WithdrawAsync(ServerLife server, Guid plan)
    {
        var (outcome, _) = await server.Get<WithdrawPlan>().HandleAsync(_principal, plan, "not this week", CancellationToken.None);
        world.Tell($"{name} takes {world.Name(plan)} back: {outcome}");
        if (!server.IsDead && outcome == DecisionOutcome.Decided)
        {
            Withdrawn.Add(plan);
        }
    }
}

/// <summary>Publishes the next fix, and sees to it that the server has it: a feed that could not be stored is fetched again.</summary>
internal sealed class Publisher(World world)
{
    internal async Task RunAsync()
    {
        while (world.Repository.HasMore && !world.IsOver)
        {
            await world.Thread.Delay(world.Dice.Milliseconds(10_000, 120_000));
            world.Repository.Published++;
            world.Tell($"day {world.Repository.Published} is published");
            while (!await TryHandOverAsync())
            {
                await world.Thread.Delay(world.Dice.Milliseconds(1_000, 20_000));
            }
        }
    }

    private async Task<bool> TryHandOverAsync()
    {
        if (world.Server.Life is not { IsDead: false } server)
        {
            return false;
        }
        try
        {
            server.Get<FeedsInForce>().Replace(world.Repository.Feeds);
            await server.Store.WriteAsync(
                session => server.Get<WorkQueue>().EnqueueAsync(session, world.Time.GetUtcNow(), AdvisoriesWork.FeedsChanged, AdvisoriesWork.All), CancellationToken.None);
            return !server.IsDead;
        }
        catch (Exception fault) when (fault is not BrokenRule)
        {
            return false;
        }
    }
}
