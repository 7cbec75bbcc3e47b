using CsCheck;
using Suture.Contracts.Api;
using Suture.Contracts.Inventory;
using Suture.Knowledge.Feeds;
using Suture.Knowledge.Matching;
using Suture.Knowledge.Tests.Versions;
using Suture.Knowledge.Versions;

namespace Suture.Knowledge.Tests.Matching;

public class MatcherTests
{
    [Fact]
    public void Match_BelowFixed_IsAffectedWithEvidence()
    {
        var asset = Given.Asset(Given.Package("libssl3", "3.0.16-1~deb12u1", "openssl"));

        var result = Matcher.Match(asset, Given.Feeds(Given.Fix("openssl", "CVE-2026-1", "3.0.17-1~deb12u2", "DSA-6000-1")));

        var finding = Assert.Single(result.Findings);
        Assert.Equal(("CVE-2026-1", "libssl3", "openssl", FindingStatus.Affected), (finding.Vulnerability, finding.Package, finding.Source, finding.Status));
        Assert.Equal(("3.0.16-1~deb12u1", "3.0.17-1~deb12u2"), (finding.InstalledVersion, finding.FixedVersion));
        Assert.Equal("pkg:deb/debian/libssl3@3.0.16-1~deb12u1?arch=amd64&distro=bookworm", finding.Purl);
        var evidence = Assert.Single(finding.Evidence);
        Assert.Equal("openssl 3.0.16-1~deb12u1 < 3.0.17-1~deb12u2 (bookworm)", evidence.Rule);
        Assert.Equal((FeedNames.DebianDsa, "DSA-6000-1", new DateOnly(2026, 8, 21), new DateOnly(2026, 8, 1)), (evidence.Feed, evidence.Record, evidence.FeedDate, evidence.Published));
    }

    [Theory]
    [InlineData("3.0.17-1~deb12u2")]
    [InlineData("3.0.18-1")]
    [InlineData("1:1.0-1")]
    public void Match_AtOrAboveFixed_IsNoFinding(string version) =>
        Assert.Empty(Matcher.Match(Given.Asset(Given.Package("openssl", version)), Given.Feeds(Given.Fix("openssl", "CVE-2026-1", "3.0.17-1~deb12u2"))).Findings);

    [Fact]
    public void Match_FixedOnlyInNewerEpoch_IsAffected() =>
        Assert.Single(Matcher.Match(Given.Asset(Given.Package("vim", "9.9-1")), Given.Feeds(Given.Fix("vim", "CVE-2026-1", "2:1.0-1"))).Findings);

    [Fact]
    public void Match_RebuiltBinary_HasItsOwnVersionInThePackageUrl()
    {
        var findings = Matcher.Match(Given.Asset(Given.Package("libx1", "1:1.0-1+b2", "x (1:1.0-1)"), Given.Package("x", "1:1.0-1")), Given.Feeds(Given.Fix("x", "CVE-2026-1", "1:1.0-2"))).Findings;

        Assert.Equal(
            ["pkg:deb/debian/libx1@1:1.0-1%2Bb2?arch=amd64&distro=bookworm", "pkg:deb/debian/x@1:1.0-1?arch=amd64&distro=bookworm"], findings.Select(finding => finding.Purl));
        Assert.Equal(["1:1.0-1", "1:1.0-1"], findings.Select(finding => finding.InstalledVersion));
    }

    [Fact]
    public void Match_TwoFixedVersionsForOnePair_TheHighestDecides()
    {
        var feeds = Given.Feeds(Given.Fix("bind9", "CVE-2026-1", "9.18.1-1", "DSA-1-1"), Given.Fix("bind9", "CVE-2026-1", "9.18.2-1", "DSA-1-2"));

        var finding = Assert.Single(Matcher.Match(Given.Asset(Given.Package("bind9", "9.18.1-1")), feeds).Findings);

        Assert.Equal("9.18.2-1", finding.FixedVersion);
        Assert.Equal(["DSA-1-2", "DSA-1-1"], finding.Evidence.Select(evidence => evidence.Record));
    }

    [Fact]
    public void Match_ManyVersionsOfOneSource_EachIsJudgedByItsOwn()
    {
        var feeds = Given.Feeds(Given.Fix("x", "CVE-1", "1.1"), Given.Fix("x", "CVE-2", "1.2"), Given.Fix("x", "CVE-3", "1.3"));
        var asset = Given.Asset(Given.Package("a", "1.1", "x"), Given.Package("b", "1.2", "x"), Given.Package("c", "1.1", "x"), Given.Package("d", "1.0", "x"));

        var found = Matcher.Match(asset, feeds).Findings.Select(finding => $"{finding.Vulnerability} {finding.Package}");

        Assert.Equal(["CVE-1 d", "CVE-2 a", "CVE-2 c", "CVE-2 d", "CVE-3 a", "CVE-3 b", "CVE-3 c", "CVE-3 d"], found);
    }

