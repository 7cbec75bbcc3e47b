using Suture.Contracts.Api;
using Suture.Exposure.Findings;
using Suture.Exposure.Fixes;
using Suture.Platform.Identity;
using Suture.Platform.Work;
using Suture.Remediation;
using Suture.Remediation.Approvals;
using Suture.Remediation.Planning;
using Suture.Tests;
using static Suture.Server.Tests.Remediation.GivenRemediation;

namespace Suture.Server.Tests.Remediation;

public sealed class ApprovalTests(StoreFixture stores)
{
    public static TheoryData<string> Engines => StoreFixture.Engines;

    private static async Task<Guid> WaitingAsync(RemediationWorld world)
    {
        await world.ReportAsync(await world.EnrolAsync(environment: "production"));
        await world.RunAsync();
        return Assert.Single(await world.PlansAsync()).Id;
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task TwentyAtOnce_ApproveAndReject_ExactlyOneDecision(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var plan = await WaitingAsync(world);
        var hash = (await world.PlansAsync())[0].Hash;

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(n => Task.Run(() => world.DecideAsync(plan, n % 2 == 0, $"person{n}", hash: hash))));

        var row = Assert.Single(await world.PlansAsync());
        var ledger = await world.LedgerAsync($"plan:{plan}");
        var side = int.Parse(row.DecidedBy!["person".Length..], System.Globalization.CultureInfo.InvariantCulture) % 2;
        Assert.Equal(2, ledger.Count);
        Assert.Equal(side == 0 ? "plan.approved" : "plan.rejected", ledger[1]);
        for (var n = 0; n < answers.Length; n++)
        {
            Assert.Equal(n % 2 == side ? DecisionOutcome.Decided : DecisionOutcome.TooLate, answers[n].Outcome);
        }
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task SixteenAtOnce_AskForTheSameFix_OnePlan(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var asset = await world.EnrolAsync();
        await world.ReportAsync(asset, [Finding(critical: false, kev: false)]);
        await world.RunAsync();
        Assert.True(FixKey.TryParse($"bookworm/openssl/{Fixed}", out var fix));

        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(n => Task.Run(async () =>
            (await world.Get<RequestPlan>().HandleAsync(RemediationWorld.Person($"p{n}"), fix, [asset], CancellationToken.None)).Outcome)));

        Assert.Single(answers, outcome => outcome == RequestOutcome.Made);
        Assert.Single(await world.PlansAsync());
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task WrongHash_IsRefused(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var plan = await WaitingAsync(world);

        var (outcome, detail) = await world.DecideAsync(plan, hash: new string('0', 64));

        Assert.Equal(DecisionOutcome.HashDiffers, outcome);
        Assert.Contains((await world.PlansAsync())[0].Hash, detail, StringComparison.Ordinal);
        Assert.Equal(PlanState.WaitingApproval, (await world.PlansAsync())[0].State);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Approve_Twice_IsTheSameAnswer_AndOneLedgerRow(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var plan = await WaitingAsync(world);

        Assert.Equal(DecisionOutcome.Decided, (await world.DecideAsync(plan)).Outcome);
        Assert.Equal(DecisionOutcome.Decided, (await world.DecideAsync(plan)).Outcome);

        Assert.Equal(["plan.made", "plan.approved"], await world.LedgerAsync($"plan:{plan}"));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Scope_MustCoverAllAssets_AndOtherAssetsAreNotShown(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        Finding[] findings = [Finding(critical: false, kev: false), Finding(vulnerability: "CVE-2026-0002", critical: false, kev: false)];
        await world.ReportAsync(await world.EnrolAsync("ours1"), findings[..1]);
        await world.ReportAsync(await world.EnrolAsync("theirs1", group: RemediationWorld.OtherGroup), findings);
        await world.RunAsync();
        Assert.True(FixKey.TryParse($"bookworm/openssl/{Fixed}", out var fix));
        var asked = await world.Get<RequestPlan>().HandleAsync(RemediationWorld.Person("anna"), fix, null, CancellationToken.None);
        var ours = Scope.Of([RemediationWorld.Group]);

        var partial = await world.Get<PlanDirectory>().FindAsync(ours, asked.Plan, CancellationToken.None);

        Assert.Equal(DecisionOutcome.OutsideScope, (await world.DecideAsync(asked.Plan, scope: ours)).Outcome);
        Assert.Equal(DecisionOutcome.NotFound, (await world.DecideAsync(asked.Plan, scope: Scope.None)).Outcome);
        Assert.Equal(("upgrade openssl on ours1", 1), (partial!.Plan.Title, partial.Changes.Count));
        var whole = (await world.Get<PlanDirectory>().FindAsync(Scope.All, asked.Plan, CancellationToken.None))!.Plan;
        var theirs = (await world.Get<PlanDirectory>().ListAsync(Scope.Of([RemediationWorld.OtherGroup]), new PlanQuery(), CancellationToken.None)).Items.Single();
        Assert.Equal((1, 2, 3), (partial.Plan.Findings, theirs.Findings, whole.Findings));
        Assert.Equal(whole.RiskPerDay, partial.Plan.RiskPerDay + theirs.RiskPerDay, 12);
        Assert.True(theirs.RiskPerDay > partial.Plan.RiskPerDay);
        Assert.Null(await world.Get<PlanDirectory>().FindAsync(Scope.None, asked.Plan, CancellationToken.None));
        Assert.Empty((await world.Get<PlanDirectory>().ListAsync(Scope.None, new PlanQuery(), CancellationToken.None)).Items);
        Assert.Equal(DecisionOutcome.Decided, (await world.DecideAsync(asked.Plan)).Outcome);
    }

    [Theory]
    [InlineData("sqlite", false, "OwnPlan")]
    [InlineData("sqlite", true, "Decided")]
    [InlineData("postgresql", false, "OwnPlan")]
    [InlineData("postgresql", true, "Decided")]
    public async Task OwnPlan_NeedsAnotherPerson_UnlessSolo(string engine, bool isSolo, string expected)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine, isSolo);
        await world.ReportAsync(await world.EnrolAsync(), [Finding(critical: false, kev: false)]);
        await world.RunAsync();
        Assert.True(FixKey.TryParse($"bookworm/openssl/{Fixed}", out var fix));
        var asked = await world.Get<RequestPlan>().HandleAsync(RemediationWorld.Person("anna"), fix, null, CancellationToken.None);

        Assert.Equal(expected, (await world.DecideAsync(asked.Plan, name: "anna")).Outcome.ToString());
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task FactsGoOn_ThePlanInPlaceOfAPersons_IsTheServersInTheLedger(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var asset = await world.EnrolAsync();
        await world.ReportAsync(asset, [Finding(critical: false, kev: false)]);
        await world.RunAsync();
        Assert.True(FixKey.TryParse($"bookworm/openssl/{Fixed}", out var fix));
        var asked = await world.Get<RequestPlan>().HandleAsync(RemediationWorld.Person("anna"), fix, null, CancellationToken.None);

        await world.ReportAsync(asset, [Finding(fixedVersion: "3.0.18-1", critical: false, kev: false)], updates: [Update(version: "3.0.18-1")]);
        await world.RunAsync();

        var plans = await world.PlansAsync();
        Assert.Equal([PlanState.WaitingApproval, PlanState.Superseded], plans.Select(plan => plan.State));
        Assert.Equal("anna", plans[0].Author);
        var made = await world.Store.ReadAsync(
            session => session.QueryAsync<string>("select actor || ' ' || detail from platform_ledger where action = 'plan.made' order by sequence"), CancellationToken.None);
        Assert.StartsWith("user:anna ", made[0], StringComparison.Ordinal);
        Assert.StartsWith("server ", made[1], StringComparison.Ordinal);
        Assert.Contains($"\"replaces\":\"{asked.Plan}\"", made[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ask_ForMoreAssetsThanAPlanHas_IsRefusedBeforeAnyIsRead()
    {
        await using var world = await RemediationWorld.StartAsync(stores, "sqlite");
        var report = await world.ReportAsync(await world.EnrolAsync(), [Finding(critical: false, kev: false)]);
        foreach (var _ in Enumerable.Range(0, RemediationLimits.PlanAssetsMax))
        {
            world.Get<ExposureIndex>().Put(report with { Asset = report.Asset with { Id = Id() } }); // the store does not know it
        }
        Assert.True(FixKey.TryParse($"bookworm/openssl/{Fixed}", out var fix));

        var asked = await world.Get<RequestPlan>().HandleAsync(RemediationWorld.Person("anna"), fix, null, CancellationToken.None);

        Assert.Equal((RequestOutcome.Impossible, "More than 5000 assets need it, the most of one plan; name some of them."), (asked.Outcome, asked.Detail));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Rejected_ThePolicyDoesNotMakeItAgain_UntilTheVersionRises(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var asset = await world.EnrolAsync(environment: "production");
        await world.ReportAsync(asset);
        await world.RunAsync();
        await world.DecideAsync((await world.PlansAsync())[0].Id, isApproval: false);
        await world.ReportAsync(asset);
        await world.RunAsync();
        Assert.Single(await world.PlansAsync());

        await world.ReportAsync(asset, [Finding(fixedVersion: "3.0.18-1")], updates: [Update(version: "3.0.18-1")]);
        await world.RunAsync();

        Assert.Equal(2, (await world.PlansAsync()).Count);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task JobsThatCannotBeMade_ThePlanSaysWhy(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var asset = await world.EnrolAsync(environment: "production");
        await world.ReportAsync(asset);
        await world.RunAsync();
        var plan = Assert.Single(await world.PlansAsync());
        await world.DecideAsync(plan.Id);
        await world.Store.WriteAsync(session => session.ExecuteAsync("update remediation_plan set body = replace(body, 'web1', 'web2')"), CancellationToken.None);
        var before = await DetailAsync(world, plan.Id, Scope.All);

        for (var attempt = 0; attempt < WorkQueue.AttemptsMax; attempt++)
        {
            await world.Get<WorkLoop>().RunDueAsync(CancellationToken.None);
            world.Time.Advance(TimeSpan.FromSeconds(WorkQueue.BackOffSecondsMax));
        }

        var after = await DetailAsync(world, plan.Id, Scope.All);
        Assert.Null(before.Failure);
        Assert.Equal((PlanState.Approved, 0), (after.Plan.State, after.Jobs.Count));
        Assert.StartsWith("Its jobs could not be made: tried 10 times, last 2026-08-10", after.Failure, StringComparison.Ordinal);
        Assert.Contains("the stored body is not what its hash", after.Failure, StringComparison.Ordinal);
        Assert.Contains("POST /api/v1/work/failed/", after.Failure, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task ATamperedBody_CannotBeApproved(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var plan = await WaitingAsync(world);
        await world.Store.WriteAsync(session => session.ExecuteAsync("update remediation_plan set body = replace(body, '3.0.17-1', '3.0.99-1')"), CancellationToken.None);

        Assert.Equal(DecisionOutcome.BodyDiffers, (await world.DecideAsync(plan)).Outcome);
    }

    private static async Task<PlanDetail> DetailAsync(RemediationWorld world, Guid plan, Scope scope) =>
        (await world.Get<PlanDirectory>().FindAsync(scope, plan, CancellationToken.None))!;
}
