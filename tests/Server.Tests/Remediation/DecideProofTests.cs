using Suture.Contracts.Api;
using Suture.Contracts.Inventory;
using Suture.Contracts.Jobs;
using Suture.Exposure.Findings;
using Suture.Inventory;
using Suture.Remediation.Verification;
using static Suture.Server.Tests.Remediation.GivenRemediation;

namespace Suture.Server.Tests.Remediation;

public sealed class DecideProofTests
{
    private static readonly Guid Asset = Id();
    private static readonly Guid Job = Id();

    private static JobInQuestion Question(JobState state = JobState.Unproven, JobVerb verb = JobVerb.EnsurePackage, int contradictions = 0) => new()
    {
        Id = Job,
        Verb = verb,
        State = state,
        Changes = [Change(Asset, verb)],
        LeasedUtc = Start,
        LeasedBoot = "boot-1",
        EndedUtc = state == JobState.Leased ? null : Start.AddMinutes(1),
        Contradictions = contradictions,
    };

    private static AssetExposure Report(
        IReadOnlyList<Finding>? findings = null, string version = Fixed, double minutes = 2, Guid? afterJob = null, IReadOnlyList<InstalledPackage>? packages = null,
        bool arePackagesKnown = true, bool areProcessesKnown = true, IReadOnlyList<OutdatedProcess>? outdated = null) => new()
    {
        Asset = new AssetRecord
        {
            Id = Asset, Ordinal = 1, Name = "web1", GroupId = Id(), Group = "ours", Environment = "staging", ObservedOnly = false, State = AssetState.Active, EnrolledUtc = Start,
            Context = new Dictionary<string, ContextValue>(),
        },
        ReportId = Id(),
        BootId = "boot-1",
        TakenUtc = Start.AddMinutes(minutes),
        ReceivedUtc = Start.AddMinutes(minutes),
        AfterJob = afterJob,
        MatchedUtc = Start.AddMinutes(minutes),
        FeedsDigest = "f",
        Release = "bookworm",
        Findings = findings ?? [],
        Unknown = [],
        Packages = arePackagesKnown ? packages ?? [Package(version: version)] : null,
        State = State(areProcessesKnown: areProcessesKnown) with { OutdatedProcesses = areProcessesKnown ? outdated ?? [] : null },
        DetectedUtc = new Dictionary<EpisodeKey, DateTimeOffset>(),
    };

