using CsCheck;
using Suture.Contracts.Api;
using Suture.Contracts.Inventory;
using Suture.Contracts.Jobs;
using Suture.Exposure.Findings;
using Suture.Exposure.Fixes;
using Suture.Knowledge.Versions;
using Suture.Remediation.Planning;
using Suture.Remediation.Policies;
using Suture.Server.Tests.Exposure;
using static Suture.Server.Tests.Remediation.GivenRemediation;

namespace Suture.Server.Tests.Remediation;

public sealed class DecidePlansTests
{
    private static PlanVerdict Decide(PlanInput input, Policy? policy = null, IReadOnlyList<OpenPlan>? open = null, IReadOnlyList<FixFailures>? failures = null) =>
        DecidePlans.Of(input, policy ?? Default, open ?? [], failures ?? [], Start);

    [Fact]
    public void Of_CriticalOnStaging_IsApprovedByPolicy_WithExactVersionsAndHashes()
    {
        var plan = Assert.Single(Decide(Input()).Made);

        Assert.True(plan.IsApproved);
        Assert.Equal("upgrade openssl on web1", plan.Title);
        var package = Assert.Single(Assert.Single(plan.Body.Changes).Packages);
        Assert.Equal(("libssl3", Fixed, Fixed, new string('a', 64)), (package.Name, package.Version, package.MinimumVersion, package.Sha256));
        Assert.Equal(Old, plan.Body.Changes[0].From["libssl3"]);
    }

    [Theory]
    [InlineData("production")]
    [InlineData("")]
    public void Of_CriticalOnProductionOrUnknownEnvironment_WaitsForAPerson(string environment)
    {
        var verdict = Decide(Input(environment: environment));

        Assert.False(Assert.Single(verdict.Made).IsApproved);
        Assert.Equal(Turn.Approver, Assert.Single(verdict.Notes).Turn);
    }

    [Fact]
    public void Of_NoSignalAtAll_CountsAsUnrated()
    {
        var verdict = Decide(Input([Finding(critical: false, rated: false)]));

        Assert.Equal("unrated outside production", Assert.Single(verdict.Made).Body.Rule);
    }

    [Fact]
    public void Of_RatedAndNotCritical_StaysInTheQueueForAPerson()
    {
        var verdict = Decide(Input([Finding(critical: false, kev: false)]));

        Assert.Empty(verdict.Made);
        Assert.Equal(Turn.Person, Assert.Single(verdict.Notes).Turn);
    }

