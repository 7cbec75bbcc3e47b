using System.Net;
using System.Net.Http.Json;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Contracts.Jobs;
using Suture.Remediation.Dispatch;
using Suture.Tests;
using static Suture.Server.Tests.Remediation.GivenRemediation;
using static Suture.Server.Tests.Remediation.RemediationServer;

namespace Suture.Server.Tests.Remediation;

/// <summary>A person's wish for a report, and the server's own; on both engines.</summary>
public sealed class ReportNowTests(StoreFixture stores)
{
    public static TheoryData<string> Engines => StoreFixture.Engines;

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Ask_ObservedEndpoint_GetsASignedJobOfNoPlanThatAnyFreshReportProves(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var asset = await world.EnrolAsync(observedOnly: true);
        await world.ReportAsync(asset);
        await world.RunAsync();

        var (outcome, asked) = await AskAsync(world, asset);
        var again = await AskAsync(world, asset);
        var job = LoopTests.Read(Assert.Single((await world.PollAsync(asset)).Jobs));
        await world.ResultAsync(asset, job.JobId);
        await world.RunAsync();
        var unproven = Assert.Single(await world.JobsAsync()).State;
        await world.ReportAsync(asset, [Finding(status: FindingStatus.Unknown)], afterJob: job.JobId);
        await world.RunAsync();

        Assert.Equal((ReportAsked.Asked, ReportAsked.Asked), (outcome, again.Outcome));
        Assert.Equal((asked!.Id, asked.Id), (again.Job!.Id, job.JobId));
        Assert.Equal((JobVerb.ReportNow, asset, 64), (job.Verb, job.AssetId, job.PlanHash.Length));
        Assert.Empty(job.Packages);
        Assert.Empty(job.Units);
        Assert.Equal(JobState.Unproven, unproven);
        var row = Assert.Single(await world.JobsAsync());
        Assert.Equal((JobState.Verified, null), (row.State, row.Plan));
        Assert.Equal(["job.made", "job.taken", "job.result", "job.verified"], await world.LedgerAsync($"job:{job.JobId}"));
        Assert.NotEqual(asked.Id, (await AskAsync(world, asset)).Job!.Id);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Ask_ByManyAtOnce_IsOneJob(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var asset = await world.EnrolAsync();

        var asked = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => AskAsync(world, asset)));

        Assert.Single(asked.Select(answer => answer.Job!.Id).Distinct());
        Assert.Single(await world.JobsAsync());
    }

    [Fact]
    public async Task Ask_NobodyComes_TheJobExpires()
    {
        await using var world = await RemediationWorld.StartAsync(stores, "sqlite");
        var asset = await world.EnrolAsync();
        await AskAsync(world, asset);

        world.Time.Advance(TimeSpan.FromHours(24));
        await world.RunAsync();

        Assert.Equal(JobState.Expired, Assert.Single(await world.JobsAsync()).State);
    }

    [Theory]
    [InlineData(AssetState.Quarantined)]
    [InlineData(AssetState.Retired)]
    public async Task Ask_AssetThatTakesNoJobs_IsRefused(AssetState state)
    {
        await using var world = await RemediationWorld.StartAsync(stores, "sqlite");
        var asset = await world.EnrolAsync();
        await world.Store.WriteAsync(session => session.ExecuteAsync("update inventory_asset set state = @state", new { state }), CancellationToken.None);

        Assert.Equal(ReportAsked.NotActive, (await AskAsync(world, asset)).Outcome);
        Assert.Empty(await world.JobsAsync());
    }

    [Fact]
    public async Task Route_WantsAnOperatorWithTheAssetInScope()
    {
        await using var world = await RemediationWorld.StartAsync(stores, "sqlite");
        var asset = await world.EnrolAsync();
        await using var server = await ServeAsync(world);
        using var admin = await SignInFirstAsync(server, world);
        using var viewer = await SignInNewAsync(server, admin, "vera", ["ours"], Role.Viewer, Role.Analyst);
        using var stranger = await SignInNewAsync(server, admin, "cora", ["theirs"], Role.Operator);
        using var own = await SignInNewAsync(server, admin, "olga", ["ours"], Role.Operator);

        Assert.Equal(HttpStatusCode.Forbidden, (await viewer.PostAsync($"assets/{asset}/report-now", null)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.PostAsync($"assets/{asset}/report-now", null)).StatusCode);
        var answer = await own.PostAsync($"assets/{asset}/report-now", null);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal((JobVerb.ReportNow, JobState.Ready, "report now"), await answer.Content.ReadFromJsonAsync(ContractsJson.Default.JobRow) is { } job ? (job.Verb, job.State, job.Title) : default);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Poll_StoreWantsAFullReport_IsAnsweredAtOnceWithTheWish(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var asset = await world.EnrolAsync();
        var before = await world.PollAsync(asset);
        await world.Store.WriteAsync(session => session.ExecuteAsync("update inventory_asset set full_wanted = 1 where id = @asset", new { asset }), CancellationToken.None);

        // The clock stands still: a poll that waited would not come back.
        var wanted = await world.PollAsync(asset, seconds: 50);
        await AskAsync(world, asset);
        var both = await world.PollAsync(asset, seconds: 50);
        await world.Store.WriteAsync(session => session.ExecuteAsync("update inventory_asset set full_wanted = 0 where id = @asset", new { asset }), CancellationToken.None);

        Assert.False(before.FullReportWanted);
        Assert.True(wanted.FullReportWanted);
        Assert.Empty(wanted.Jobs);
        Assert.Equal((true, 1), (both.FullReportWanted, both.Jobs.Count));
        Assert.False((await world.PollAsync(asset)).FullReportWanted);
    }

    private static Task<(ReportAsked Outcome, JobRow? Job)> AskAsync(RemediationWorld world, Guid asset) =>
        world.Get<AskForReport>().HandleAsync(RemediationWorld.Person("olga"), asset, CancellationToken.None);
}