    [Fact]
    public void Match_ThirdPartyPackageWithDebianName_IsNoFindingButUnknown()
    {
        var package = Given.Package("nginx", "1.0-1", origin: OriginKind.ThirdParty) with { OriginLabel = "nginx.org" };

        var result = Matcher.Match(Given.Asset(package), Given.Feeds(Given.Fix("nginx", "CVE-2026-1", "1.22.1-9")));

        Assert.Empty(result.Findings);
        Assert.Contains(result.Unknown, item => item.Subject == "nginx" && item.Reason.Contains("nginx.org", StringComparison.Ordinal));
    }

    [Fact]
    public void Match_UnknownOrigin_IsUnknown()
    {
        var result = Matcher.Match(Given.Asset(Given.Package("nginx", "1.0-1", origin: OriginKind.Unknown)), Given.Feeds(Given.Fix("nginx", "CVE-2026-1", "1.22.1-9")));

        Assert.Empty(result.Findings);
        Assert.Contains(result.Unknown, item => item.Subject == "nginx");
    }

    [Theory]
    [InlineData("nginx", true, true, true)]
    [InlineData("docker-ce", true, true, false)] // no feed knows the source
    [InlineData("nginx", false, true, false)] // another repository is configured
    [InlineData("nginx", null, true, false)]
    [InlineData("nginx", true, false, false)] // the machine holds an index, and that did not tell
    public void Match_OriginNotToldForLackOfIndexes_IsTheDistributionsWhereFeedsKnowTheSource(string source, bool? isOnlyDistribution, bool hasNoIndex, bool isJudged)
    {
        var state = Given.State with { IsOnlyDistributionConfigured = isOnlyDistribution, PackageIndexes = hasNoIndex ? [] : [new PackageIndex { Suite = "bookworm", Origin = "Debian" }] };
        var asset = Given.Asset(Given.Package(source, "1.0-1", origin: OriginKind.Unknown)) with { State = state };

        var result = Matcher.Match(asset, Given.Feeds(Given.Fix("nginx", "CVE-2026-1", "1.22.1-9")));

        Assert.Equal(isJudged ? 1 : 0, result.Findings.Count);
        Assert.Equal(!isJudged, result.Unknown.Any(item => item.Subject == source));
    }

    [Fact]
    public void Match_ReleaseUnknownOrNotCovered_IsUnknown()
    {
        var feeds = Given.Feeds(Given.Fix("nginx", "CVE-2026-1", "1.22.1-9"));
        var asset = Given.Asset(Given.Package("nginx", "1.0-1"));

        var unknown = Matcher.Match(asset with { Release = null }, feeds);
        var uncovered = Matcher.Match(asset with { Release = "sid" }, feeds);

        Assert.Empty(unknown.Findings);
        Assert.Contains(unknown.Unknown, item => item.Subject == "release");
        Assert.Empty(uncovered.Findings);
        Assert.Contains(uncovered.Unknown, item => item.Subject == "release sid" && item.Reason.Contains("1 package is not judged", StringComparison.Ordinal));
    }

    [Fact]
    public void Match_FailedCollectors_AreUnknownEach()
    {
        var state = Given.State with { Failures = [new CollectorFailure { Collector = "listening-sockets", Reason = "a" }, new CollectorFailure { Collector = "packages", Reason = "b" }] };

        var result = Matcher.Match(new MatchInput { Release = Given.Release, Packages = null, State = state }, Given.Feeds(Given.Fix("x", "CVE-1", "1")));

        Assert.Contains(result.Unknown, item => item is { Subject: "listening-sockets", Reason: "a" });
        Assert.Contains(result.Unknown, item => item is { Subject: "packages", Reason: "b" });
        Assert.Empty(result.Findings);
    }

    [Fact]
    public void Match_UnratedRecord_IsUnratedFinding()
    {
        var id = FixRecord.UnratedId("tzdata", "2025b-0+deb12u1");

        var finding = Assert.Single(Matcher.Match(Given.Asset(Given.Package("tzdata", "2024a-0+deb12u1")), Given.Feeds(Given.Fix("tzdata", id, "2025b-0+deb12u1"))).Findings);

        Assert.True(finding.IsUnrated);
        Assert.Equal(id, finding.Vulnerability);
    }

    [Fact]
    public void Match_ChangelogNotRead_IsUnknownWithTheReasonUntilItIsRead()
    {
        var asset = Given.Asset(Given.Package("libcurl4", "1-1", "curl"), Given.Package("curl", "1-1"), Given.Package("bash", "1-1")) with { State = Given.State with { RunningKernel = null } };

        var before = Matcher.Match(asset, Given.Feeds(FixRecord.Unread("bookworm", "curl", "1-2", "none of its packages carries one")));
        var after = Matcher.Match(asset with { PreviouslyOpen = [.. before.Findings.Select(OpenFinding.From)] }, Given.Feeds(Given.Fix("curl", "CVE-2026-1", "1-2")));

        Assert.Equal([("curl", FindingStatus.Unknown), ("libcurl4", FindingStatus.Unknown)], before.Findings.Select(finding => (finding.Package, finding.Status)));
        Assert.Equal("changelog not read yet, because none of its packages carries one", before.Findings[0].Evidence[0].Record);
        var item = Assert.Single(before.Unknown);
        Assert.Equal(("curl 1-2", "A security update, of which it is not known which CVEs it closes: changelog not read yet, because none of its packages carries one."), (item.Subject, item.Reason));
        Assert.Equal([("CVE-2026-1", FindingStatus.Affected), ("CVE-2026-1", FindingStatus.Affected)], after.Findings.Select(finding => (finding.Vulnerability, finding.Status)));
        Assert.Empty(after.Unknown);
    }