    [Fact]
    public void Of_NoUpdateInTheIndexes_IsBlockedAndSaysSo()
    {
        var verdict = Decide(Input(updates: [Update(version: "3.0.16-1~deb12u3")]));

        Assert.Empty(verdict.Made);
        Assert.Contains("no update in the machine's own indexes", Assert.Single(verdict.Notes).Blocked, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_OneOfTwoPackagesHasNoUpdate_TheOtherIsPlanned_AndTheRestIsNamed()
    {
        var verdict = Decide(Input([Finding(), Finding(OtherCve, "libssl1.1")], [Package(), Package("libssl1.1")]));

        Assert.Equal([Cve], Assert.Single(Assert.Single(verdict.Made).Body.Changes).Vulnerabilities);
        Assert.Contains("libssl1.1", Assert.Single(verdict.Notes).Blocked, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_BinaryVersionDiffersFromSource_TheOfferedVersionIsTheMinimum()
    {
        var plan = Assert.Single(Decide(Input(updates: [Update(version: "1:9.9", sourceVersion: Fixed)], packages: [Package(version: "1:9.8")])).Made);

        Assert.Equal("1:9.9", plan.Body.Changes[0].Packages[0].MinimumVersion);
    }

    [Fact]
    public void Of_SeveralFixes_OnePlanARule_HighestRiskFirst()
    {
        var verdict = Decide(Input(
            [Finding(risk: 0.1), Finding(OtherCve, "curl", "curl", "1", "2", risk: 0.9)], [Package(), Package("curl", "1", "curl")], [Update(), Update("curl", "2", "curl")]));

        Assert.Equal(["bookworm/curl/2", $"bookworm/openssl/{Fixed}"], Assert.Single(verdict.Made).Body.Changes.Select(change => change.Fix));
    }

    [Fact]
    public void Of_ObservedOnly_NeverPlans()
    {
        var verdict = Decide(Input(held: "the endpoint is only observed"));

        Assert.Empty(verdict.Made);
        Assert.Equal("the endpoint is only observed", Assert.Single(verdict.Notes).Blocked);
    }

    [Fact]
    public void Of_TheSameFactsAgain_TheWaitingPlanStays()
    {
        var input = Input(environment: "production");
        var waiting = Open(Assert.Single(Decide(input).Made).Body);

        var again = Decide(input, open: [waiting]);

        Assert.Empty(again.Made);
        Assert.Empty(again.Superseded);
    }

    [Fact]
    public void Of_OnlyTheRiskMoved_TheWaitingPlanStays()
    {
        IReadOnlyList<InstalledPackage> packages = [Package(), Package("curl", "1", "curl")];
        IReadOnlyList<AvailableUpdate> updates = [Update(), Update("curl", "2", "curl")];
        var input = Input([Finding(risk: 0.9), Finding(OtherCve, "curl", "curl", "1", "2", risk: 0.1)], packages, updates, "production");
        var waiting = Open(Assert.Single(Decide(input).Made).Body);

        var again = Decide(input with { Findings = [Finding(risk: 0.1), Finding(OtherCve, "curl", "curl", "1", "2", risk: 0.9)] }, open: [waiting]);

        Assert.Empty(again.Superseded);
    }

    [Fact]
    public void Of_ANewerVersionIsOffered_TheWaitingPlanIsSuperseded()
    {
        var input = Input(environment: "production");
        var waiting = Open(Assert.Single(Decide(input).Made).Body);

        var again = Decide(input with { Updates = [Update(version: "3.0.18-1")] }, open: [waiting]);

        Assert.Equal(waiting.Id, Assert.Single(again.Superseded).Plan.Id);
        Assert.Equal("3.0.18-1", Assert.Single(again.Made).Body.Changes[0].Packages[0].Version);
    }

    [Fact]
    public void Of_AnApprovedPlanCarriesTheFix_NewFactsWait()
    {
        var input = Input();
        var running = Open(Assert.Single(Decide(input).Made).Body, PlanState.Approved);

        var again = Decide(input with { Findings = [Finding(fixedVersion: "3.0.18-1")], Updates = [Update(version: "3.0.18-1")] }, open: [running]);

        Assert.Empty(again.Made);
        Assert.Empty(again.Superseded);
        Assert.Equal(Turn.Agent, Assert.Single(again.Notes).Turn);
    }

    [Fact]
    public void Of_NothingIsLeftToDo_TheWaitingPlanIsSuperseded()
    {
        var input = Input(environment: "production");
        var waiting = Open(Assert.Single(Decide(input).Made).Body);

        var again = Decide(input with { Findings = [] }, open: [waiting]);

        Assert.Single(again.Superseded);
        Assert.Empty(again.Made);
    }

    [Fact]
    public void Of_APersonsWaitingPlan_FollowsTheFacts_AndStaysThePersons()
    {
        var input = Input([Finding(critical: false, kev: false)]);
        var asked = Open(Body(BuildWork.Of(input)[0].Upgrade!) with { Author = "anna", Rule = RequestPlan.Rule });

        var same = Decide(input, open: [asked]);
        var newer = Decide(input with { Updates = [Update(version: "3.0.18-1")] }, open: [asked]);

        Assert.Empty(same.Made);
        Assert.Equal(Turn.Approver, Assert.Single(same.Notes).Turn);
        Assert.Equal(("anna", false), (Assert.Single(newer.Made).Body.Author, newer.Made[0].IsApproved));
        Assert.Single(newer.Superseded);
    }

    [Fact]
    public void Of_APersonsPlanOverTwoAssets_RenewedForOne_KeepsTheFiguresOfTheOther()
    {
        var input = Input([Finding(critical: false, kev: false, risk: 0.25), Finding(critical: false, kev: false, risk: 0.25, package: "openssl")], [Package(), Package("openssl")]);
        var other = Change();
        var asked = Open(Body(BuildWork.Of(input)[0].Upgrade!, other) with { Author = "anna", Rule = RequestPlan.Rule });
        asked = asked with { Parts = [new PlanPart(input.Asset, asked.Body.Changes[0].Fix, 9, 9), new PlanPart(other.Asset, other.Fix, 3, 0.75)] };

        var renewed = Assert.Single(Decide(input with { Updates = [Update(version: "3.0.18-1"), Update("openssl", "3.0.18-1")] }, open: [asked]).Made);

        Assert.Equal((5, 1.0), (renewed.Parts.Sum(part => part.Findings), renewed.Parts.Sum(part => part.RiskPerDay)));
    }

    [Fact]
    public void Of_APackageThatComesAlong_IsNamedInTheNextPlan_WithExactVersionAndHash()
    {
        var input = Input(packages: [Package(), Package("libc6", "2.36-9", "glibc")], updates: [Update(), Update("libc6", "2.36-10", "glibc")]);

        var without = Assert.Single(Decide(input).Made).Body.Changes[0];
        var with = Assert.Single(Decide(input with { Also = new Dictionary<string, IReadOnlySet<string>> { [without.Fix] = new HashSet<string> { "libc6" } } }).Made).Body.Changes[0];

        Assert.Equal(["libssl3"], without.Packages.Select(package => package.Name));
        Assert.Equal([("libc6", "2.36-10", "2.36-10"), ("libssl3", Fixed, Fixed)], with.Packages.Select(package => (package.Name, package.Version, package.MinimumVersion)));
        Assert.All(with.Packages, package => Assert.Equal(new string('a', 64), package.Sha256));
        Assert.Equal("2.36-9", with.From["libc6"]);
    }

    [Fact]
    public void Of_MorePackagesThanAJobCarries_IsBlockedAndSaysSo()
    {
        var names = Enumerable.Range(0, Suture.Remediation.RemediationLimits.JobPackagesMax + 1).Select(number => $"lib{number}").ToList();

        var verdict = Decide(Input([Finding(package: "lib0")], [.. names.Select(name => Package(name))], [.. names.Select(name => Update(name))]));

        Assert.Empty(verdict.Made);
        Assert.Contains("at most 200", Assert.Single(verdict.Notes).Blocked, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_AnyInput_ThePlansRiskIsTheQueues() =>
        AnyInput.Sample(input =>
        {
            var queue = FixGroups.Of([Exposure(input)]).ToDictionary(fix => fix.Key, fix => fix.RiskPerDay);
            return BuildWork.Of(input).All(work => queue[work.Fix].Equals(work.RiskPerDay)) && queue.Count == BuildWork.Of(input).Count;
        });

    private static AssetExposure Exposure(PlanInput input) => new()
    {
        Asset = GivenExposure.Asset(id: input.Asset),
        ReportId = Id(),
        BootId = "boot",
        TakenUtc = Start,
        ReceivedUtc = Start,
        MatchedUtc = Start,
        FeedsDigest = "f",
        Release = input.Release,
        Findings = input.Findings,
        Unknown = [],
        Packages = input.Packages,
        State = State(input.Updates),
        DetectedUtc = new Dictionary<EpisodeKey, DateTimeOffset>(),
    };

    [Fact]
    public void Of_ThePolicyPatchesWhatAPersonAskedFor_ThePersonsPlanGivesWay()
    {
        var input = Input();
        var asked = Open(Body(BuildWork.Of(input)[0].Upgrade!) with { Author = "anna", Rule = RequestPlan.Rule });

        var verdict = Decide(input, open: [asked]);

        Assert.Single(verdict.Superseded);
        Assert.True(Assert.Single(verdict.Made).IsApproved);
    }

    [Theory]
    [InlineData(true, true)]   // known exploited: a fact
    [InlineData(false, false)] // critical only by an assumed deadline
    public void Of_ProductionPatchedByPolicy_AnAssumedDeadlineAloneStartsNothing(bool kev, bool approved)
    {
        var (policy, _) = ReadPolicy.From("version: 1\nname: x\nrules:\n  - name: a\n    when: {critical: true}\n    then: {treatment: patch, approval: none}");

        var plan = Assert.Single(Decide(Input([Finding(kev: kev, deadline: AssumedDeadline)], environment: "production"), policy).Made);

        Assert.Equal(approved, plan.IsApproved);
    }

    [Fact]
    public void Of_PendingEffect_RestartsTheUnit_OrReboots()
    {
        var restart = Assert.Single(Decide(Input([Finding(status: FindingStatus.PendingEffect)])).Made);
        var reboot = Assert.Single(Decide(Input([Finding(status: FindingStatus.PendingEffect, unit: null)])).Made);

        Assert.Equal((JobVerb.RestartService, "nginx.service"), (restart.Body.Changes[0].Verb, restart.Body.Changes[0].Units[0]));
        Assert.Equal(JobVerb.Reboot, Assert.Single(reboot.Body.Changes).Verb);
        Assert.EndsWith("/effect", reboot.Body.Changes[0].Fix, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_RebootInProduction_TheDefaultNeverDoesIt_AndSaysSo()
    {
        var verdict = Decide(Input([Finding(status: FindingStatus.PendingEffect, unit: null)], environment: "production"));

        Assert.Empty(verdict.Made);
        Assert.Contains("does not reboot here", Assert.Single(verdict.Notes).Blocked, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_ARebootAndARestart_OneRebootDoesBoth()
    {
        var plan = Assert.Single(Decide(Input(
            [Finding(status: FindingStatus.PendingEffect), Finding(OtherCve, "libc6", "glibc", status: FindingStatus.PendingEffect, unit: null)])).Made);

        Assert.All(plan.Body.Changes, change => Assert.Equal(JobVerb.Reboot, change.Verb));
        Assert.Single(Suture.Remediation.Dispatch.NewJob.Of(new FrozenPlan("hash", plan.Body), plan.Body.Changes[0].Asset));
    }

    [Fact]
    public void Of_ThePlanFailedBefore_WaitsThenStops()
    {
        var key = $"bookworm/openssl/{Fixed}";
        var once = Decide(Input(), failures: [new FixFailures("bookworm/openssl", key, 1, Start.AddHours(1), "origin-unreachable")]);
        var after = Decide(Input(), failures: [new FixFailures("bookworm/openssl", key, 1, Start, "origin-unreachable")]);
        var often = Decide(Input(), failures: [new FixFailures("bookworm/openssl", key, 3, Start, "origin-unreachable")]);
        var other = Decide(Input(), failures: [new FixFailures("bookworm/openssl", "bookworm/openssl/3.0.1", 3, Start, "origin-unreachable")]);

        Assert.Empty(once.Made);
        Assert.Equal(Start.AddHours(1), once.LookAgainUtc);
        Assert.Single(after.Made);
        Assert.Empty(often.Made);
        Assert.Single(other.Made);
    }

    private static readonly Gen<PlanInput> AnyInput =
        from findings in Gen.Select(
            Gen.Int[1, 4], Gen.Int[1, 3], Gen.Int[1, 9], Gen.Bool, Gen.Bool, Gen.Bool, Gen.Bool, Gen.Double[0, 1],
            (cve, source, version, critical, kev, pending, reboot, risk) => Finding(
                $"CVE-2026-{cve:0000}", $"lib{source}", $"src{source}", "1.0", $"1.{version}", pending ? FindingStatus.PendingEffect : FindingStatus.Affected, critical, kev,
                risk: risk, unit: reboot ? null : "a.service")).List[0, 8]
        from offers in Gen.Select(Gen.Int[1, 3], Gen.Int[0, 9], (source, version) => Update($"lib{source}", $"1.{version}", $"src{source}")).List[0, 6]
        from environment in Gen.Int[0, 2].Select(pick => new[] { "production", "staging", "" }[pick])
        from held in Gen.Int[0, 3].Select(pick => pick == 3 ? "only observed" : null)
        select Input(findings, [Package("lib1", "1.0", "src1"), Package("lib2", "1.0", "src2"), Package("lib3", "1.0", "src3")], offers, environment, held);

    [Fact]
    public void Of_AnyInput_HeldAssetsGetNoPlan_AndVersionsReachTheMinimum() =>
        AnyInput.Sample(input =>
        {
            var verdict = Decide(input);
            var packages = verdict.Made.SelectMany(plan => plan.Body.Changes).SelectMany(change => change.Packages).ToList();
            return (input.Held is null || verdict.Made.Count == 0)
                && packages.TrueForAll(package => DebianVersion.Compare(package.Version, package.MinimumVersion) >= 0 && DebianVersion.Compare(package.Version, "1.0") > 0)
                && verdict.Made.All(plan => !plan.IsApproved || EvaluatePolicy.Environment(input.Environment) != "production");
        });

    [Fact]
    public void Of_AnyInputTwice_NoFixIsInTwoActivePlans_AndTheSecondLookChangesNothing() =>
        Gen.Select(AnyInput, AnyInput).Sample((first, second) =>
        {
            second = second with { Asset = first.Asset };
            var made = Decide(first).Made.Select(plan => Open(plan.Body, plan.IsApproved ? PlanState.Approved : PlanState.WaitingApproval)).ToList();
            var next = Decide(second, open: made);
            var gone = next.Superseded.Select(superseded => superseded.Plan.Id).ToHashSet();
            var active = made.Where(plan => !gone.Contains(plan.Id))
                .Concat(next.Made.Select(plan => Open(plan.Body, plan.IsApproved ? PlanState.Approved : PlanState.WaitingApproval))).ToList();
            var lines = active.SelectMany(plan => plan.Body.Changes.Select(change => FixLine.Of(change.Fix)).Distinct()).ToList();
            var third = Decide(second, open: active);
            return lines.Count == lines.Distinct().Count() && third.Made.Count == 0 && third.Superseded.Count == 0;
        });
}
