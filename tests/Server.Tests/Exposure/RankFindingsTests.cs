using Suture.Contracts.Inventory;
using static Suture.Server.Tests.Exposure.GivenExposure;

namespace Suture.Server.Tests.Exposure;

public sealed class RankFindingsTests
{
    private readonly HandMadeFeeds _feeds = new HandMadeFeeds().Fix("openssl", Cve, "3.0.17").Fix("openssl", OtherCve, "3.0.17").Kev(OtherCve);

    [Fact]
    public void Rank_KnownExploited_ComesFirst()
    {
        var exposure = Judged(Asset(), Facts([Package("libssl3", "3.0.15")]), _feeds);

        Assert.Equal([OtherCve, Cve], exposure.Findings.Select(finding => finding.Vulnerability));
        Assert.True(exposure.Findings[0].Risk!.IsCritical);
    }

    [Fact]
    public void Rank_Context_RaisesTheRisk()
    {
        var plain = Judged(Asset(context: [("internet-facing", "no"), ("criticality", "1")]), Facts([Package("libssl3", "3.0.15")]), _feeds);
        var exposed = Judged(Asset(context: [("internet-facing", "yes"), ("criticality", "5")]), Facts([Package("libssl3", "3.0.15")]), _feeds);

        Assert.True(exposed.Findings[0].Risk!.PerDay > plain.Findings[0].Risk!.PerDay);
    }

    [Fact]
    public void Rank_Deadline_CountsFromDetection()
    {
        var history = new AssetHistory();
        var facts = Facts([Package("libssl3", "3.0.15")]);
        history.Look(facts, _feeds);
        var due = history.Exposure!.Findings[0].Deadline!.Due;
        for (var hours = 0; hours < 48; hours++)
        {
            history.Look(facts, _feeds);
        }

        Assert.NotNull(due);
        Assert.Equal(due, history.Exposure.Findings[0].Deadline!.Due);
    }

    [Theory]
    [InlineData("nginx", true)]
    [InlineData("libssl3", true)] // nginx maps it
    [InlineData("libc6", false)]
    public void Rank_WhatTheNetworkReaches_IsAFactor(string package, bool isReached)
    {
        var socket = new ListeningSocket
        {
            Protocol = "tcp", Address = "0.0.0.0", Port = 443, Command = "nginx", Package = "nginx", MappedPackages = ["libssl3", "nginx"], IsLoopbackOnly = false,
        };
        var facts = Facts([Package(package, "1", "source")], State(listening: [socket], inUse: ["libc6", "libssl3", "nginx"]));

        var factors = Judged(Asset(), facts, new HandMadeFeeds().Fix("source", Cve, "2")).Findings[0].Risk!.Factors;

        var listening = factors.Single(factor => factor.Name == "listening");
        Assert.Equal((isReached ? 2.0 : 1.0, false), (listening.Multiplier, listening.IsAssumed));
    }

    [Fact]
    public void Rank_SocketsCouldNotBeRead_AssumesThatItListens()
    {
        var factors = Judged(Asset(), Facts([Package("libssl3", "3.0.15")]), _feeds).Findings[0].Risk!.Factors;

        Assert.True(factors.Single(factor => factor.Name == "listening").IsAssumed);
    }
}
