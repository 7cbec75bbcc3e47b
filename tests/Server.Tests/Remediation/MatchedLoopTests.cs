using Suture.Contracts.Api;
using Suture.Contracts.Inventory;
using Suture.Contracts.Jobs;
using Suture.Exposure;
using Suture.Exposure.Findings;
using Suture.Platform.Identity;
using Suture.Remediation;
using Suture.Remediation.Dispatch;
using Suture.Server.Tests.Compliance;
using Suture.Server.Tests.Exposure;
using Suture.Tests;
using static Suture.Server.Tests.Exposure.GivenExposure;

namespace Suture.Server.Tests.Remediation;

/// <summary>The loop with real matching, from the report to the end of the episode: what matching says in the middle of a plan must reach its proof and its clocks.</summary>
public sealed class MatchedLoopTests(StoreFixture stores)
{
    private const string Unrated = "UNRATED-openssl-3.0.17";

    public static TheoryData<string> Engines => StoreFixture.Engines;

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task TheUpdateGetsItsCvesAfterTheApproval_OldCodeHoldsTheJob_AndTheCvesGetPlanAndClocks(string engine)
    {
        await using var loop = await MatchedLoop.StartAsync(stores, engine, new HandMadeFeeds().Fix("openssl", Unrated, "3.0.17"));
        var asset = await loop.World.EnrolAsync(environment: "staging");
        await loop.ReportAsync(asset, "3.0.15", offered: "3.0.17");
        var plan = Assert.Single(await loop.PlansAsync());
        Assert.Equal((PlanState.Approved, Unrated), (plan.Plan.State, Assert.Single(plan.Changes[0].Vulnerabilities)));

        await loop.World.PutInForceAsync(new HandMadeFeeds().Fix("openssl", Cve, "3.0.16").Fix("openssl", OtherCve, "3.0.17"));
        await loop.World.RunAsync();
        var upgrade = await loop.TakeAsync(asset);
        await loop.EndAsync(asset, upgrade);
        await loop.ReportAsync(asset, "3.0.17", [Process("libssl3")], upgrade);

        Assert.Equal(JobState.PendingEffect, (await loop.JobsAsync())[0].State);
        var restart = await loop.TakeAsync(asset);
        await loop.EndAsync(asset, restart);
        await loop.ReportAsync(asset, "3.0.17", afterJob: restart);

        Assert.All(await loop.JobsAsync(), job => Assert.Equal((JobState.Verified, plan.Plan.Id), (job.State, job.Plan)));
        Assert.Equal(PlanState.Verified, Assert.Single(await loop.PlansAsync()).Plan.State);
        var episodes = (await loop.World.EpisodesAsync(asset)).Where(episode => episode.Vulnerability != Unrated).ToList();
        Assert.Equal([Cve, OtherCve], episodes.Select(episode => episode.Vulnerability));
        Assert.All(episodes, AssertAllClocksInOrder);
        var explained = await loop.World.Get<IExplainMore>().StepsAsync(asset, Cve, CancellationToken.None);
        Assert.Equal(["plan", "job", "evidence", "job", "evidence"], explained.Select(step => step.Stage));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task FoundPlannedPatchedVerified_AllSevenClocksStandInOrder(string engine)
    {
        await using var loop = await MatchedLoop.StartAsync(stores, engine, new HandMadeFeeds().Fix("openssl", Cve, "3.0.17").Kev(Cve));
        var asset = await loop.World.EnrolAsync(environment: "staging");
        await loop.ReportAsync(asset, "3.0.15", offered: "3.0.17");
        var job = await loop.TakeAsync(asset);
        await loop.EndAsync(asset, job);
        await loop.ReportAsync(asset, "3.0.17", afterJob: job);

        Assert.Equal(JobState.Verified, Assert.Single(await loop.JobsAsync()).State);
        AssertAllClocksInOrder(Assert.Single(await loop.World.EpisodesAsync(asset)));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task OneCveInTwoSources_OnlyTheOneThatIsPlannedGetsTheClocks(string engine)
    {
        await using var loop = await MatchedLoop.StartAsync(stores, engine, new HandMadeFeeds().Fix("openssl", Cve, "3.0.17").Fix("nodejs", Cve, "20").Kev(Cve));
        var asset = await loop.World.EnrolAsync(environment: "staging");
        await loop.ReportAsync(asset, "3.0.15", offered: "3.0.17", more: [Package("nodejs", "18", "nodejs")]);
        await loop.TakeAsync(asset);

        var episodes = (await loop.World.EpisodesAsync(asset)).ToDictionary(episode => episode.Source);
        Assert.True(episodes["openssl"] is { PlannedUs: not null, ApprovedUs: not null, DispatchedUs: not null });
        Assert.True(episodes["nodejs"] is { PlannedUs: null, ApprovedUs: null, DispatchedUs: null });
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Explain_TellsPlanAndJob_OrWhyThereIsNone_AndNoPlanOfAnotherTime(string engine)
    {
        await using var loop = await MatchedLoop.StartAsync(stores, engine, new HandMadeFeeds().Fix("openssl", Cve, "3.0.17").Kev(Cve).Fix("nodejs", OtherCve, "20"));
        var asset = await loop.World.EnrolAsync(environment: "staging");
        await loop.ReportAsync(asset, "3.0.15", offered: "3.0.17", more: [Package("nodejs", "18", "nodejs")]);
        var explain = loop.World.Get<IExplainMore>();

        Assert.Equal(["plan", "job"], (await explain.StepsAsync(asset, Cve, CancellationToken.None)).Select(step => step.Stage));
        Assert.StartsWith("no plan: no update in the machine's own indexes", Assert.Single(await explain.StepsAsync(asset, OtherCve, CancellationToken.None)).Text, StringComparison.Ordinal);

        var job = await loop.TakeAsync(asset);
        await loop.EndAsync(asset, job);
        await loop.ReportAsync(asset, "3.0.17", afterJob: job);
        await loop.World.PutInForceAsync(new HandMadeFeeds().Fix("openssl", Cve, "3.0.17").Fix("openssl", "CVE-2026-0003", "3.0.16"));
        await loop.ReportAsync(asset, "3.0.15", offered: "3.0.17");

        // The plan that is at its end reached this version too, but it did not carry what was found only afterwards.
        var later = await explain.StepsAsync(asset, "CVE-2026-0003", CancellationToken.None);
        Assert.DoesNotContain(later, step => step.Stage == "evidence");
    }

    private static void AssertAllClocksInOrder(Episode episode)
    {
        Assert.Equal(EpisodeEnd.FixedInEffect, episode.ClosedReason);
        DateTimeOffset?[] clocks = [episode.PublishedUs, episode.DetectedUs, episode.PlannedUs, episode.ApprovedUs, episode.DispatchedUs, episode.InstalledUs, episode.VerifiedUs];
        Assert.DoesNotContain(null, clocks);
        Assert.Equal(clocks.Order(), clocks);
        Assert.True(episode.DispatchedUs < episode.InstalledUs, "The change is installed after its job went out.");
    }
}

/// <summary>The whole loop with an agent that the test plays.</summary>
internal sealed class MatchedLoop(WholeLoop loop) : IAsyncDisposable
{
    internal ExposureWorld World => loop.World;

    internal static async Task<MatchedLoop> StartAsync(StoreFixture stores, string engine, HandMadeFeeds feeds) => new(await WholeLoop.StartAsync(stores, engine, feeds));

    /// <summary>A report of libssl3 and more, with all the work that follows from it.</summary>
    internal async Task ReportAsync(
        Guid asset, string version, IReadOnlyList<OutdatedProcess>? outdated = null, Guid? afterJob = null, string? offered = null, params InstalledPackage[] more)
    {
        IReadOnlyList<AvailableUpdate> updates = offered is null ? [] : [Update("libssl3", offered) with { IsSecurity = true }];
        await World.ReportAsync(asset, [Package("libssl3", version), .. more], State(outdated, updates: updates), afterJob);
        await World.RunAsync();
    }

    /// <summary>The agent takes its next job.</summary>
    internal async Task<Guid> TakeAsync(Guid asset)
    {
        World.Time.Advance(TimeSpan.FromSeconds(10));
        var poll = await World.Get<OfferJobs>().PollAsync(asset, new PollRequest { BootId = "boot", LastSequence = 1, WaitSeconds = 0 }, CancellationToken.None);
        return LoopTests.Read(Assert.Single(poll.Jobs)).JobId;
    }

    /// <summary>The agent says that the job is done.</summary>
    internal async Task EndAsync(Guid asset, Guid job)
    {
        World.Time.Advance(TimeSpan.FromSeconds(10));
        var now = World.Time.GetUtcNow();
        await World.Get<TakeResult>().HandleAsync(asset, new JobResult { JobId = job, Outcome = JobOutcome.Done, StartedUtc = now, EndedUtc = now }, CancellationToken.None);
        await World.RunAsync();
    }

    internal async Task<IReadOnlyList<PlanDetail>> PlansAsync()
    {
        var plans = World.Get<PlanDirectory>();
        var details = new List<PlanDetail>();
        foreach (var row in (await plans.ListAsync(Scope.All, new PlanQuery(), CancellationToken.None)).Items)
        {
            details.Add((await plans.FindAsync(Scope.All, row.Id, CancellationToken.None))!);
        }
        return details;
    }

    internal async Task<IReadOnlyList<JobRow>> JobsAsync() =>
        [.. (await World.Get<PlanDirectory>().JobsAsync(Scope.All, new JobQuery(), CancellationToken.None)).Items.Reverse()];

    public ValueTask DisposeAsync() => loop.DisposeAsync();
}