    [Fact]
    public void Match_ChangelogOfTheKernelNotRead_IsUnknownAndNoReboot()
    {
        var asset = Given.Asset(
            Given.Package("linux-image-6.1.0-30-amd64", "6.1.130-1", "linux-signed-amd64 (6.1.130+1)"), Given.Package("linux-image-6.1.0-31-amd64", "6.1.140-1", "linux-signed-amd64 (6.1.140+1)"));

        var finding = Assert.Single(Matcher.Match(asset, Given.Feeds(FixRecord.Unread("bookworm", "linux", "6.1.140-1", "it is too large"))).Findings);

        Assert.Equal((FindingStatus.Unknown, null), (finding.Status, finding.Action));
    }

    [Fact]
    public void Match_SecurityUpdateInOwnIndexThatNoFeedReaches_IsUnknownAndOnlyWhenAsked()
    {
        var state = Given.State with
        {
            AvailableUpdates = [Given.Update("curl", "curl", "7.88.1-10+deb12u13"), Given.Update("bash", "bash", "5.2.15-3", isSecurity: false)],
            PackageIndexes = [new PackageIndex { Suite = "bookworm-security", DateUtc = new DateTimeOffset(2026, 11, 20, 9, 0, 0, TimeSpan.Zero) }],
        };
        var asset = Given.Asset(Given.Package("curl", "7.88.1-10+deb12u12"), Given.Package("bash", "5.2.15-2")) with { State = state };
        var feeds = Given.Feeds(Given.Fix("curl", "CVE-2026-1", "7.88.1-10+deb12u11"));

        var result = Matcher.Match(asset with { UseOwnIndexes = true }, feeds);

        var finding = Assert.Single(result.Findings);
        Assert.Equal(("UNREAD-curl-7.88.1-10+deb12u13", false, FindingStatus.Unknown), (finding.Vulnerability, finding.IsUnrated, finding.Status));
        Assert.Equal((FeedNames.DebianArchive, new DateOnly(2026, 11, 20)), (finding.Evidence[0].Feed, finding.Evidence[0].FeedDate));
        Assert.StartsWith("changelog not read yet, because no feed in force speaks of this version", finding.Evidence[0].Record, StringComparison.Ordinal);
        Assert.Equal("curl 7.88.1-10+deb12u12 < 7.88.1-10+deb12u13 (bookworm-security)", finding.Evidence[0].Rule);
        Assert.Single(result.Unknown, item => item.Subject == "curl 7.88.1-10+deb12u13");
        Assert.Empty(Matcher.Match(asset, feeds).Findings);
    }

    [Theory]
    [InlineData("7.88.1-10+deb12u13")] // the feeds know the update
    [InlineData("7.88.1-10+deb12u14")] // or a later one
    public void Match_SecurityUpdateThatFeedsReach_IsRatedOnly(string known)
    {
        var state = Given.State with { AvailableUpdates = [Given.Update("curl", "curl", "7.88.1-10+deb12u13")] };
        var asset = Given.Asset(Given.Package("curl", "7.88.1-10+deb12u12")) with { State = state, UseOwnIndexes = true };

        var finding = Assert.Single(Matcher.Match(asset, Given.Feeds(Given.Fix("curl", "CVE-2026-1", known))).Findings);

        Assert.Equal("CVE-2026-1", finding.Vulnerability);
    }

    [Fact]
    public void Match_OwnIndexWithoutAnyFeed_StillFinds()
    {
        var asset = Given.Asset(Given.Package("curl", "1-1")) with { State = Given.State with { AvailableUpdates = [Given.Update("curl", "curl", "1-2")] }, UseOwnIndexes = true };

        var result = Matcher.Match(asset, Given.Feeds());

        Assert.Equal("UNREAD-curl-1-2", Assert.Single(result.Findings).Vulnerability);
        Assert.Contains(result.Unknown, item => item.Subject == "release bookworm");
    }

    [Fact]
    public void Match_AnyFixesAndVersion_AreThoseAbove() => Gen.Select(VersionGen.Any, VersionGen.Any.List[0, 8]).Sample((installed, versions) =>
    {
        var feeds = Given.Feeds([.. versions.Select((version, i) => Given.Fix("x", $"CVE-{i}", version))]);

        var found = Matcher.Match(Given.Asset(Given.Package("x", "0", $"x ({installed})")), feeds).Findings.Select(finding => finding.Vulnerability).ToHashSet();

        return found.SetEquals(versions.Select((version, i) => (version, i)).Where(pair => DebianVersion.Compare(installed, pair.version) < 0).Select(pair => $"CVE-{pair.i}"));
    }, iter: 2000);
}
