using Suture.Contracts.Api;
using Suture.Contracts.Jobs;
using Suture.Exposure.Fixes;
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
