using Suture.Contracts.Api;
using Suture.Contracts.Jobs;
using Suture.Contracts.Ledger;
using Suture.Platform.Ledger;
using Suture.Remediation;
using Suture.Remediation.Dispatch;
using Suture.Tests;
using static Suture.Server.Tests.Remediation.GivenRemediation;

namespace Suture.Server.Tests.Remediation;

public sealed class DispatchTests(StoreFixture stores)
{
    public static TheoryData<string> Engines => StoreFixture.Engines;

    private static async Task<Guid> ReadyAsync(RemediationWorld world, int jobs = 1)
    {
        var asset = await world.EnrolAsync();
        Finding[] findings = [Finding(), Finding(OtherCve, "curl", "curl", "1", "2", risk: 0.1)];
        await world.ReportAsync(asset, [.. findings.Take(jobs)]);
        await world.RunAsync();
        return asset;
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task EightPollsAtOnce_OneLease(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        for (var round = 0; round < 15; round++)
        {
            var asset = await ReadyAsync(world, 2);
            using var start = new Barrier(8);

            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    start.SignalAndWait();
                    return world.PollAsync(asset);
                },
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap()));

            Assert.Single(answers.SelectMany(answer => answer.Jobs));
        }
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Poll_TheNextJobComesOnlyAfterTheFormerEnded_InTheOrderOfRisk(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var asset = await ReadyAsync(world, 2);

        var first = LoopTests.Read(Assert.Single((await world.PollAsync(asset)).Jobs));
        Assert.Empty((await world.PollAsync(asset)).Jobs);
        await world.ResultAsync(asset, first.JobId, JobOutcome.Failed, "dpkg");
        var second = LoopTests.Read(Assert.Single((await world.PollAsync(asset)).Jobs));

        Assert.Equal(("libssl3", "curl"), (first.Packages[0].Name, second.Packages[0].Name));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Poll_AnAgentThatDoesNotKnowItsJob_IsOfferedItAgainSoon_UnlessItIsAtWork(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var asset = await ReadyAsync(world);
        var first = LoopTests.Read(Assert.Single((await world.PollAsync(asset)).Jobs));

        world.Time.Advance(TimeSpan.FromSeconds(100));
        Assert.Empty((await world.PollAsync(asset, 0, "boot-1", first.JobId)).Jobs);
        world.Time.Advance(RemediationLimits.LostAfter - TimeSpan.FromSeconds(1));
        Assert.Empty((await world.PollAsync(asset)).Jobs);
        world.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(first.JobId, LoopTests.Read(Assert.Single((await world.PollAsync(asset)).Jobs)).JobId);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Poll_AnotherAssetsJob_IsNotOffered_NorItsResultTaken(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var asset = await ReadyAsync(world);
        var other = await world.EnrolAsync("other");

        Assert.Empty((await world.PollAsync(other)).Jobs);
        var job = LoopTests.Read(Assert.Single((await world.PollAsync(asset)).Jobs));

        Assert.Equal(ResultTaken.NotYours, await world.ResultAsync(other, job.JobId));
        Assert.Equal(JobState.Leased, Assert.Single(await world.JobsAsync()).State);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Result_EightTimesAtOnce_IsTakenOnce(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var asset = await ReadyAsync(world);
        var job = LoopTests.Read(Assert.Single((await world.PollAsync(asset)).Jobs));

        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => world.ResultAsync(asset, job.JobId))));

        Assert.Single(taken, one => one == ResultTaken.Taken);
        Assert.Equal(7, taken.Count(one => one == ResultTaken.AlreadyTaken));
        Assert.Single(await world.LedgerAsync($"job:{job.JobId}"), action => action == "job.result");
    }

    [Fact]
    public async Task Result_OthersMoveTheJobEachTime_TheAgentIsToldToSendItAgain()
    {
        await using var world = await RemediationWorld.StartAsync(stores, "sqlite");
        var asset = await ReadyAsync(world);
        var job = LoopTests.Read(Assert.Single((await world.PollAsync(asset)).Jobs));
        // Stands in for a writer that is always faster: the row is never as it was read.
        await world.Store.WriteAsync(
            session => session.ExecuteAsync("create trigger busy before update of result on remediation_job begin select raise(ignore); end"), CancellationToken.None);

        var taken = await world.ResultAsync(asset, job.JobId);

        Assert.Equal(ResultTaken.Busy, taken);
        Assert.Equal(503, Assert.IsAssignableFrom<Microsoft.AspNetCore.Http.IStatusCodeHttpResult>(AgentApi.Answer(taken, job.JobId)).StatusCode);
        await world.Store.WriteAsync(session => session.ExecuteAsync("drop trigger busy"), CancellationToken.None);
        Assert.Equal(ResultTaken.Taken, await world.ResultAsync(asset, job.JobId));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task LongPoll_IsWokenByTheApproval_AndEndsEmptyWhenTheWaitIsOver(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var asset = await world.EnrolAsync(environment: "production");
        await world.ReportAsync(asset);
        await world.RunAsync();
        var poll = world.PollAsync(asset, 60);
        await world.DecideAsync(Assert.Single(await world.PlansAsync()).Id);
        await world.RunAsync();

        Assert.Single((await poll).Jobs);

        var idle = world.PollAsync(await world.EnrolAsync("idle"), 30);
        while (!idle.IsCompleted)
        {
            world.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
        Assert.Empty((await idle).Jobs);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task LongPoll_AJobOfAnotherNode_IsFoundByTheLookIntoTheStore(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var asset = await ReadyAsync(world);
        var signal = world.Get<JobSignal>();
        using var wait = signal.Begin(asset);

        using var watch = new JobWatch(world.Store, signal, new RemediationOptions(), world.Time, Microsoft.Extensions.Logging.Abstractions.NullLogger<JobWatch>.Instance);
        await watch.LookAsync(CancellationToken.None);

        Assert.True(await wait!.ForAsync(TimeSpan.FromMilliseconds(1), world.Time, CancellationToken.None));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task ThreeFreshReportsContradict_TheJobFails(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var asset = await ReadyAsync(world);
        var job = LoopTests.Read(Assert.Single((await world.PollAsync(asset)).Jobs));
        await world.ResultAsync(asset, job.JobId);
        for (var report = 1; report <= RemediationLimits.ContradictionsMax; report++)
        {
            Assert.Equal(JobState.Unproven, (await world.JobsAsync())[0].State);
            await world.ReportAsync(asset, afterJob: job.JobId);
            await world.RunAsync();
        }

        Assert.Equal(JobState.Failed, (await world.JobsAsync())[0].State);
        Assert.Contains($"libssl3 {Old} < {Fixed}", (await world.JobsAsync())[0].Evidence, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task TheReportOvertakesTheResult_TheJobIsVerified_AndTheResultIsKept(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var asset = await ReadyAsync(world);
        var job = LoopTests.Read(Assert.Single((await world.PollAsync(asset)).Jobs));
        await world.ReportAsync(asset, [], Fixed, job.JobId);
        await world.RunAsync();
        Assert.Equal(JobState.Verified, (await world.JobsAsync())[0].State);

        await world.ResultAsync(asset, job.JobId);
        await world.RunAsync();

        var row = Assert.Single(await world.JobsAsync());
        Assert.Equal((JobState.Verified, JobOutcome.Done), (row.State, row.Result!.Outcome));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task APollBringsTheNewestCheckpoint_AndTellsWhenTheLedgerDoesNotAgreeWithTheOneTheAgentKept(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var asset = await ReadyAsync(world);
        await world.Get<LedgerSealer>().SealAsync(CancellationToken.None);
        var given = (await world.PollAsync(asset)).Checkpoint;
        Assert.Equal(world.Get<LedgerWitness>().Newest, given);
        var ofALaterLedger = world.Get<CheckpointSigner>().Sign(given!.Position + 7, new byte[32], world.Time.GetUtcNow());

        await ShowAsync(world, asset, given);
        Assert.Equal(0, (await world.Get<LedgerWitness>().StateAsync(CancellationToken.None)).Contradictions);
        await ShowAsync(world, asset, ofALaterLedger);

        Assert.Equal(1, (await world.Get<LedgerWitness>().StateAsync(CancellationToken.None)).Contradictions);
    }

    private static Task<PollResponse> ShowAsync(RemediationWorld world, Guid asset, Checkpoint kept) => world.Get<OfferJobs>().PollAsync(
        asset, new PollRequest { BootId = "boot-1", LastSequence = 1, WaitSeconds = 0, Checkpoint = kept }, CancellationToken.None);
}