    [Fact]
    public void Of_FixedAndNothingLeft_IsVerified()
    {
        var proof = DecideProof.Of(Question(), Report());

        Assert.Equal(JobState.Verified, proof!.State);
        Assert.Contains("2026-08-10 12:02:00", proof.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_AReportFromBeforeTheChange_SaysNothing()
    {
        Assert.Null(DecideProof.Of(Question(), Report(minutes: 0.5)));
    }

    [Fact]
    public void Of_TheReportAfterThisJob_SpeaksWhateverItsClock()
    {
        Assert.Equal(JobState.Verified, DecideProof.Of(Question(), Report(minutes: -500, afterJob: Job))!.State);
    }

    [Fact]
    public void Of_OldCodeStillRuns_IsPendingEffect_NamingProcessAndAction()
    {
        var proof = DecideProof.Of(Question(), Report([Finding(status: FindingStatus.PendingEffect, installed: Fixed)]));

        Assert.Equal(JobState.PendingEffect, proof!.State);
        Assert.Contains("nginx (pid 812, nginx.service)", proof.Evidence, StringComparison.Ordinal);
        Assert.Contains("restart nginx.service closes it", proof.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_StillTheOldVersion_StaysUnproven_AndSaysWhy()
    {
        var proof = DecideProof.Of(Question(), Report([Finding()], version: Old));

        Assert.Equal((JobState.Unproven, 1), (proof!.State, proof.Contradictions));
        Assert.Contains($"still shows libssl3 {Old} < {Fixed}", proof.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_ThirdContradiction_Fails()
    {
        Assert.Equal(JobState.Failed, DecideProof.Of(Question(contradictions: 2), Report([Finding()], version: Old))!.State);
    }

    [Fact]
    public void Of_TheSameReportAgain_CountsOnce()
    {
        var report = Report([Finding()], version: Old);

        Assert.Null(DecideProof.Of(Question(contradictions: 1) with { EvidenceReport = report.ReportId }, report));
    }

    [Theory]
    [InlineData(false, true, "packages")]
    [InlineData(true, false, "processes")]
    public void Of_FactsNotRead_ProveNothing_AndDoNotCountAgainstIt(bool packages, bool processes, string named)
    {
        var proof = DecideProof.Of(Question(), Report(arePackagesKnown: packages, areProcessesKnown: processes));

        Assert.Equal((JobState.Unproven, 0), (proof!.State, proof.Contradictions));
        Assert.Contains(named, proof.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_ProcessesNotRead_NamesTheFailureThatConcernsThem()
    {
        var report = Report(areProcessesKnown: false);
        CollectorFailure[] failures =
        [
            new() { Collector = "disks", Reason = "no such disk" }, new() { Collector = CollectorFailure.OutdatedProcesses, Reason = "1 process may not be looked at (37 postgres)" },
        ];

        var proof = DecideProof.Of(Question(), report with { State = report.State with { Failures = failures } });

        Assert.Contains("processes could not be read (outdated-processes: 1 process may not be looked at (37 postgres))", proof!.Evidence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("libssl3", JobState.PendingEffect)] // it is known to run old code
    [InlineData("zlib1g", JobState.Unproven)] // that another source's runs says nothing
    public void Of_SomeProcessesAreHidden_IsPendingByWhatIsSeenAndNeverVerified(string seen, JobState expected)
    {
        var report = Report(areProcessesKnown: false);

        var proof = DecideProof.Of(Question(), report with { State = report.State with { OutdatedProcessesSeen = [Process(seen, "nginx.service")] } });

        Assert.Equal((expected, 0), (proof!.State, proof.Contradictions));
    }

    [Fact]
    public void Of_EffectCouldNotBeTold_ProvesNothing_AndDoesNotCountAgainstIt()
    {
        var proof = DecideProof.Of(Question(), Report([Finding(status: FindingStatus.Unknown, installed: Fixed)]));

        Assert.Equal((JobState.Unproven, 0), (proof!.State, proof.Contradictions));
    }

    [Fact]
    public void Of_ThePackageIsGone_IsNotVerified()
    {
        Assert.Equal(JobState.Unproven, DecideProof.Of(Question(), Report(packages: []))!.State);
    }

    [Fact]
    public void Of_AFindingOfTheSourceThatTheFixReaches_HoldsTheJob_ThoughThePlanDoesNotNameIt()
    {
        var affected = DecideProof.Of(Question(), Report([Finding(OtherCve)]));
        var pending = DecideProof.Of(Question(), Report([Finding(OtherCve, status: FindingStatus.PendingEffect, installed: Fixed)]));

        Assert.Equal(JobState.Unproven, affected!.State);
        Assert.Contains(OtherCve, affected.Evidence, StringComparison.Ordinal);
        Assert.Equal(JobState.PendingEffect, pending!.State);
    }

    [Fact]
    public void Of_AFindingThatOnlyALaterVersionFixes_DoesNotHoldTheJob()
    {
        Assert.Equal(JobState.Verified, DecideProof.Of(Question(), Report([Finding(OtherCve, fixedVersion: "3.0.18-1")]))!.State);
    }

    [Theory]
    [InlineData("libssl3")] // of the job
    [InlineData("openssl")] // of the same source
    public void Of_OldCodeOfTheSourceRunsAndNoFindingSaysSo_IsPendingEffect(string package)
    {
        var proof = DecideProof.Of(
            Question(), Report(packages: [Package(version: Fixed), Package("openssl", Fixed)], outdated: [Process(package, "nginx.service")]));

        Assert.Equal(JobState.PendingEffect, proof!.State);
        Assert.Contains("nginx (pid 812, nginx.service)", proof.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_OldCodeOfAnotherSourceRuns_TheJobIsVerified_AndSpeaksOfItsOwnSourceOnly()
    {
        var proof = DecideProof.Of(
            Question(), Report(packages: [Package(version: Fixed), Package("curl", "1", "curl")], outdated: [Process("curl", "nginx.service")]));

        Assert.Equal(JobState.Verified, proof!.State);
        Assert.EndsWith("and no process runs older code of openssl", proof.Evidence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, JobState.Unproven)]          // not read
    [InlineData("6.1.140-1", JobState.PendingEffect)]
    [InlineData("6.1.150-1", JobState.Verified)]
    public void Of_AKernel_IsJudgedByTheOneThatRuns_AlsoWithoutAFinding(string? running, JobState expected)
    {
        var change = Change(Asset, fix: "bookworm/linux/6.1.150-1") with
        {
            Packages = [new JobPackage { Name = "linux-image-amd64", Architecture = "amd64", Version = "6.1.150-1", MinimumVersion = "6.1.150-1", Sha256 = new string('a', 64) }],
        };
        var report = Report(packages: [Package("linux-image-amd64", "6.1.150-1", "linux"), Package("linux-image-6.1.0-37-amd64", "6.1.140-1", "linux")]);
        var kernel = running is null ? null : new RunningKernel { Release = "6.1.0-37-amd64", SourceVersion = running, IsForeign = false };

        var proof = DecideProof.Of(Question() with { Changes = [change] }, report with { State = report.State with { RunningKernel = kernel } });

        Assert.Equal((expected, 0), (proof!.State, proof.Contradictions));
    }

    [Fact]
    public void Of_VersionReachedButFindingStillAffected_IsNotVerified()
    {
        Assert.Equal(JobState.Unproven, DecideProof.Of(Question(), Report([Finding()]))!.State);
    }

    [Fact]
    public void Of_Leased_TheVisibleEffectProves_AndItsAbsenceSaysNothing()
    {
        Assert.Equal(JobState.Verified, DecideProof.Of(Question(JobState.Leased), Report())!.State);
        Assert.Null(DecideProof.Of(Question(JobState.Leased), Report([Finding()], version: Old)));
    }

    [Fact]
    public void Of_PendingThenInEffect_IsVerified_AndAContradictionLaterDoesNotUndoIt()
    {
        Assert.Equal(JobState.Verified, DecideProof.Of(Question(JobState.PendingEffect), Report())!.State);
        Assert.Null(DecideProof.Of(Question(JobState.PendingEffect), Report([Finding()], version: Old)));
    }

    [Theory]
    [InlineData("boot-1", JobState.Unproven)]
    [InlineData("boot-2", JobState.Verified)]
    public void Of_Reboot_NeedsAnotherBoot(string boot, JobState expected)
    {
        Assert.Equal(expected, DecideProof.Of(Question(verb: JobVerb.Reboot), Report() with { BootId = boot })!.State);
    }

    [Fact]
    public void Of_Restart_IsVerifiedWhenNoOldCodeIsLeft()
    {
        Assert.Equal(JobState.Verified, DecideProof.Of(Question(verb: JobVerb.RestartService), Report())!.State);
        Assert.Equal(JobState.PendingEffect, DecideProof.Of(Question(verb: JobVerb.RestartService), Report([Finding(status: FindingStatus.PendingEffect)]))!.State);
    }

    [Theory]
    [InlineData(JobState.Verified)]
    [InlineData(JobState.Failed)]
    [InlineData(JobState.Ready)]
    [InlineData(JobState.Expired)]
    public void Of_OtherStates_AreNotTouched(JobState state) => Assert.Null(DecideProof.Of(Question(state), Report() with { BootId = "boot-2" }));
}
