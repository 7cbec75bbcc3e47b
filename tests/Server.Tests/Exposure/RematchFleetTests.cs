using Suture.Exposure.Findings;
using Suture.Tests;
using static Suture.Server.Tests.Exposure.GivenExposure;

namespace Suture.Server.Tests.Exposure;

public sealed class RematchFleetTests(StoreFixture stores)
{
    private readonly HandMadeFeeds _feeds = new HandMadeFeeds().Fix("openssl", Cve, "3.0.17");

    public static TheoryData<string> Engines => StoreFixture.Engines;

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Handle_CveEntersKev_TellsTheNextStageOfTheAssetsConcerned(string engine)
    {
        await using var world = await ExposureWorld.StartAsync(stores, engine, _feeds);
        var (affected, clean) = await GivenTwoAsync(world);

        await world.PutInForceAsync(new HandMadeFeeds().Fix("openssl", Cve, "3.0.17").Kev(Cve));
        await world.RunAsync();

        Assert.Equal([affected], await world.TakeJudgedAsync());
        Assert.True(world.Index.Of(affected)!.Findings[0].Risk!.IsCritical);
        Assert.Equal(world.Feeds.Current.Digest, world.Index.Of(clean)!.FeedsDigest);
        Assert.Equal(2, await world.CountAsync($"select count(*) from exposure_match where feeds = '{world.Feeds.Current.Digest}'"));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Handle_ScoreMovesALittle_RanksAgainInSilence(string engine)
    {
        await using var world = await ExposureWorld.StartAsync(stores, engine, new HandMadeFeeds().Fix("openssl", Cve, "3.0.17").Epss(Cve, 0.01, 0.50));
        var (affected, _) = await GivenTwoAsync(world);
        var before = world.Index.Of(affected)!.Findings[0].Risk!.PerDay;

        await world.PutInForceAsync(new HandMadeFeeds().Fix("openssl", Cve, "3.0.17").Epss(Cve, 0.02, 0.60).Dated(new DateOnly(2026, 8, 9)));
        await world.RunAsync();

        Assert.Empty(await world.TakeJudgedAsync());
        var finding = world.Index.Of(affected)!.Findings[0];
        Assert.True(finding.Risk!.PerDay > before);
        Assert.Equal(new DateOnly(2026, 8, 9), finding.Evidence[0].FeedDate);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Handle_NewAdvisory_OpensEpisodesOnTheAssetsConcerned(string engine)
    {
        await using var world = await ExposureWorld.StartAsync(stores, engine, _feeds);
        var (affected, clean) = await GivenTwoAsync(world);

        await world.PutInForceAsync(new HandMadeFeeds().Fix("openssl", Cve, "3.0.17").Fix("bash", OtherCve, "6"));
        await world.RunAsync();

        Assert.Equal([affected, clean], (await world.TakeJudgedAsync()).Order());
        Assert.Equal([OtherCve], (await world.EpisodesAsync(clean)).Select(episode => episode.Vulnerability));
        Assert.Equal(world.Time.GetUtcNow(), (await world.EpisodesAsync(clean))[0].DetectedUs);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Handle_AdvisoryWithdrawn_ClosesItsEpisodes(string engine)
    {
        await using var world = await ExposureWorld.StartAsync(stores, engine, _feeds);
        var (affected, _) = await GivenTwoAsync(world);

        await world.PutInForceAsync(new HandMadeFeeds());
        await world.RunAsync();

        Assert.Equal(EpisodeEnd.AdvisoryChanged, Assert.Single(await world.EpisodesAsync(affected)).ClosedReason);
        Assert.Equal([affected], await world.TakeJudgedAsync());
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Handle_CoverageLost_ClosesNothing(string engine)
    {
        await using var world = await ExposureWorld.StartAsync(stores, engine, _feeds);
        var (affected, _) = await GivenTwoAsync(world);

        await world.PutInForceAsync(new HandMadeFeeds().WithoutCoverage());
        await world.RunAsync();

        Assert.Null(Assert.Single(await world.EpisodesAsync(affected)).ClosedUs);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Handle_SameFeeds_DoesNothing(string engine)
    {
        await using var world = await ExposureWorld.StartAsync(stores, engine, _feeds);
        var (affected, _) = await GivenTwoAsync(world);
        var before = world.Index.Of(affected);

        await world.PutInForceAsync(_feeds);
        await world.RunAsync();

        Assert.Same(before, world.Index.Of(affected));
        Assert.Empty(await world.TakeJudgedAsync());
    }

    // One with an affected openssl, one without; both are judged, and the next stage was told.
    private static async Task<(Guid Affected, Guid Clean)> GivenTwoAsync(ExposureWorld world)
    {
        var (affected, clean) = (await world.EnrolAsync("affected"), await world.EnrolAsync("clean"));
        await world.ReportAsync(affected, [Package("bash", "5", "bash"), Package("libssl3", "3.0.15")]);
        await world.ReportAsync(clean, [Package("bash", "5", "bash")]);
        await world.RunAsync();
        await world.TakeJudgedAsync();
        return (affected, clean);
    }
}
