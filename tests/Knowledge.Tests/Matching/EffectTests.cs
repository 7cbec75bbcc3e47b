using Suture.Contracts.Api;
using Suture.Contracts.Inventory;
using Suture.Knowledge.Feeds;
using Suture.Knowledge.Matching;

namespace Suture.Knowledge.Tests.Matching;

public class EffectTests
{
    private static readonly FeedSnapshot feeds = Given.Feeds(Given.Fix("openssl", "CVE-1", "3.0.17-1"));
    private static readonly OpenFinding open = new("CVE-1", "openssl", "libssl3", "amd64", "3.0.16-1", "3.0.17-1");
    private static readonly MatchInput upgraded = Given.Asset(Given.Package("libssl3", "3.0.17-1", "openssl")) with { PreviouslyOpen = [open] };

    [Fact]
    public void Match_FixedAndOldCodeRuns_IsPendingWithProcessesAndAction()
    {
        var result = Matcher.Match(Outdated(Given.Process("libssl3", "nginx", "nginx.service"), Given.Process("libssl3", "python3", "app.service", 101)), feeds);

        var finding = Assert.Single(result.Findings);
        Assert.Equal((FindingStatus.PendingEffect, "restart app.service nginx.service", "3.0.17-1"), (finding.Status, finding.Action, finding.InstalledVersion));
        Assert.Equal(2, finding.Processes.Count);
        Assert.Equal("pkg:deb/debian/libssl3@3.0.17-1?arch=amd64&distro=bookworm", finding.Purl);
        Assert.Equal("openssl 3.0.17-1 >= 3.0.17-1 (bookworm)", finding.Evidence[0].Rule);
        Assert.DoesNotContain(result.Unknown, item => item.Subject == "libssl3");
    }

    [Fact]
    public void Match_FixedAndNothingOldRuns_IsClosed() => Assert.Empty(Matcher.Match(upgraded, feeds).Findings);

    [Fact]
    public void Match_ProcessOfAnotherPackageOfTheSource_HoldsItOpen() =>
        Assert.Equal(FindingStatus.PendingEffect, Assert.Single(Matcher.Match(
            Outdated(Given.Process("openssl", "ocsp", "ocsp.service")) with { Packages = [.. upgraded.Packages!, Given.Package("openssl", "3.0.17-1")] }, feeds).Findings).Status);

    [Fact]
    public void Match_ProcessOfAnotherSource_DoesNotHoldItOpen()
    {
        var result = Matcher.Match(Outdated(Given.Process("zlib1g", "nginx", "nginx.service")), feeds);

        Assert.Empty(result.Findings);
        Assert.Contains(result.Unknown, item => item.Subject == "zlib1g" && item.Reason.Contains("Restart nginx.service", StringComparison.Ordinal));
    }

    [Fact]
    public void Match_StillBelowFixed_IsAffectedOnce()
    {
        var asset = Outdated(Given.Process("libssl3", "nginx", "nginx.service")) with { Packages = [Given.Package("libssl3", "3.0.16-2", "openssl")] };

        Assert.Equal(FindingStatus.Affected, Assert.Single(Matcher.Match(asset, feeds).Findings).Status);
    }

    [Fact]
    public void Match_ProcessProbeFailed_IsUnknownNeverFixed()
    {
        var result = Matcher.Match(upgraded with { State = Given.State with { OutdatedProcesses = null } }, feeds);

        Assert.Equal(FindingStatus.Unknown, Assert.Single(result.Findings).Status);
        Assert.Contains("could not be read", result.Findings[0].Evidence[0].Rule, StringComparison.Ordinal);
        Assert.Contains(result.Unknown, item => item.Subject == "in-effect");
    }

    [Theory]
    [InlineData("libssl3", FindingStatus.PendingEffect)] // it does run old code, whoever else may
    [InlineData("zlib1g", FindingStatus.Unknown)] // a hidden process may still
    public void Match_SomeProcessesAreHidden_WhatIsSeenIsKnownAndTheRestUnknown(string seen, FindingStatus expected)
    {
        var result = Matcher.Match(
            upgraded with { State = Given.State with { OutdatedProcesses = null, OutdatedProcessesSeen = [Given.Process(seen, "nginx", "nginx.service")] } }, feeds);

        var finding = Assert.Single(result.Findings);
        Assert.Equal(expected, finding.Status);
        Assert.Equal(expected == FindingStatus.PendingEffect ? "restart nginx.service" : null, finding.Action);
    }

