using Suture.Contracts.Api;
using Suture.Contracts.Inventory;
using Suture.Exposure.Findings;
using static Suture.Server.Tests.Exposure.GivenExposure;

namespace Suture.Server.Tests.Exposure;

public sealed class DecideEpisodesTests
{
    private readonly AssetHistory _history = new();
    private readonly HandMadeFeeds _feeds = new HandMadeFeeds().Fix("openssl", Cve, "3.0.17");

    [Fact]
    public void Decide_AffectedForTheFirstTime_OpensAtDetection()
    {
        var facts = Facts([Package("libssl3", "3.0.15"), Package("openssl", "3.0.15")]);

        _history.Look(facts, _feeds);

        var episode = _history.Single();
        Assert.Equal(FindingStatus.Affected, episode.Status);
        Assert.Equal(_history.Now, episode.DetectedUs);
        Assert.Equal(new DateTimeOffset(2026, 7, 1, 0, 0, 0, TimeSpan.Zero), episode.PublishedUs);
        Assert.Equal("libssl3:amd64,openssl:amd64", episode.Packages);
        Assert.Equal(("3.0.15", "3.0.17"), (episode.FromVersion, episode.FixedVersion));
        Assert.Equal(facts.ReportId, episode.OpenedReport);
        Assert.NotNull(episode.DeadlineRule);
    }

    [Fact]
    public void Decide_UpgradeBetweenAffectedVersions_GoesOnWithItsClock()
    {
        _history.Look(Facts([Package("libssl3", "3.0.15")]), _feeds);
        var detected = _history.Single().DetectedUs;

        _history.Look(Facts([Package("libssl3", "3.0.16")]), _feeds);

        Assert.Null(_history.Single().ClosedUs);
        Assert.Equal(detected, _history.Single().DetectedUs);
        Assert.Equal("3.0.15", _history.Single().FromVersion);
    }

    [Fact]
    public void Decide_FixedAndNothingRunsOldCode_ClosesFixedInEffect()
    {
        _history.Look(Facts([Package("libssl3", "3.0.15")]), _feeds);
        var proof = Facts([Package("libssl3", "3.0.17")], received: Start.AddHours(5));

        _history.Look(proof, _feeds);

        var episode = _history.Single();
        Assert.Equal(EpisodeEnd.FixedInEffect, episode.ClosedReason);
        Assert.Equal(Start.AddHours(5), episode.VerifiedUs);
        Assert.Equal(Start.AddHours(5), episode.InstalledUs);
        Assert.Equal(proof.ReportId, episode.ClosedReport);
        Assert.Equal("3.0.17", episode.ToVersion);
    }

    [Fact]
    public void Decide_FixedOnDiskButOldCodeRuns_IsPendingUntilTheRestart()
    {
        _history.Look(Facts([Package("libssl3", "3.0.15")]), _feeds);

        _history.Look(Facts([Package("libssl3", "3.0.17")], State([Process("libssl3")]), Start.AddHours(2)), _feeds);
        var pending = _history.Single();
        _history.Look(Facts([Package("libssl3", "3.0.17")], State(), Start.AddHours(3)), _feeds);

        Assert.Equal(FindingStatus.PendingEffect, pending.Status);
        Assert.Null(pending.ClosedUs);
        Assert.Equal(Start.AddHours(2), pending.InstalledUs);
        Assert.Equal(EpisodeEnd.FixedInEffect, _history.Single().ClosedReason);
        Assert.Equal(Start.AddHours(2), _history.Single().InstalledUs);
        Assert.Equal(Start.AddHours(3), _history.Single().VerifiedUs);
    }

    [Fact]
    public void Decide_PackageGone_ClosesRemovedAndIsNotVerified()
    {
        _history.Look(Facts([Package("libssl3", "3.0.15"), Package("bash", "5", "bash")]), _feeds);

        _history.Look(Facts([Package("bash", "5", "bash")]), _feeds);

        Assert.Equal(EpisodeEnd.Removed, _history.Single().ClosedReason);
        Assert.Null(_history.Single().VerifiedUs);
    }

    [Theory]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    [InlineData(false, false, true)]
    public void Decide_FactsUnknown_NeitherOpensNorCloses(bool packagesFailed, bool effectFailed, bool coverageLost)
    {
        _history.Look(Facts([Package("libssl3", "3.0.15")]), _feeds);
        var feeds = new HandMadeFeeds().Fix("openssl", Cve, "3.0.17").Fix("openssl", OtherCve, "3.0.18");
        feeds = coverageLost ? feeds.WithoutCoverage() : feeds;

        _history.Look(Facts(packagesFailed ? null : [Package("libssl3", "3.0.19")], State(isEffectUnknown: effectFailed)), feeds);

        if (packagesFailed || effectFailed || coverageLost)
        {
            Assert.Null(_history.Single().ClosedUs);
        }
        Assert.DoesNotContain(_history.Episodes, episode => episode.Vulnerability == OtherCve);
    }

