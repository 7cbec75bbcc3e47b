using System.Security.Cryptography;
using System.Text.Json;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Contracts.Inventory;
using Suture.Contracts.Jobs;
using Suture.Exposure.Findings;
using Suture.Inventory;
using Suture.Platform.Identity;
using Suture.Remediation;
using Suture.Remediation.Approvals;
using Suture.Remediation.Dispatch;
using Suture.Remediation.Fixes;
using Suture.Remediation.Policies;
using Suture.Remediation.Planning;
using Suture.Exposure.Fixes;
using Suture.Tests;
using static Suture.Server.Tests.Remediation.GivenRemediation;

namespace Suture.Server.Tests.Remediation;

/// <summary>From a finding to the verified fix, and what may go wrong on the way; on both engines.</summary>
public sealed class LoopTests(StoreFixture stores)
{
    public static TheoryData<string> Engines => StoreFixture.Engines;

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Staging_ReportsAKnownExploitedFinding_IsPatchedAndVerified(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var asset = await world.EnrolAsync();
        await world.ReportAsync(asset);
        await world.RunAsync();

        var poll = await world.PollAsync(asset);
        var envelope = Assert.Single(poll.Jobs);
        var payload = Read(envelope);
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(Convert.FromBase64String(world.Get<IJobSigningKeys>().PublicKeys[envelope.KeyId]), out _);
        Assert.True(JobSignature.Verify(Convert.FromBase64String(envelope.Payload), Convert.FromBase64String(envelope.Signature), key));
        Assert.Equal((asset, JobVerb.EnsurePackage, (await world.PlansAsync())[0].Hash), (payload.AssetId, payload.Verb, payload.PlanHash));

        Assert.Equal(ResultTaken.Taken, await world.ResultAsync(asset, payload.JobId));
        await world.RunAsync();
        Assert.Equal("the agent says it is done; no fresh report proves it yet", Assert.Single(await world.JobsAsync()).Evidence);
        Assert.Equal(PlanState.Approved, Assert.Single(await world.PlansAsync()).State);

        await world.ReportAsync(asset, [], Fixed, payload.JobId);
        await world.RunAsync();

        Assert.Equal(JobState.Verified, Assert.Single(await world.JobsAsync()).State);
        var plan = Assert.Single(await world.PlansAsync());
        Assert.Equal((PlanState.Verified, "policy"), (plan.State, plan.DecidedBy));
        Assert.Equal(["plan.made", "plan.approved", "plan.verified"], await world.LedgerAsync($"plan:{plan.Id}"));
        Assert.Equal(["job.made", "job.taken", "job.result", "job.verified"], await world.LedgerAsync($"job:{payload.JobId}"));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Production_WaitsForAPerson_AndTheServerMayDieAtEveryStep(string engine)
    {
        await using var first = await RemediationWorld.StartAsync(stores, engine);
        var asset = await first.EnrolAsync(environment: "production");
        var report = await first.ReportAsync(asset);
        var world = await first.RestartAsync(report);
        await world.RunAsync();
        var plan = Assert.Single(await world.PlansAsync());
        Assert.Equal(PlanState.WaitingApproval, plan.State);
        Assert.Empty((await world.PollAsync(asset)).Jobs);

        Assert.Equal(DecisionOutcome.Decided, (await world.DecideAsync(plan.Id)).Outcome);
        world = await world.RestartAsync(report); // killed between approval and dispatch
        await world.RunAsync();
        var job = Read(Assert.Single((await world.PollAsync(asset)).Jobs));
        world = await world.RestartAsync(report); // killed while the agent works
        Assert.Equal(ResultTaken.Taken, await world.ResultAsync(asset, job.JobId));
        await world.ReportAsync(asset, [], Fixed, job.JobId);
        await world.RunAsync();

        Assert.Equal(PlanState.Verified, Assert.Single(await world.PlansAsync()).State);
        await world.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task OldCodeStillRuns_TheClauseRestartsItUnderTheSamePlan(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var asset = await world.EnrolAsync(environment: "production");
        await world.ReportAsync(asset);
        await world.RunAsync();
        var plan = Assert.Single(await world.PlansAsync());
        await world.DecideAsync(plan.Id);
        await world.RunAsync();
        var upgrade = Read(Assert.Single((await world.PollAsync(asset)).Jobs));
        await world.ResultAsync(asset, upgrade.JobId);

        await world.ReportAsync(asset, [Finding(status: FindingStatus.PendingEffect, installed: Fixed)], Fixed, upgrade.JobId);
        await world.RunAsync();

        Assert.Equal(JobState.PendingEffect, (await world.JobsAsync())[0].State);
        var restart = Read(Assert.Single((await world.PollAsync(asset)).Jobs));
        Assert.Equal((JobVerb.RestartService, plan.Hash, "nginx.service"), (restart.Verb, restart.PlanHash, Assert.Single(restart.Units)));
        Assert.Single(await world.PlansAsync());

        await world.ResultAsync(asset, restart.JobId);
        await world.ReportAsync(asset, [], Fixed, restart.JobId);
        await world.RunAsync();

        Assert.All(await world.JobsAsync(), job => Assert.Equal(JobState.Verified, job.State));
        Assert.Equal(PlanState.Verified, Assert.Single(await world.PlansAsync()).State);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task OnlyARebootHelpsInProduction_ThePlanEndsUnverified_AndAPersonMayAskForTheReboot(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var asset = await world.EnrolAsync(environment: "production");
        await world.ReportAsync(asset);
        await world.RunAsync();
        await world.DecideAsync((await world.PlansAsync())[0].Id);
        await world.RunAsync();
        var upgrade = Read(Assert.Single((await world.PollAsync(asset)).Jobs));
        await world.ResultAsync(asset, upgrade.JobId);
        Finding[] pending = [Finding(status: FindingStatus.PendingEffect, installed: Fixed, unit: null)];
        await world.ReportAsync(asset, pending, Fixed, upgrade.JobId);
        await world.RunAsync();
        var ended = Assert.Single(await world.PlansAsync());
        Assert.Equal(PlanState.EndedUnverified, ended.State);
        Assert.Contains("reboot closes it", ended.Reason, StringComparison.Ordinal);

        Assert.True(FixKey.TryParse($"bookworm/openssl/{Fixed}/effect", out var fix));
        var asked = await world.Get<RequestPlan>().HandleAsync(RemediationWorld.Person("anna"), fix, null, CancellationToken.None);
        Assert.Equal(RequestOutcome.Made, asked.Outcome);
        await world.DecideAsync(asked.Plan);
        await world.RunAsync();
        var reboot = Read(Assert.Single((await world.PollAsync(asset)).Jobs));
        Assert.Equal(JobVerb.Reboot, reboot.Verb);
        await world.ResultAsync(asset, reboot.JobId);
        await world.ReportAsync(asset, pending, Fixed, reboot.JobId, "boot-1");
        await world.RunAsync();
        Assert.Equal(JobState.Unproven, (await world.JobsAsync())[1].State);

        await world.ReportAsync(asset, [], Fixed, reboot.JobId, "boot-2");
        await world.RunAsync();

        Assert.All(await world.JobsAsync(), job => Assert.Equal(JobState.Verified, job.State));
        Assert.All(await world.PlansAsync(), plan => Assert.Equal(PlanState.Verified, plan.State));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task ANewerBootThatIsNotJudgedYet_DoesNotProveTheReboot(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var asset = await world.EnrolAsync();
        await world.ReportAsync(asset, [Finding(status: FindingStatus.PendingEffect, installed: Fixed, unit: null)], Fixed);
        await world.RunAsync();
        var reboot = Read(Assert.Single((await world.PollAsync(asset)).Jobs));
        await world.ResultAsync(asset, reboot.JobId);

        await world.ReportAsync(asset, [], Fixed, reboot.JobId, "boot-1");
        await world.Store.WriteAsync(session => session.ExecuteAsync("update inventory_asset set boot_id = 'boot-2' where id = @asset", new { asset }), CancellationToken.None);
        await world.RunAsync();

        Assert.Equal(JobState.Unproven, Assert.Single(await world.JobsAsync()).State);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task AFailedJob_EndsThePlan_ThePolicyTriesLater_AndStopsAfterThree(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var asset = await world.EnrolAsync();
        await world.ReportAsync(asset);
        for (var round = 1; round <= RemediationLimits.PolicyAttemptsMax; round++)
        {
            await world.RunAsync();
            Assert.Equal(round, (await world.PlansAsync()).Count);
            var job = Read(Assert.Single((await world.PollAsync(asset)).Jobs));
            await world.ResultAsync(asset, job.JobId, JobOutcome.PreflightFailed, "origin-unreachable");
            await world.RunAsync();
            Assert.Equal(PlanState.EndedUnverified, (await world.PlansAsync())[0].State);
            Assert.Contains("origin-unreachable", (await world.PlansAsync())[0].Reason, StringComparison.Ordinal);
            world.Time.Advance(TimeSpan.FromHours(5));
        }
        await world.ReportAsync(asset);
        await world.RunAsync();

        Assert.Equal(RemediationLimits.PolicyAttemptsMax, (await world.PlansAsync()).Count);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task TheAgentRefusesWithoutAFurtherPackage_TheNextPlanNamesIt_AndTheSameRefusalAgainCounts(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var asset = await world.EnrolAsync();
        await world.ReportAsync(asset);
        await world.RunAsync();
        var first = Read(Assert.Single((await world.PollAsync(asset)).Jobs));
        var curl = new PackageChange { Package = "curl", From = "1", To = "2" };

        await world.ResultAsync(asset, first.JobId, JobOutcome.PreflightFailed, "unapproved-upgrade", curl);
        await world.RunAsync();

        Assert.Contains("unapproved-upgrade", (await world.PlansAsync()).Single(plan => plan.State == PlanState.EndedUnverified).Reason, StringComparison.Ordinal);
        var second = Read(Assert.Single((await world.PollAsync(asset)).Jobs));
        Assert.Equal([("curl", "2"), ("libssl3", Fixed)], second.Packages.Select(package => (package.Name, package.Version)));

        await world.ResultAsync(asset, second.JobId, JobOutcome.PreflightFailed, "unapproved-upgrade", curl, new PackageChange { Package = "not-installed", To = "1" });
        await world.RunAsync();

        Assert.Empty((await world.PollAsync(asset)).Jobs);
        Assert.DoesNotContain(await world.PlansAsync(), plan => plan.State == PlanState.Approved);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task TheAgentRefusesForWhatNoPlanCanName_IsAFailureAndNoFurtherPlan(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var asset = await world.EnrolAsync();
        var report = await world.ReportAsync(asset);
        world.Get<ExposureIndex>().Put(report with { Packages = [.. report.Packages!, Package("docker-ce", "1", "docker-ce") with { Origin = OriginKind.ThirdParty }] });
        await world.RunAsync();
        var job = Read(Assert.Single((await world.PollAsync(asset)).Jobs));

        await world.ResultAsync(
            asset, job.JobId, JobOutcome.PreflightFailed, "unapproved-upgrade",
            new PackageChange { Package = "docker-ce", From = "1", To = "2" }, // another's
            new PackageChange { Package = "curl", From = "1" }, // removed
            new PackageChange { Package = "libnew1", To = "1" }); // newly there
        await world.RunAsync();

        Assert.Empty((await world.PollAsync(asset)).Jobs);
        Assert.Equal(PlanState.EndedUnverified, Assert.Single(await world.PlansAsync()).State);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task NoAgentComes_TheJobExpires_AndThePlanSaysSo(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var asset = await world.EnrolAsync();
        await world.ReportAsync(asset);
        await world.RunAsync();

        world.Time.Advance(TimeSpan.FromHours(24));
        await world.RunAsync();

        Assert.Equal(JobState.Expired, Assert.Single(await world.JobsAsync()).State);
        Assert.Equal(PlanState.EndedUnverified, Assert.Single(await world.PlansAsync()).State);
        Assert.Empty((await world.PollAsync(asset)).Jobs);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task DoneWithoutAnyReport_StaysOpen_ThenFails(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var asset = await world.EnrolAsync();
        await world.ReportAsync(asset);
        await world.RunAsync();
        var job = Read(Assert.Single((await world.PollAsync(asset)).Jobs));
        await world.ResultAsync(asset, job.JobId);

        world.Time.Advance(TimeSpan.FromHours(23));
        await world.RunAsync();
        Assert.Equal(JobState.Unproven, Assert.Single(await world.JobsAsync()).State);
        world.Time.Advance(TimeSpan.FromHours(2));
        await world.RunAsync();

        Assert.Equal(JobState.Failed, Assert.Single(await world.JobsAsync()).State);
        Assert.Contains("no fresh report proved it", (await world.JobsAsync())[0].Evidence, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task ObservedOnly_NoPlanNoJob_AlsoWhenItBecomesSoAfterTheApproval(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var observed = await world.EnrolAsync("watch", observedOnly: true);
        var asset = await world.EnrolAsync(environment: "production");
        await world.ReportAsync(observed);
        await world.ReportAsync(asset);
        await world.RunAsync();
        var plan = Assert.Single(await world.PlansAsync());
        await world.DecideAsync(plan.Id);
        await world.Store.WriteAsync(session => session.ExecuteAsync("update inventory_asset set observed_only = 1 where id = @asset", new { asset }), CancellationToken.None);

        await world.RunAsync();

        Assert.Empty(await world.JobsAsync());
        Assert.Equal(PlanState.EndedUnverified, Assert.Single(await world.PlansAsync()).State);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task ApplyAPolicy_ReplansTheFleet_AndTheSameAgainChangesNothing(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var asset = await world.EnrolAsync();
        await world.ReportAsync(asset, [Finding(critical: false, kev: false)]);
        await world.RunAsync();
        Assert.Empty(await world.PlansAsync());

        const string Yaml = "version: 1\nname: all\nrules:\n  - name: everything\n    when: {}\n    then: {treatment: patch, approval: person}";
        var (policy, _) = ReadPolicy.From(Yaml);
        await world.Get<PolicyStore>().ApplyAsync(policy!, Yaml, "user:anna", CancellationToken.None);
        await world.Get<PolicyStore>().ApplyAsync(policy!, Yaml, "user:anna", CancellationToken.None);
        await world.RunAsync();

        Assert.Equal("everything", Assert.Single(await world.PlansAsync()).Rule);
        Assert.Single(await world.LedgerAsync($"policy:{policy!.Digest}"));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task FixBoard_ShowsTurnsStatesScopeAndWords(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var ours = await world.EnrolAsync(environment: "production");
        var theirs = await world.EnrolAsync("db1", group: RemediationWorld.OtherGroup);
        await world.ReportAsync(ours, [Finding(), Finding(OtherCve, "curl", "curl", "1", "2", critical: false, kev: false, risk: 0.1)]);
        await world.ReportAsync(theirs);
        await world.RunAsync();
        var board = world.Get<FixBoard>();
        var scope = Scope.Of([RemediationWorld.Group]);

        var all = await board.ListAsync(Scope.All, new FixQuery(), CancellationToken.None);
        var mine = await board.ListAsync(scope, new FixQuery(), CancellationToken.None);
        var first = await board.ListAsync(scope, new FixQuery { Limit = 1 }, CancellationToken.None);
        var second = await board.ListAsync(scope, new FixQuery { Limit = 1, After = first.Next }, CancellationToken.None);

        Assert.Equal((2, 2), (all.Items[0].Assets.Values.Sum(), all.Total));
        Assert.Equal(("waiting_approval", Turn.Approver, 1), (mine.Items[0].State, mine.Items[0].Turn, mine.Items[0].Assets.Values.Sum()));
        Assert.Equal(("blocked", Turn.Person, "curl"), (mine.Items[1].State, mine.Items[1].Turn, mine.Items[1].Source));
        Assert.Null(mine.Items[0].Blocked);
        Assert.Contains("no rule of the policy", mine.Items[1].Blocked, StringComparison.Ordinal);
        Assert.Equal((mine.Items[0].Key, mine.Items[1].Key, (string?)null), (Assert.Single(first.Items).Key, Assert.Single(second.Items).Key, second.Next));
        Assert.Equal("curl", Assert.Single((await board.ListAsync(scope, new FixQuery { State = "blocked" }, CancellationToken.None)).Items).Source);
        Assert.Equal("openssl", Assert.Single((await board.ListAsync(scope, new FixQuery { Kev = true, Environment = "Production" }, CancellationToken.None)).Items).Source);

        Assert.True(FixKey.TryParse(mine.Items[0].Key, out var key));
        await world.Get<SpeakOfFix>().CommentAsync(RemediationWorld.Person("anna"), key, "look at nginx too", CancellationToken.None);
        await world.Get<SpeakOfFix>().AssignAsync(RemediationWorld.Person("anna"), key, new FixAssignment { Team = "web", Person = "bert" }, CancellationToken.None);
        var detail = await board.FindAsync(scope, key, CancellationToken.None);
        Assert.Equal(("web", "bert", "look at nginx too"), (detail!.Fix.Team, detail.Fix.Person, Assert.Single(detail.Comments).Text));
        Assert.Null(await board.FindAsync(Scope.None, key, CancellationToken.None));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task FixBoard_AssetsBlockedForSeveralReasons_SaysTheOneThatMostShare(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        foreach (var (name, isObserved) in new[] { ("a", true), ("b", true), ("c", false) })
        {
            await world.ReportAsync(await world.EnrolAsync(name, "production", observedOnly: isObserved), [Finding(critical: false, kev: false)]);
        }
        await world.RunAsync();

        var row = Assert.Single((await world.Get<FixBoard>().ListAsync(Scope.All, new FixQuery(), CancellationToken.None)).Items);

        Assert.StartsWith("the endpoint is only observed", row.Blocked, StringComparison.Ordinal);
    }

    internal static JobPayload Read(JobEnvelope envelope) =>
        JsonSerializer.Deserialize(Convert.FromBase64String(envelope.Payload), ContractsJson.Default.JobPayload)!;
}
