using Suture.Contracts.Api;
using Suture.Contracts.Inventory;
using Suture.Exposure.Ranking;
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
    [InlineData("nginx", false, true, true)]       // the package's own process listens
    [InlineData("nginx", true, true, false)]       // on loopback only
    [InlineData("sshd", false, false, false)]      // somebody listens, nothing uses the package
    [InlineData("sshd", false, true, null)]        // somebody listens, somebody uses the package: not known whether it is the same
    public void IsListening_SocketsAndUse_TellsWhatIsKnown(string listener, bool isLoopback, bool isInUse, bool? expected)
    {
        var socket = new ListeningSocket { Protocol = "tcp", Address = "0.0.0.0", Port = 443, Command = listener, Package = listener, IsLoopbackOnly = isLoopback };
        var facts = Facts(
            [Package("nginx", "1", "nginx"), Package("sshd", "1", "openssh")], State(listening: [socket], inUse: isInUse ? ["nginx"] : []));
        var finding = Judged(Asset(), facts, new HandMadeFeeds().Fix("nginx", Cve, "2")).Findings[0];

        Assert.Equal(expected, new ListeningPackages(facts).IsListening(finding));
    }

    [Fact]
    public void IsListening_CollectorFailed_IsNotKnown()
    {
        var facts = Facts([Package("libssl3", "3.0.15")]);
        Finding finding = Judged(Asset(), facts, _feeds).Findings[0];

        Assert.Null(new ListeningPackages(facts).IsListening(finding));
    }
}
