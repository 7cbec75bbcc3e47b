using System.Net;
using System.Net.Http.Json;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Tests;
using static Suture.Server.Tests.Remediation.GivenRemediation;
using static Suture.Server.Tests.Remediation.RemediationServer;

namespace Suture.Server.Tests.Remediation;

/// <summary>What an auditor of one group reads in the ledger after the loop ran for several; on both engines.</summary>
public sealed class LedgerScopeTests(StoreFixture stores)
{
    public static TheoryData<string> Engines => StoreFixture.Engines;

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Auditor_OfOneGroup_ReadsTheWholeLoopOfItsOwnAssetsAndNothingElse(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        await PatchAsync(world, await world.EnrolAsync());
        await PatchAsync(world, await world.EnrolAsync("mail1", group: RemediationWorld.OtherGroup));
        await using var server = await ServeAsync(world);
        using var admin = await SignInFirstAsync(server, world);
        using var ours = await SignInNewAsync(server, admin, "olga", ["ours"], Role.Auditor);
        using var both = await SignInNewAsync(server, admin, "otto", ["ours", "theirs"], Role.Auditor);

        var own = await LedgerAsync(ours);
        var all = await LedgerAsync(both);

        Assert.Equal(
            ["plan.made", "plan.approved", "job.made", "job.taken", "job.result", "job.verified", "plan.verified"],
            own.Select(row => row.Action));
        Assert.Equal(14, all.Count);
        Assert.All(own, row => Assert.DoesNotContain("mail1", row.Detail, StringComparison.Ordinal));
        Assert.DoesNotContain(own.Select(row => row.Subject), subject => all.Where(row => !own.Contains(row)).Select(row => row.Subject).Contains(subject));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Plan_OverSeveralGroups_HasARowForEachThatSpeaksOfItsOwnAssets(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var web = await world.EnrolAsync("web1", "production");
        var db = await world.EnrolAsync("mail1", "production", RemediationWorld.OtherGroup);
        await world.ReportAsync(web, [Finding(critical: false, kev: false)]);
        await world.ReportAsync(db, [Finding(critical: false, kev: false)]);
        await world.RunAsync();
        await using var server = await ServeAsync(world);
        using var admin = await SignInFirstAsync(server, world);
        using var approver = await SignInNewAsync(server, admin, "bert", null, Role.Approver);
        using var ours = await SignInNewAsync(server, admin, "olga", ["ours"], Role.Auditor);
        var fix = $"bookworm/openssl/{Fixed}";

        await SendAsync(admin, HttpMethod.Put, $"fixes/{Uri.EscapeDataString(fix)}/assignment", new FixAssignment { Team = "web" }, ContractsJson.Default.FixAssignment, HttpStatusCode.OK);
        var made = await SendAsync(admin, HttpMethod.Post, "plans", new PlanRequest { Fix = fix }, ContractsJson.Default.PlanRequest, HttpStatusCode.Created);
        var plan = (await made.Content.ReadFromJsonAsync(ContractsJson.Default.PlanDetail))!.Plan;
        await SendAsync(approver, HttpMethod.Post, $"plans/{plan.Id}/approve", new PlanDecisionRequest { Hash = plan.Hash }, ContractsJson.Default.PlanDecisionRequest, HttpStatusCode.OK);
        await world.Store.WriteAsync(session => session.ExecuteAsync("update inventory_asset set observed_only = 1 where id = @web", new { web }), CancellationToken.None);
        await world.RunAsync();
        await RunJobAsync(world, db);

        var own = await LedgerAsync(ours);
        var subject = $"plan:{plan.Id}";
        Assert.Equal(["fix.assigned", "plan.made", "plan.approved", "plan.held", "plan.ended"], own.Select(row => row.Action));
        Assert.All(own, row => Assert.DoesNotContain("mail1", row.Detail, StringComparison.Ordinal));
        Assert.All(own, row => Assert.DoesNotContain(db.ToString(), row.Detail, StringComparison.Ordinal));
        Assert.Contains("on web1", own[1].Detail, StringComparison.Ordinal);
        Assert.Contains(web.ToString(), own[3].Detail, StringComparison.Ordinal);
        Assert.Equal(["plan.made", "plan.made", "plan.approved", "plan.approved", "plan.held", "plan.ended", "plan.ended"], await world.LedgerAsync(subject));
    }

    private static async Task PatchAsync(RemediationWorld world, Guid asset)
    {
        await world.ReportAsync(asset);
        await world.RunAsync();
        await RunJobAsync(world, asset);
    }

    private static async Task RunJobAsync(RemediationWorld world, Guid asset)
    {
        var job = LoopTests.Read(Assert.Single((await world.PollAsync(asset)).Jobs)).JobId;
        await world.ResultAsync(asset, job);
        await world.ReportAsync(asset, [], Fixed, job);
        await world.RunAsync();
    }

    private static async Task<IReadOnlyList<LedgerRow>> LedgerAsync(HttpClient client) =>
        [.. (await GetAsync(client, "ledger", ContractsJson.Default.PageLedgerRow)).Items.Reverse()];
}
