using Suture.Contracts.Api;
using Suture.Exposure.Api;
using Suture.Exposure.Findings;
using Suture.Exposure.FleetIndex;
using Suture.Inventory;
using Suture.Platform.Identity;
using Suture.Platform.Work;
using Suture.Tests;
using static Suture.Server.Tests.Exposure.GivenExposure;

namespace Suture.Server.Tests.Exposure;

public sealed class MatchAssetTests(StoreFixture stores)
{
    private readonly HandMadeFeeds _feeds = new HandMadeFeeds().Fix("openssl", Cve, "3.0.17").Fix("openssl", OtherCve, "3.0.16");

    public static TheoryData<string> Engines => StoreFixture.Engines;

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Handle_FirstReport_WritesEpisodesAndTellsTheNextStage(string engine)
    {
        await using var world = await ExposureWorld.StartAsync(stores, engine, _feeds);
        var asset = await world.EnrolAsync();

        var report = await world.ReportAsync(asset, [Package("libssl3", "3.0.15")]);
        await world.RunAsync();

        Assert.Equal([Cve, OtherCve], (await world.EpisodesAsync(asset)).Select(episode => episode.Vulnerability));
        Assert.Equal([asset], await world.TakeJudgedAsync());
        var exposure = world.Index.Of(asset)!;
        Assert.Equal((report, 2, _feeds.Digest), (exposure.ReportId, exposure.Findings.Count, exposure.FeedsDigest));
        Assert.Equal(2, exposure.DetectedUtc.Count);
        Assert.Equal([1], world.Get<IFleetIndex>().View.AssetsAffectedBy("bookworm", "openssl", "3.0.17").Ordinals);
        Assert.Equal(1, await world.CountAsync("select count(*) from exposure_match"));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Handle_FixedThenRestarted_StampsInstalledAndVerified(string engine)
    {
        await using var world = await ExposureWorld.StartAsync(stores, engine, _feeds);
        var asset = await world.EnrolAsync();
        await world.ReportAsync(asset, [Package("libssl3", "3.0.15")]);
        await world.RunAsync();

        await world.ReportAsync(asset, [Package("libssl3", "3.0.17")], State([Process("libssl3")]));
        await world.RunAsync();
        var installed = world.Time.GetUtcNow();
        var proof = await world.ReportAsync(asset, [Package("libssl3", "3.0.17")]);
        await world.RunAsync();

        Assert.All(await world.EpisodesAsync(asset), episode =>
        {
            Assert.Equal(EpisodeEnd.FixedInEffect, episode.ClosedReason);
            Assert.Equal((installed, world.Time.GetUtcNow(), proof), (episode.InstalledUs, episode.VerifiedUs, episode.ClosedReport));
        });
        Assert.Empty(world.Index.Of(asset)!.Findings);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Handle_PackagesUnknown_ClosesNothing(string engine)
    {
        await using var world = await ExposureWorld.StartAsync(stores, engine, _feeds);
        var asset = await world.EnrolAsync();
        await world.ReportAsync(asset, [Package("libssl3", "3.0.15")]);
        await world.RunAsync();

        await world.ReportAsync(asset, null);
        await world.RunAsync();

        Assert.All(await world.EpisodesAsync(asset), episode => Assert.Null(episode.ClosedUs));
        Assert.All(world.Index.Of(asset)!.Findings, finding => Assert.Equal(FindingStatus.Unknown, finding.Status));
        Assert.NotEmpty(world.Index.Of(asset)!.Unknown);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Handle_AssetRetired_ClosesItsEpisodesAndForgetsIt(string engine)
    {
        await using var world = await ExposureWorld.StartAsync(stores, engine, _feeds);
        var asset = await world.EnrolAsync();
        await world.ReportAsync(asset, [Package("libssl3", "3.0.15")]);
        await world.RunAsync();

        await world.Store.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync("update inventory_asset set state = 3 where id = @asset", new { asset });
                await world.Get<WorkQueue>().EnqueueAsync(session, world.Time.GetUtcNow(), InventoryWork.AssetChanged, asset.ToString("N"));
            },
            CancellationToken.None);
        await world.RunAsync();

        Assert.All(await world.EpisodesAsync(asset), episode => Assert.Equal(EpisodeEnd.AssetRetired, episode.ClosedReason));
        Assert.Null(world.Index.Of(asset));
        Assert.Equal(0, world.Get<IFleetIndex>().View.All.Count);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Rebuild_ServerStartedAgain_KnowsTheSame(string engine)
    {
        var first = await ExposureWorld.StartAsync(stores, engine, _feeds);
        var asset = await first.EnrolAsync();
        await first.ReportAsync(asset, [Package("libssl3", "3.0.15")]);
        await first.RunAsync();
        await first.TakeJudgedAsync();
        var before = first.Index.Of(asset)!;

        await using var world = await first.RestartAsync(_feeds);
        await world.RunAsync();

        var after = world.Index.Of(asset)!;
        Assert.True(world.Index.IsReady);
        Assert.Equal(before.Findings.Select(finding => (finding.Vulnerability, finding.Risk!.PerDay, finding.Deadline!.Due)),
            after.Findings.Select(finding => (finding.Vulnerability, finding.Risk!.PerDay, finding.Deadline!.Due)));
        Assert.Equal(before.DetectedUtc, after.DetectedUtc);
        Assert.Empty(await world.TakeJudgedAsync());
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Rebuild_FeedsChangedWhileTheServerWasDown_JudgesAnew(string engine)
    {
        var first = await ExposureWorld.StartAsync(stores, engine, _feeds);
        var asset = await first.EnrolAsync();
        await first.ReportAsync(asset, [Package("libssl3", "3.0.15")]);
        await first.RunAsync();
        await first.TakeJudgedAsync();

        await using var world = await first.RestartAsync(new HandMadeFeeds().Fix("openssl", Cve, "3.0.17").Fix("openssl", "CVE-2026-0003", "3.0.18"));
        await world.RunAsync();

        var episodes = await world.EpisodesAsync(asset);
        Assert.Equal(EpisodeEnd.AdvisoryChanged, episodes.Single(episode => episode.Vulnerability == OtherCve).ClosedReason);
        Assert.Null(episodes.Single(episode => episode.Vulnerability == "CVE-2026-0003").ClosedUs);
        Assert.Equal([asset], await world.TakeJudgedAsync());
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Stamp_TwiceOrFromBeforeTheDetection_KeepsTheFirstInstantAndTheOrder(string engine)
    {
        await using var world = await ExposureWorld.StartAsync(stores, engine, _feeds);
        var asset = await world.EnrolAsync();
        await world.ReportAsync(asset, [Package("libssl3", "3.0.15")]);
        await world.RunAsync();

        var now = world.Time.GetUtcNow();
        var id = (await world.EpisodesAsync(asset)).Single(episode => episode.Vulnerability == Cve).Id;

        var first = await world.Store.WriteAsync(session => EpisodeClocks.StampAsync(session, [id, Id()], EpisodeClock.Planned, now.AddHours(1)), CancellationToken.None);
        var second = await world.Store.WriteAsync(session => EpisodeClocks.StampAsync(session, [id], EpisodeClock.Planned, now.AddDays(1)), CancellationToken.None);
        var early = await world.Store.WriteAsync(session => EpisodeClocks.StampAsync(session, [id], EpisodeClock.Approved, now.AddDays(-1)), CancellationToken.None);

        Assert.Equal((1, 0, 1), (first, second, early));
        var episode = (await world.EpisodesAsync(asset)).Single(episode => episode.Vulnerability == Cve);
        Assert.Equal((now.AddHours(1), episode.DetectedUs), (episode.PlannedUs, episode.ApprovedUs));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Read_EpisodesByScope_ShowsOnlyGroupsInScopePageByPage(string engine)
    {
        await using var world = await ExposureWorld.StartAsync(stores, engine, _feeds);
        var (ours, theirs) = (await world.EnrolAsync("ours"), await world.EnrolAsync("theirs", group: ExposureWorld.OtherGroup));
        await world.ReportAsync(ours, [Package("libssl3", "3.0.15")]);
        await world.ReportAsync(theirs, [Package("libssl3", "3.0.15")]);
        await world.RunAsync();
        var scope = Scope.Of([ExposureWorld.Group]);

        var first = await world.Store.ReadAsync(session => EpisodesApi.ReadAsync(session, scope, null, true, null, 1), CancellationToken.None);
        var rest = await world.Store.ReadAsync(
            session => EpisodesApi.ReadAsync(session, scope, null, true, new EpisodesApi.EpisodePlace(first[0].DetectedUs, first[0].Id), 10), CancellationToken.None);
        var none = await world.Store.ReadAsync(session => EpisodesApi.ReadAsync(session, Scope.None, null, null, null, 10), CancellationToken.None);

        Assert.Equal(2, first.Concat(rest).Select(episode => episode.Vulnerability).Distinct().Count());
        Assert.All(first.Concat(rest), episode => Assert.Equal(ours, episode.AssetId));
        Assert.Single(rest);
        Assert.Empty(none);
        Assert.Single(world.Index.All(scope));
        Assert.Null(world.Index.Of(scope, theirs));
    }
}
