using Suture.Contracts.Inventory;
using Suture.Exposure.Fixes;
using Suture.Knowledge.Feeds;
using static Suture.Server.Tests.Exposure.GivenExposure;

namespace Suture.Server.Tests.Exposure;

public sealed class FixGroupsTests
{
    private readonly HandMadeFeeds _feeds = new HandMadeFeeds().Fix("openssl", Cve, "3.0.16").Fix("openssl", OtherCve, "3.0.17").Kev(OtherCve);

    [Fact]
    public void Of_TwoAssetsOfOneSource_IsOneFixToTheHighestVersion()
    {
        var old = Judged(Asset("a"), Facts([Package("libssl3", "3.0.15")], State(updates: [Update("libssl3", "3.0.17")])), _feeds);
        var newer = Judged(Asset("b", "staging", ordinal: 2), Facts([Package("libssl3", "3.0.16")], State(updates: [Update("libssl3", "3.0.18")])), _feeds);

        var fix = Assert.Single(FixGroups.Of([old, newer]));

        Assert.Equal("bookworm/openssl/3.0.17", fix.Key.ToString());
        Assert.Equal("upgrade openssl to 3.0.17", fix.Title);
        Assert.Equal([OtherCve, Cve], fix.Vulnerabilities);
        Assert.Equal(3, fix.Findings);
        Assert.True(fix.InKev);
        Assert.True(fix.IsCritical);
        Assert.True(fix.PatchReady);
        Assert.Equal([("cisa-kev", new DateOnly(2026, 8, 20)), ("debian-dsa", new DateOnly(2026, 8, 1))], fix.Feeds.Select(feed => (feed.Feed, feed.ContentDate!.Value)));
        Assert.NotNull(fix.Deadline);
        Assert.Equal(fix.Assets.Sum(asset => asset.RiskPerDay), fix.RiskPerDay);
        Assert.Equal(["production", "staging"], fix.Assets.Select(asset => asset.Exposure.Asset.Environment).Order());
    }

    [Fact]
    public void Of_OneVulnerabilityInTwoPackages_CountsItsRiskOnce()
    {
        var one = Judged(Asset(), Facts([Package("libssl3", "3.0.15")]), _feeds);
        var two = Judged(Asset(), Facts([Package("libssl3", "3.0.15"), Package("openssl", "3.0.15")]), _feeds);

        Assert.Equal(FixGroups.Of([one])[0].RiskPerDay, FixGroups.Of([two])[0].RiskPerDay, 1e-12);
    }

    [Fact]
    public void Of_RiskiestFinding_GivesTheReasons()
    {
        var socket = new ListeningSocket { Protocol = "tcp", Address = "0.0.0.0", Port = 443, Command = "nginx", Package = "nginx", MappedPackages = ["libssl3"], IsLoopbackOnly = false };
        var quiet = Judged(Asset("a", "test"), Facts([Package("libssl3", "3.0.15")]), _feeds);
        var loud = Judged(Asset("b", ordinal: 2), Facts([Package("libssl3", "3.0.15")], State(listening: [socket], inUse: ["libssl3"])), _feeds);

        Assert.Equal(["in KEV since 2026-08-02", "listens on 0.0.0.0:443 (nginx)"], Assert.Single(FixGroups.Of([quiet, loud])).Reasons);
    }

    [Fact]
    public void Of_UpdateWithoutCveRanksFirst_GivesTheReasonsOfTheRiskiestCve()
    {
        var feeds = new HandMadeFeeds().Fix("openssl", Cve, "3.0.16").Fix("openssl", FixRecord.UnratedId("openssl", "3.0.17"), "3.0.17").Epss(Cve, 0.0001, 0.2);

        var fix = Assert.Single(FixGroups.Of([Judged(Asset(), Facts([Package("libssl3", "3.0.15")]), feeds)]));

        Assert.True(fix.Assets[0].Findings[0].IsUnrated);
        Assert.Equal(["EPSS 20th percentile"], fix.Reasons);
    }

    [Fact]
    public void Of_NothingIsKnownOfItsVulnerabilities_GivesNoReason() =>
        Assert.Empty(Assert.Single(FixGroups.Of([Judged(Asset(), Facts([Package("libssl3", "3.0.15")]), new HandMadeFeeds().Fix("openssl", Cve, "3.0.16"))])).Reasons);

    [Theory]
    [InlineData(null, null)]
    [InlineData("3.0.16", false)]
    [InlineData("3.0.17", true)]
    public void Of_OwnIndexesOffer_SaysWhetherThePatchIsReady(string? offered, bool? expected)
    {
        var facts = Facts([Package("libssl3", "3.0.15")], State(updates: offered is null ? null : [Update("libssl3", offered)]));

        Assert.Equal(expected, FixGroups.Of([Judged(Asset(), facts, _feeds)])[0].PatchReady);
    }

    [Fact]
    public void Of_OnlyTheEffectIsMissing_IsAFixOfItsOwn()
    {
        var history = new AssetHistory();
        history.Look(Facts([Package("libssl3", "3.0.15")]), _feeds);
        history.Look(Facts([Package("libssl3", "3.0.17")], State([Process("libssl3")])), _feeds);

        var fix = Assert.Single(FixGroups.Of([history.Exposure!]));

        Assert.Equal("bookworm/openssl/3.0.17/effect", fix.Key.ToString());
        Assert.Equal("restart nginx.service to bring openssl 3.0.17 into effect", fix.Title);
        Assert.Equal((2, 2), (fix.Findings, fix.PendingEffect));
        Assert.Equal(["restart nginx.service"], fix.Assets[0].Actions);
    }

    [Fact]
    public void Of_RunningKernel_NeedsAReboot()
    {
        var kernel = new RunningKernel { Release = "6.1.0-37-amd64", SourceVersion = "6.1.135-1", Package = "linux-image-6.1.0-37-amd64", IsForeign = false };
        var facts = Facts(
            [Package("linux-image-6.1.0-37-amd64", "6.1.135-1", "linux")], State(kernel: kernel, updates: [Update("linux-image-amd64", "6.1.140-1", "linux")]));

        var fix = FixGroups.Of([Judged(Asset(), facts, new HandMadeFeeds().Fix("linux", Cve, "6.1.140-1"))])[0];

        Assert.Equal("reboot", fix.Assets[0].Actions[^1]);
        Assert.True(fix.PatchReady);
    }

    [Theory]
    [InlineData("bookworm/openssl/3.0.17-1~deb12u2", true)]
    [InlineData("bookworm/openssl/1:3.0.17/effect", true)]
    [InlineData("bookworm/openssl", false)]
    [InlineData("bookworm//3", false)]
    [InlineData("", false)]
    public void TryParse_Texts_TakesOnlyWhatItWrites(string text, bool expected)
    {
        Assert.Equal(expected, FixKey.TryParse(text, out var key));
        Assert.True(!expected || key.ToString() == text);
    }
}
