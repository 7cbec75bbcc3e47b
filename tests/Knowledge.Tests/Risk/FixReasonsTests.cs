using Suture.Contracts.Api;
using Suture.Contracts.Inventory;
using Suture.Knowledge.Intelligence;
using Suture.Knowledge.Risk;
using Suture.Knowledge.Tests.Matching;

namespace Suture.Knowledge.Tests.Risk;

public class FixReasonsTests
{
    private static readonly DateOnly day = new(2026, 8, 20);

    [Fact]
    public void Of_SignalsAndASocket_AreShortAndStrongestFirst()
    {
        var known = new Vulnerability
        {
            Id = "CVE-1",
            Kev = new Signal<KevEntry>(new KevEntry(new DateOnly(2026, 8, 2), null, true, "Test"), "cisa-kev", day),
            Epss = new Signal<EpssScore>(new EpssScore(0.7, 0.9731, "v5"), "first-epss", day),
        };
        var state = Given.State with { Listening = [Socket("0.0.0.0", "nginx", ["libssl3"]), Socket("::", "nginx", ["libssl3"]), Socket("0.0.0.0", "sshd", ["zlib1g"])] };

        Assert.Equal(
            ["in KEV since 2026-08-02", "EPSS 97th percentile", "used in ransomware campaigns", "listens on 0.0.0.0:443 (nginx) and 1 more"], FixReasons.Of(Finding(known), state));
    }

    [Fact]
    public void Of_NothingRaisesIt_SaysWhatLowersItMost()
    {
        var known = new Vulnerability { Id = "CVE-1", Epss = new Signal<EpssScore>(new EpssScore(0.001, 0.29, "v5"), "first-epss", day) };

        Assert.Equal(["EPSS 29th percentile"], FixReasons.Of(Finding(known), null));
    }

    [Fact]
    public void Of_NoSignal_IsEmpty() => Assert.Empty(FixReasons.Of(Finding(new Vulnerability { Id = "CVE-1" }), Given.State with { Listening = [Socket("127.0.0.1", "nginx", ["libssl3"], true)] }));

    [Theory]
    [InlineData(0.0004, "0th")]
    [InlineData(0.01, "1st")]
    [InlineData(0.12, "12th")]
    [InlineData(0.22, "22nd")]
    [InlineData(0.58, "58th")]
    [InlineData(0.83, "83rd")]
    [InlineData(0.9999, "99th")]
    public void Of_Percentile_IsRoundedDown(double percentile, string expected)
    {
        var known = new Vulnerability { Id = "CVE-1", Epss = new Signal<EpssScore>(new EpssScore(0.1, percentile, "v5"), "first-epss", day) };

        Assert.Equal($"EPSS {expected} percentile", Assert.Single(FixReasons.Of(Finding(known), null)));
    }

    private static Finding Finding(Vulnerability known) => new()
    {
        Vulnerability = known.Id, Package = "libssl3", Architecture = "amd64", Source = "openssl", InstalledVersion = "1", FixedVersion = "2", Status = FindingStatus.Affected, Evidence = [],
        Risk = RiskEngine.Rank(known, isUnrated: false, new RankContext { AsOf = day }).Risk,
    };

    private static ListeningSocket Socket(string address, string command, IReadOnlyList<string> mapped, bool isLoopbackOnly = false) =>
        new() { Protocol = "tcp", Address = address, Port = 443, Command = command, Package = command, MappedPackages = mapped, IsLoopbackOnly = isLoopbackOnly };
}
