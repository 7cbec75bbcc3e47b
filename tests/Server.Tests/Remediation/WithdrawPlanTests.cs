using Suture.Contracts.Api;
using Suture.Contracts.Jobs;
using Suture.Exposure.Fixes;
using Suture.Platform.Identity;
using Suture.Remediation.Approvals;
using Suture.Remediation.Planning;
using Suture.Tests;
using static Suture.Server.Tests.Remediation.GivenRemediation;

namespace Suture.Server.Tests.Remediation;

/// <summary>What a plan that a person took back still does, and what it must not do any more.</summary>
public sealed class WithdrawPlanTests(StoreFixture stores)
{
    public static TheoryData<string> Engines => StoreFixture.Engines;

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task WhileTheRestartWaits_NothingFollows_NorDoesThePolicyMakeItAgain(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var asset = await world.EnrolAsync(); // staging: the plan allows restart and reboot
        await world.ReportAsync(asset);
        await world.RunAsync();
        var plan = Assert.Single(await world.PlansAsync()).Id;
        var upgrade = LoopTests.Read(Assert.Single((await world.PollAsync(asset)).Jobs));
        await world.ResultAsync(asset, upgrade.JobId);
        Finding[] pending = [Finding(status: FindingStatus.PendingEffect, installed: Fixed)];
        await world.ReportAsync(asset, pending, Fixed, upgrade.JobId);
        await world.RunAsync();
        Assert.Equal([JobState.PendingEffect, JobState.Ready], (await world.JobsAsync()).Select(job => job.State));

        Assert.Equal(DecisionOutcome.Decided, (await world.WithdrawAsync(plan)).Outcome);
        await world.RunAsync();
        await world.ReportAsync(asset, pending, Fixed);
        await world.RunAsync();

        Assert.Equal([(JobVerb.EnsurePackage, JobState.PendingEffect), (JobVerb.RestartService, JobState.Withdrawn)], (await world.JobsAsync()).Select(job => (job.Verb, job.State)));
        Assert.Empty((await world.PollAsync(asset)).Jobs);
        Assert.Equal(PlanState.EndedUnverified, Assert.Single(await world.PlansAsync()).State);
        Assert.Single(await world.LedgerAsync($"plan:{plan}"), action => action == "plan.stopped");
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task WhileAnAgentIsAtWork_WhatItLeavesRunningIsNotRestarted(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var (plan, first, _) = await TwoAssetsAsync(world);
        var taken = LoopTests.Read(Assert.Single((await world.PollAsync(first)).Jobs));

        Assert.Equal(DecisionOutcome.Decided, (await world.WithdrawAsync(plan)).Outcome);
        await world.ResultAsync(first, taken.JobId);
        await world.ReportAsync(first, [Finding(status: FindingStatus.PendingEffect, installed: Fixed, critical: false, kev: false)], Fixed, taken.JobId);
        await world.RunAsync();

        Assert.Equal([JobState.PendingEffect, JobState.Withdrawn], (await world.JobsAsync()).OrderBy(job => job.AssetName, StringComparer.Ordinal).Select(job => job.State));
        Assert.Equal(PlanState.EndedUnverified, (await world.PlansAsync()).Single(row => row.Id == plan).State);
    }

    [Fact]
    public async Task AnAgentTakesAJobMeanwhile_TheOthersAreTakenBackAllTheSame()
    {
        await using var world = await RemediationWorld.StartAsync(stores, "sqlite");
        var (plan, first, _) = await TwoAssetsAsync(world);
        // Stands in for an agent that is always faster: its job is never as it was read.
        await world.Store.WriteAsync(
            session => session.ExecuteAsync(
                $"""
                create trigger faster before update of state on remediation_job when new.state = {(int)JobState.Withdrawn} and hex(old.asset_id) = '{Convert.ToHexString(first.ToByteArray(bigEndian: true))}'
                begin select raise(ignore); end
                """),
            CancellationToken.None);

        Assert.Equal(DecisionOutcome.Decided, (await world.WithdrawAsync(plan)).Outcome);

        Assert.Equal([JobState.Ready, JobState.Withdrawn], (await world.JobsAsync()).OrderBy(job => job.AssetName, StringComparer.Ordinal).Select(job => job.State));
        Assert.Equal(PlanState.Approved, (await world.PlansAsync()).Single(row => row.Id == plan).State);
    }

    [Theory]
    [InlineData("sqlite", Role.Approver, 0)]
    [InlineData("sqlite", Role.Analyst, 1)]
    [InlineData("postgresql", Role.Approver, 0)]
    [InlineData("postgresql", Role.Analyst, 1)]
    public async Task BeforeTheFixTurnsCritical_OnlyAnApproverHoldsThePolicyBack(string engine, Role role, int plansOfThePolicy)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var asset = await world.EnrolAsync();
        await world.ReportAsync(asset, [Finding(critical: false, kev: false)]);
        await world.RunAsync();
        Assert.True(FixKey.TryParse($"bookworm/openssl/{Fixed}", out var fix));
        var anna = RemediationWorld.Person("anna", null, role);
        var asked = await world.Get<RequestPlan>().HandleAsync(anna, fix, null, CancellationToken.None);

        Assert.Equal(DecisionOutcome.Decided, (await world.WithdrawAsync(asked.Plan, anna)).Outcome);
        await world.RunAsync();
        Assert.Single(await world.PlansAsync());
        await world.ReportAsync(asset, [Finding()]);
        await world.RunAsync();

        Assert.Equal(plansOfThePolicy, (await world.PlansAsync()).Count(plan => plan is { Author: "policy", State: PlanState.Approved }));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task BeforeAnAgentTookAJob_NothingIsDone_AndThePolicyDoesNotMakeItAgain(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var asset = await world.EnrolAsync();
        await world.ReportAsync(asset);
        await world.RunAsync();
        var plan = Assert.Single(await world.PlansAsync());
        Assert.Equal((PlanState.Approved, JobState.Ready), (plan.State, Assert.Single(await world.JobsAsync()).State));

        Assert.Equal(DecisionOutcome.Decided, (await world.WithdrawAsync(plan.Id)).Outcome);
        Assert.Equal(DecisionOutcome.Decided, (await world.WithdrawAsync(plan.Id)).Outcome);

        Assert.Empty((await world.PollAsync(asset)).Jobs);
        var job = Assert.Single(await world.JobsAsync());
        Assert.Equal((JobState.Withdrawn, "taken back before the agent took it: carl withdrew the plan: not this week"), (job.State, job.Evidence));
        await world.ReportAsync(asset);
        await world.RunAsync();
        var row = Assert.Single(await world.PlansAsync());
        Assert.Equal((PlanState.Withdrawn, "carl", "not this week"), (row.State, row.DecidedBy, row.Reason));
        Assert.Equal(["plan.made", "plan.approved", "plan.withdrawn"], await world.LedgerAsync($"plan:{plan.Id}"));
        Assert.Equal(DecisionOutcome.TooLate, (await world.DecideAsync(plan.Id)).Outcome);

        await world.ReportAsync(asset, [Finding(fixedVersion: "3.0.18-1")], updates: [Update(version: "3.0.18-1")]);
        await world.RunAsync();
        Assert.Equal(2, (await world.PlansAsync()).Count);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task BeforeJobsWereSigned_NoneIs(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        await world.ReportAsync(await world.EnrolAsync(environment: "production"));
        await world.RunAsync();
        var plan = Assert.Single(await world.PlansAsync()).Id;
        await world.DecideAsync(plan);

        Assert.Equal(DecisionOutcome.Decided, (await world.WithdrawAsync(plan)).Outcome);
        await world.RunAsync();

        Assert.Empty(await world.JobsAsync());
        Assert.Equal(PlanState.Withdrawn, Assert.Single(await world.PlansAsync()).State);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task WhileAnAgentIsAtWork_TheOtherJobsAreTakenBackAndThePlanEndsWithThatOne(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var (plan, first, second) = await TwoAssetsAsync(world);
        var taken = LoopTests.Read(Assert.Single((await world.PollAsync(first)).Jobs));

        Assert.Equal(DecisionOutcome.Decided, (await world.WithdrawAsync(plan)).Outcome);
        Assert.Equal(DecisionOutcome.TooLate, (await world.WithdrawAsync(plan)).Outcome);

        Assert.Empty((await world.PollAsync(second)).Jobs);
        Assert.Equal(PlanState.Approved, (await world.PlansAsync()).Single(row => row.Id == plan).State);
        await world.ResultAsync(first, taken.JobId);
        await world.ReportAsync(first, [], Fixed, taken.JobId);
        await world.RunAsync();

        var ended = (await world.PlansAsync()).Single(row => row.Id == plan);
        Assert.Equal(PlanState.EndedUnverified, ended.State);
        Assert.Contains("carl withdrew the plan: not this week", ended.Reason, StringComparison.Ordinal);
        Assert.Equal([JobState.Verified, JobState.Withdrawn], (await world.JobsAsync()).OrderBy(job => job.AssetName, StringComparer.Ordinal).Select(job => job.State));
        Assert.Contains("plan.stopped", await world.LedgerAsync($"plan:{plan}"));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task ByWhom_FollowsRoleAuthorAndScope(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        await world.ReportAsync(await world.EnrolAsync(), [Finding(critical: false, kev: false)]);
        await world.RunAsync();
        Assert.True(FixKey.TryParse($"bookworm/openssl/{Fixed}", out var fix));
        var (anna, olga) = (RemediationWorld.Person("anna", null, Role.Analyst), RemediationWorld.Person("olga", null, Role.Operator));
        async Task<Guid> AskAsync() => (await world.Get<RequestPlan>().HandleAsync(anna, fix, null, CancellationToken.None)).Plan;

        var plan = await AskAsync();
        Assert.Equal(DecisionOutcome.NotTheirs, (await world.WithdrawAsync(plan, olga)).Outcome);
        Assert.Equal(DecisionOutcome.NotFound, (await world.WithdrawAsync(plan, RemediationWorld.Person("carl", Scope.None))).Outcome);
        Assert.Equal(DecisionOutcome.NotFound, (await world.WithdrawAsync(Guid.Empty)).Outcome);
        Assert.Equal(DecisionOutcome.Decided, (await world.WithdrawAsync(plan, anna)).Outcome);

        plan = await AskAsync();
        await world.DecideAsync(plan);
        Assert.Equal(DecisionOutcome.NotTheirs, (await world.WithdrawAsync(plan, anna)).Outcome); // it is the approver's now
        Assert.Equal(PlanState.Approved, (await world.PlansAsync()).Single(row => row.Id == plan).State);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task AgainstPolls_EitherTheAgentHasTheJobOrItIsTakenBack(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var asset = await world.EnrolAsync();
        await world.ReportAsync(asset);
        await world.RunAsync();
        var plan = Assert.Single(await world.PlansAsync()).Id;

        var polls = Enumerable.Range(0, 6).Select(_ => Task.Run(() => world.PollAsync(asset))).ToList();
        var withdrawals = Enumerable.Range(0, 6).Select(n => Task.Run(() => world.WithdrawAsync(plan, RemediationWorld.Person($"p{n}")))).ToList();
        var offered = (await Task.WhenAll(polls)).Sum(poll => poll.Jobs.Count);
        var outcomes = (await Task.WhenAll(withdrawals)).Select(answer => answer.Outcome).Distinct().ToList();

        Assert.Equal(offered > 0 ? DecisionOutcome.TooLate : DecisionOutcome.Decided, Assert.Single(outcomes));
        Assert.Equal(offered > 0 ? JobState.Leased : JobState.Withdrawn, Assert.Single(await world.JobsAsync()).State);
        Assert.Equal(offered > 0 ? 0 : 1, (await world.LedgerAsync($"plan:{plan}")).Count(action => action == "plan.withdrawn"));
    }

    /// <summary>A plan on two assets of staging that a person asked for and another approved, its jobs ready.</summary>
    private static async Task<(Guid Plan, Guid First, Guid Second)> TwoAssetsAsync(RemediationWorld world)
    {
        Finding[] findings = [Finding(critical: false, kev: false)];
        var (first, second) = (await world.EnrolAsync("web1"), await world.EnrolAsync("web2"));
        await world.ReportAsync(first, findings);
        await world.ReportAsync(second, findings);
        await world.RunAsync();
        Assert.True(FixKey.TryParse($"bookworm/openssl/{Fixed}", out var fix));
        var plan = (await world.Get<RequestPlan>().HandleAsync(RemediationWorld.Person("anna"), fix, null, CancellationToken.None)).Plan;
        Assert.Equal(DecisionOutcome.Decided, (await world.DecideAsync(plan)).Outcome);
        await world.RunAsync();
        return (plan, first, second);
    }
}