    [Fact]
    public void Decide_RecordWithdrawn_ClosesAdvisoryChanged()
    {
        var facts = Facts([Package("libssl3", "3.0.15")]);
        _history.Look(facts, _feeds);

        _history.Look(facts, new HandMadeFeeds().Fix("nginx", OtherCve, "1"));

        Assert.Equal(EpisodeEnd.AdvisoryChanged, _history.Single().ClosedReason);
        Assert.Null(_history.Single().VerifiedUs);
    }

    [Fact]
    public void Decide_FixedVersionLoweredBelowInstalled_ClosesAdvisoryChanged()
    {
        var facts = Facts([Package("libssl3", "3.0.16")]);
        _history.Look(facts, _feeds);

        _history.Look(facts, new HandMadeFeeds().Fix("openssl", Cve, "3.0.15"));

        Assert.Equal(EpisodeEnd.AdvisoryChanged, _history.Single().ClosedReason);
    }

    [Fact]
    public void Decide_FixedVersionRaised_GoesOnWithTheNewOne()
    {
        _history.Look(Facts([Package("libssl3", "3.0.15")]), _feeds);

        _history.Look(Facts([Package("libssl3", "3.0.17")]), new HandMadeFeeds().Fix("openssl", Cve, "3.0.18"));

        Assert.Null(_history.Single().ClosedUs);
        Assert.Equal("3.0.18", _history.Single().FixedVersion);
    }

    [Fact]
    public void Decide_SamePackageFromAThirdParty_EndsAsRemovedAndIsNoRemediation()
    {
        _history.Look(Facts([Package("libssl3", "3.0.15")]), _feeds);

        _history.Look(Facts([Package("libssl3", "9.9", origin: OriginKind.ThirdParty)]), _feeds);

        Assert.Equal(EpisodeEnd.Removed, _history.Single().ClosedReason);
        Assert.Null(_history.Single().VerifiedUs);
    }

    [Fact]
    public void Decide_UpgradeToAReleaseThatIsAffectedToo_HandsTheClockOn()
    {
        var feeds = new HandMadeFeeds().Fix("openssl", Cve, "3.0.17").Fix("openssl", Cve, "3.5.2", "trixie");
        _history.Look(Facts([Package("libssl3", "3.0.15")]), feeds);
        var detected = _history.Single().DetectedUs;

        _history.Look(Facts([Package("libssl3t64", "3.5.1")], State(release: "trixie"), release: "trixie"), feeds);

        Assert.Equal(EpisodeEnd.AdvisoryChanged, _history.Episodes[0].ClosedReason);
        Assert.Equal("trixie", _history.Episodes[1].Release);
        Assert.Equal(detected, _history.Episodes[1].DetectedUs);
        Assert.Null(_history.Episodes[1].ClosedUs);
    }

    [Fact]
    public void Decide_KernelUpgraded_ClosesOnlyWhenTheFixedOneRuns()
    {
        var feeds = new HandMadeFeeds().Fix("linux", Cve, "6.1.140-1");
        var (old, fresh) = (Package("linux-image-6.1.0-37-amd64", "6.1.135-1", "linux"), Package("linux-image-6.1.0-40-amd64", "6.1.140-1", "linux"));
        var oldRuns = new RunningKernel { Release = "6.1.0-37-amd64", SourceVersion = "6.1.135-1", Package = old.Name, IsForeign = false };
        var freshRuns = new RunningKernel { Release = "6.1.0-40-amd64", SourceVersion = "6.1.140-1", Package = fresh.Name, IsForeign = false };
        _history.Look(Facts([old], State(kernel: oldRuns)), feeds);

        _history.Look(Facts([old, fresh], State(kernel: oldRuns)), feeds);
        var beforeReboot = _history.Single();
        _history.Look(Facts([old, fresh], State(kernel: null)), feeds);
        var unknown = _history.Single();
        _history.Look(Facts([old, fresh], State(kernel: freshRuns)), feeds);

        Assert.Equal(FindingStatus.PendingEffect, beforeReboot.Status);
        Assert.Null(unknown.ClosedUs);
        Assert.Equal(EpisodeEnd.FixedInEffect, _history.Single().ClosedReason);
    }

    [Fact]
    public void Decide_DeadlineBecomesEarlier_IsTakenAndNeverLater()
    {
        var facts = Facts([Package("libssl3", "3.0.15")]);
        _history.Look(facts, _feeds);
        var before = _history.Single();

        _history.Look(facts, new HandMadeFeeds().Fix("openssl", Cve, "3.0.17").Kev(Cve));
        var inKev = _history.Single();
        _history.Look(facts, _feeds);

        Assert.NotNull(inKev.DeadlineDay);
        Assert.True(before.DeadlineDay is null || string.CompareOrdinal(inKev.DeadlineDay, before.DeadlineDay) < 0);
        Assert.Equal(inKev.DeadlineDay, _history.Single().DeadlineDay);
    }

    [Fact]
    public void Retire_OpenEpisodes_ClosesThemAsRetired()
    {
        _history.Look(Facts([Package("libssl3", "3.0.15")]), _feeds);

        var decision = DecideEpisodes.Retire(_history.Open, _history.Now);

        Assert.Equal(EpisodeEnd.AssetRetired, Assert.Single(decision.Closed).ClosedReason);
        Assert.Null(decision.Closed[0].VerifiedUs);
    }
}
