using Suture.Contracts.Api;
using Suture.Exposure.Fixes;
using Suture.Inventory;
using Suture.Platform.Identity;
using Suture.Remediation;
using Suture.Remediation.Fixes;
using Suture.Remediation.Policies;
using Suture.Tests;

namespace Suture.Server.Tests.Remediation;

/// <summary>What the queue says of work that waits, and of assets that nobody hears of.</summary>
public sealed class FixBoardTests(StoreFixture stores)
{
    private const string Windowed =
        "version: 1\nname: w\nrules:\n  - name: nightly\n    when: {}\n    then: {treatment: patch, approval: none, window: {zone: Etc/UTC, days: [mon, tue], start: \"22:00\", end: \"23:00\"}}";

    public static TheoryData<string> Engines => StoreFixture.Engines;

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task AJobThatNobodyTook_WaitsForItsAgent_AndRunsOnlyWhileTheLeaseHolds(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var asset = await world.EnrolAsync();
        await world.ReportAsync(asset);
        await world.RunAsync();
        var made = world.Time.GetUtcNow();

        var (row, detail) = await LookAsync(world);
        Assert.Equal(("waiting_agent", made, (DateTimeOffset?)null), (row.State, row.AgentAwaitedSinceUtc, row.WindowOpensUtc));
        Assert.Equal(("waiting_agent", made, made.AddHours(24)), (detail.State, detail.AgentAwaitedSinceUtc, detail.JobExpiresUtc));
        Assert.StartsWith("waits for the agent since 2026-08-10 12:01 UTC", detail.Blocked, StringComparison.Ordinal);
        var job = Assert.Single(await world.JobsAsync());
        Assert.Equal((made, made.AddHours(24)), (job.NotBeforeUtc, job.ExpiresUtc));

        var taken = LoopTests.Read(Assert.Single((await world.PollAsync(asset)).Jobs)).JobId;
        Assert.Equal("running", (await LookAsync(world)).Row.State);
        world.Time.Advance(new RemediationOptions().JobLease);
        Assert.Equal(("waiting_agent", world.Time.GetUtcNow()), ((await LookAsync(world)).Row.State, (await LookAsync(world)).Row.AgentAwaitedSinceUtc));
        await world.ResultAsync(asset, taken);
        Assert.Equal("verifying", (await LookAsync(world)).Row.State);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task AJobBeforeItsWindow_SaysWhenItOpens(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        await world.Get<PolicyStore>().ApplyAsync(ReadPolicy.From(Windowed).Policy!, Windowed, "user:anna", CancellationToken.None);
        await world.ReportAsync(await world.EnrolAsync());
        await world.RunAsync();

        var (row, detail) = await LookAsync(world);

        var opens = new DateTimeOffset(2026, 8, 10, 22, 0, 0, TimeSpan.Zero);
        Assert.Equal(("waiting_window", opens, (DateTimeOffset?)null), (row.State, row.WindowOpensUtc, row.AgentAwaitedSinceUtc));
        Assert.Equal("waits for its window at 2026-08-10 22:00 UTC", detail.Blocked);
        Assert.Equal(row.Key, Assert.Single((await world.Get<FixBoard>().ListAsync(Scope.All, new FixQuery { State = "waiting_window" }, CancellationToken.None)).Items).Key);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task AnAssetFallsSilent_QueueAndPlansSaySo_UntilItIsHeardOf(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var asset = await world.EnrolAsync(environment: "production");
        await world.ReportAsync(asset);
        await world.RunAsync();
        var seen = world.Time.GetUtcNow();
        Assert.Equal(0, (await LookAsync(world)).Row.SilentAssets);

        world.Time.Advance(TimeSpan.FromHours(25));

        var (row, detail) = await LookAsync(world);
        Assert.Equal((1, seen), (row.SilentAssets, detail.SilentSinceUtc));
        Assert.StartsWith("the asset is silent", detail.Blocked, StringComparison.Ordinal);
        Assert.Equal((PlanState.WaitingApproval, 1), ((await world.PlansAsync())[0].State, (await world.PlansAsync())[0].SilentAssets));

        await world.Get<AssetDirectory>().TouchAsync(asset, world.Time.GetUtcNow());

        Assert.Equal((0, 0), ((await LookAsync(world)).Row.SilentAssets, (await world.PlansAsync())[0].SilentAssets));
        Assert.Null((await LookAsync(world)).Asset.SilentSinceUtc);
    }

    private static async Task<(FixRow Row, FixAsset Asset)> LookAsync(RemediationWorld world)
    {
        var board = world.Get<FixBoard>();
        var row = Assert.Single((await board.ListAsync(Scope.All, new FixQuery(), CancellationToken.None)).Items);
        Assert.True(FixKey.TryParse(row.Key, out var key));
        return (row, Assert.Single((await board.FindAsync(Scope.All, key, CancellationToken.None))!.Assets));
    }
}