    [Fact]
    public void Match_PackagesUnreadable_EveryOpenFindingIsUnknown() =>
        Assert.Equal(FindingStatus.Unknown, Assert.Single(Matcher.Match(upgraded with { Packages = null }, feeds).Findings).Status);

    [Fact]
    public void Match_ReleaseLostOrUncovered_EveryOpenFindingIsUnknown()
    {
        Assert.Equal(FindingStatus.Unknown, Assert.Single(Matcher.Match(upgraded with { Release = null }, feeds).Findings).Status);
        Assert.Equal(FindingStatus.Unknown, Assert.Single(Matcher.Match(upgraded, Given.Feeds()).Findings).Status);
    }

    [Fact]
    public void Match_OriginLost_IsUnknown() =>
        Assert.Equal(FindingStatus.Unknown, Assert.Single(Matcher.Match(
            upgraded with { Packages = [Given.Package("libssl3", "9-1", "openssl", OriginKind.Unknown)] }, feeds).Findings).Status);

    [Fact]
    public void Match_ThirdPartyPackageInItsPlace_IsAsIfRemoved() =>
        Assert.Empty(Matcher.Match(upgraded with { Packages = [Given.Package("libssl3", "1-1", "openssl", OriginKind.ThirdParty)] }, feeds).Findings);

    [Fact]
    public void Match_PackageRemoved_IsClosedUnlessItsOldCodeRuns()
    {
        var removed = Outdated(Given.Process("libssl3", "nginx", "nginx.service")) with { Packages = [] };

        Assert.Empty(Matcher.Match(upgraded with { Packages = [] }, feeds).Findings);
        var pending = Assert.Single(Matcher.Match(removed, feeds).Findings);
        Assert.Equal((FindingStatus.PendingEffect, null), (pending.Status, pending.Purl));
    }

    [Fact]
    public void Match_AdvisoryWithdrawn_IsNotOpenAnyMore() =>
        Assert.Empty(Matcher.Match(Outdated(Given.Process("libssl3", "nginx", "nginx.service")), Given.Feeds(Given.Fix("other", "CVE-1", "1"))).Findings);

    [Fact]
    public void Match_UpdateThatWasNotReadAndIsInstalled_IsGoneWhateverStillRuns()
    {
        var asset = Outdated(Given.Process("libssl3", "nginx", "nginx.service")) with { PreviouslyOpen = [open with { Vulnerability = "UNREAD-openssl-3.0.17-1" }], UseOwnIndexes = true };

        Assert.Empty(Matcher.Match(asset, feeds).Findings);
    }

    [Fact]
    public void Match_PackageOfAnotherSourceInItsPlace_IsAsIfRemoved() =>
        Assert.Empty(Matcher.Match(upgraded with { Packages = [Given.Package("libssl3", "0.1-1", "openssl-next")] }, feeds).Findings);

    [Fact]
    public void Match_ScanSeesOldCode_IsUnknownItem()
    {
        var result = Matcher.Match(Outdated(Given.Process("libssl3", "nginx", "nginx.service")) with { PreviouslyOpen = null }, feeds);

        Assert.Empty(result.Findings);
        Assert.Contains(result.Unknown, item => item.Subject == "libssl3" && item.Reason.Contains("which version is not known", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("nginx.service", 100, "restart nginx.service")]
    [InlineData("systemd-journald.service", 100, "restart systemd-journald.service")]
    [InlineData("init.scope", 1, "restart init.scope")]
    [InlineData("session-3.scope", 100, "reboot")]
    [InlineData("dbus.service", 100, "reboot")]
    [InlineData("systemd-logind.service", 100, "restart systemd-logind.service")]
    [InlineData(null, 100, "reboot")]
    [InlineData("nginx.service", 1, "reboot")]
    public void For_Process_IsTheActionThatEndsIt(string? unit, int processId, string expected)
    {
        var action = PendingAction.For([Given.Process("p", "c", unit, processId)]);

        Assert.Equal(expected, action.Text);
        Assert.Equal(expected, PendingAction.TryParse(expected)?.Text);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("restart ")]
    [InlineData("restart dbus.service")]
    [InlineData("stop nginx.service")]
    public void TryParse_NoAction_IsNull(string? text) => Assert.Null(PendingAction.TryParse(text));

    private static MatchInput Outdated(params OutdatedProcess[] processes) => upgraded with { State = Given.State with { OutdatedProcesses = processes } };
}
