using Suture.Contracts.Api;
using Suture.Contracts.Jobs;
using Suture.Exposure;
using Suture.Inventory.Assets;
using Suture.Platform.Identity;
using Suture.Remediation;
using Suture.Tests;
using static Suture.Server.Tests.Remediation.GivenRemediation;

namespace Suture.Server.Tests.Remediation;

/// <summary>The policy said yes to a staging asset; then a person says that it is in production.</summary>
public sealed class MovedAssetTests(StoreFixture stores)
{
    public static TheoryData<string> Engines => StoreFixture.Engines;

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task MovedBetweenApprovalAndSigning_NoJobIsMade_AndAPersonIsAsked(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var asset = await world.EnrolAsync();
        await world.ReportAsync(asset);
        await world.RunOnlyAsync(ExposureWork.AssetJudged);
        await world.RunOnlyAsync(RemediationWork.PlanAsset);
        Assert.Equal(PlanState.Approved, Assert.Single(await world.PlansAsync()).State);

        await world.MoveAsync(asset, "production");
        await world.RunAsync();

        Assert.Empty(await world.JobsAsync());
        await AssertHeldAndAskedAsync(world, asset);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task MovedBetweenSigningAndThePoll_TheJobIsTakenBack_AndAPersonIsAsked(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var asset = await world.EnrolAsync();
        await world.ReportAsync(asset);
        await world.RunAsync();
        Assert.Equal(JobState.Ready, Assert.Single(await world.JobsAsync()).State);

        await world.MoveAsync(asset, "production");
        Assert.Empty((await world.PollAsync(asset)).Jobs);
        await world.RunAsync();

        var job = Assert.Single(await world.JobsAsync());
        Assert.Equal(JobState.Withdrawn, job.State);
        Assert.Contains("web1 is in production now, and the policy approved this for staging", job.Evidence, StringComparison.Ordinal);
        Assert.Equal("job.withdrawn", (await world.LedgerAsync($"job:{job.Id}"))[^1]);
        await AssertHeldAndAskedAsync(world, asset);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task MovedWhileTheAgentWorks_TheRestartOfThePlanIsNotMade(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var asset = await world.EnrolAsync();
        await world.ReportAsync(asset);
        await world.RunAsync();
        var upgrade = LoopTests.Read(Assert.Single((await world.PollAsync(asset)).Jobs));
        await world.ResultAsync(asset, upgrade.JobId);

        await world.MoveAsync(asset, "production");
        await world.ReportAsync(asset, [Finding(status: FindingStatus.PendingEffect, installed: Fixed)], Fixed, upgrade.JobId);
        await world.RunAsync();

        Assert.Equal(JobState.PendingEffect, Assert.Single(await world.JobsAsync()).State);
        var plans = await world.PlansAsync();
        Assert.Equal([PlanState.WaitingApproval, PlanState.EndedUnverified], plans.Select(plan => plan.State));
        Assert.Equal(JobVerb.RestartService, (await world.Get<PlanDirectory>().FindAsync(Scope.All, plans[0].Id, CancellationToken.None))!.Changes[0].Verb);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task APlanWaits_AnOperatorRelabelsItsAsset_ItGoesOnWaiting(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var asset = await world.EnrolAsync(environment: "production");
        await world.ReportAsync(asset);
        await world.RunAsync();
        var plan = Assert.Single(await world.PlansAsync());
        async Task<ChangeOutcome> RelabelAsync(params Role[] roles)
        {
            var outcome = await world.Get<StateContext>().SetAsync(
                RemediationWorld.Person("olga", null, roles), asset, new ContextRequest { Key = "environment", Value = "staging" }, CancellationToken.None);
            await world.ReportAsync(asset);
            await world.RunAsync();
            return outcome;
        }

        Assert.Equal(ChangeOutcome.WantsApprover, await RelabelAsync(Role.Operator));
        Assert.Equal(PlanState.WaitingApproval, Assert.Single(await world.PlansAsync()).State);
        Assert.Empty(await world.JobsAsync());

        Assert.Equal(ChangeOutcome.Done, await RelabelAsync(Role.Operator, Role.Approver));
        Assert.Equal(PlanState.Superseded, (await world.PlansAsync()).Single(row => row.Id == plan.Id).State);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task APersonApproved_TheMoveVoidsNothing(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var asset = await world.EnrolAsync(environment: "production");
        await world.ReportAsync(asset);
        await world.RunAsync();
        await world.DecideAsync(Assert.Single(await world.PlansAsync()).Id);
        await world.RunAsync();

        await world.MoveAsync(asset, "staging");

        Assert.Single((await world.PollAsync(asset)).Jobs);
    }

    private static async Task AssertHeldAndAskedAsync(RemediationWorld world, Guid asset)
    {
        var plans = await world.PlansAsync();
        Assert.Equal([PlanState.WaitingApproval, PlanState.EndedUnverified], plans.Select(plan => plan.State));
        Assert.Equal("critical in production", plans[0].Rule);
        Assert.Contains("web1 is in production now, and the policy approved this for staging", plans[1].Reason, StringComparison.Ordinal);
        Assert.Empty((await world.PollAsync(asset)).Jobs);
    }
}
