using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Platform.Identity;
using Suture.Tests;
using static Suture.Server.Tests.Remediation.GivenRemediation;
using static Suture.Server.Tests.Remediation.RemediationServer;

namespace Suture.Server.Tests.Remediation;

/// <summary>The routes over HTTP, with sign-in, roles and scope, as a customer calls them.</summary>
public sealed class RemediationApiTests(StoreFixture stores)
{
    private const string Password = "correct horse battery staple";

    public static TheoryData<string> Engines => StoreFixture.Engines;

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task FromFixToApprovedPlan_AsCustomersCallIt(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        await world.ReportAsync(await world.EnrolAsync(environment: "production"), [Finding(critical: false, kev: false)]);
        await world.ReportAsync(await world.EnrolAsync("watch", "production", observedOnly: true), [Finding(critical: false, kev: false)]);
        await world.RunAsync();
        await using var server = await ServeAsync(world);
        using var admin = await SignInFirstAsync(server, world);
        using var analyst = await SignInNewAsync(server, admin, "anna", null, Role.Analyst);
        using var approver = await SignInNewAsync(server, admin, "bert", null, Role.Approver);
        using var stranger = await SignInNewAsync(server, admin, "cora", ["theirs"], Role.Approver, Role.Analyst);

        var fix = Assert.Single((await GetAsync(analyst, "fixes?source=openssl", ContractsJson.Default.PageFixRow)).Items);
        var path = $"fixes/{Uri.EscapeDataString(fix.Key)}";
        Assert.Equal(fix.Key, (await GetAsync(analyst, path, ContractsJson.Default.FixDetail)).Fix.Key);
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.GetAsync(path)).StatusCode);
        Assert.Empty((await GetAsync(stranger, "fixes", ContractsJson.Default.PageFixRow)).Items);
        await SendAsync(analyst, HttpMethod.Put, $"{path}/assignment", new FixAssignment { Team = "web" }, ContractsJson.Default.FixAssignment, HttpStatusCode.OK);
        await SendAsync(analyst, HttpMethod.Post, $"{path}/comments", new CommentRequest { Text = "soon" }, ContractsJson.Default.CommentRequest, HttpStatusCode.OK);
        await SendAsync(analyst, HttpMethod.Post, $"{path}/comments", new CommentRequest { Text = " " }, ContractsJson.Default.CommentRequest, HttpStatusCode.BadRequest);

        await SendAsync(stranger, HttpMethod.Post, "plans", new PlanRequest { Fix = fix.Key }, ContractsJson.Default.PlanRequest, HttpStatusCode.NotFound);
        await SendAsync(analyst, HttpMethod.Post, "plans", new PlanRequest { Fix = "openssl" }, ContractsJson.Default.PlanRequest, HttpStatusCode.BadRequest);
        var made = await SendAsync(analyst, HttpMethod.Post, "plans", new PlanRequest { Fix = fix.Key }, ContractsJson.Default.PlanRequest, HttpStatusCode.Created);
        Assert.Equal(
            "watch: the endpoint is only observed: its own configuration refuses every change",
            Assert.Single((await made.Content.ReadFromJsonAsync(ContractsJson.Default.PlanDetail))!.LeftOut));
        await SendAsync(analyst, HttpMethod.Post, "plans", new PlanRequest { Fix = fix.Key }, ContractsJson.Default.PlanRequest, HttpStatusCode.Conflict);
        var plan = Assert.Single((await GetAsync(approver, "plans?state=waiting_approval", ContractsJson.Default.PagePlanRow)).Items);
        var detail = await GetAsync(approver, $"plans/{plan.Id}", ContractsJson.Default.PlanDetail);
        Assert.Equal((3, 1), (detail.Clauses.Count, detail.Changes.Count));

        var decision = new PlanDecisionRequest { Hash = plan.Hash };
        await SendAsync(analyst, HttpMethod.Post, $"plans/{plan.Id}/approve", decision, ContractsJson.Default.PlanDecisionRequest, HttpStatusCode.Forbidden);
        await SendAsync(stranger, HttpMethod.Post, $"plans/{plan.Id}/approve", decision, ContractsJson.Default.PlanDecisionRequest, HttpStatusCode.NotFound);
        await SendAsync(approver, HttpMethod.Post, $"plans/{plan.Id}/approve", new PlanDecisionRequest { Hash = "0" }, ContractsJson.Default.PlanDecisionRequest, HttpStatusCode.Conflict);
        await SendAsync(approver, HttpMethod.Post, $"plans/{plan.Id}/reject", decision, ContractsJson.Default.PlanDecisionRequest, HttpStatusCode.BadRequest);
        await SendAsync(approver, HttpMethod.Post, $"plans/{plan.Id}/withdraw", new PlanWithdrawalRequest { Reason = " " }, ContractsJson.Default.PlanWithdrawalRequest, HttpStatusCode.BadRequest);
        await SendAsync(stranger, HttpMethod.Post, $"plans/{plan.Id}/withdraw", new PlanWithdrawalRequest { Reason = "no" }, ContractsJson.Default.PlanWithdrawalRequest, HttpStatusCode.NotFound);
        await SendAsync(admin, HttpMethod.Post, $"plans/{Guid.Empty}/withdraw", new PlanWithdrawalRequest { Reason = "no" }, ContractsJson.Default.PlanWithdrawalRequest, HttpStatusCode.NotFound);
        await SendAsync(approver, HttpMethod.Post, $"plans/{plan.Id}/approve", decision, ContractsJson.Default.PlanDecisionRequest, HttpStatusCode.OK);
        await world.RunAsync();

        Assert.Equal(JobState.Ready, Assert.Single((await GetAsync(analyst, $"jobs?plan={plan.Id}", ContractsJson.Default.PageJobRow)).Items).State);
        Assert.Empty((await GetAsync(stranger, "jobs", ContractsJson.Default.PageJobRow)).Items);
        Assert.Empty((await GetAsync(stranger, "plans", ContractsJson.Default.PagePlanRow)).Items);
    }

    [Fact]
    public async Task Withdraw_AsCustomersCallIt()
    {
        await using var world = await RemediationWorld.StartAsync(stores, "sqlite");
        var asset = await world.EnrolAsync();
        await world.ReportAsync(asset);
        await world.ReportAsync(await world.EnrolAsync("web2"));
        await world.RunAsync();
        await using var server = await ServeAsync(world);
        using var admin = await SignInFirstAsync(server, world);
        using var analyst = await SignInNewAsync(server, admin, "anna", null, Role.Analyst);
        using var viewer = await SignInNewAsync(server, admin, "vera", null, Role.Viewer);
        using var approver = await SignInNewAsync(server, admin, "bert", null, Role.Approver);
        var plans = (await GetAsync(approver, "plans", ContractsJson.Default.PagePlanRow)).Items;
        var (taken, waiting) = (plans.Single(plan => plan.Title.EndsWith("web1", StringComparison.Ordinal)), plans.Single(plan => plan.Title.EndsWith("web2", StringComparison.Ordinal)));
        Assert.Single((await world.PollAsync(asset)).Jobs);
        Task<HttpResponseMessage> WithdrawAsync(HttpClient who, PlanRow plan, HttpStatusCode wanted) =>
            SendAsync(who, HttpMethod.Post, $"plans/{plan.Id}/withdraw", new PlanWithdrawalRequest { Reason = "not this week" }, ContractsJson.Default.PlanWithdrawalRequest, wanted);

        await WithdrawAsync(viewer, waiting, HttpStatusCode.Forbidden);
        Assert.Contains("Ask an approver", await (await WithdrawAsync(analyst, waiting, HttpStatusCode.Forbidden)).Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var late = (await (await WithdrawAsync(approver, taken, HttpStatusCode.Conflict)).Content.ReadFromJsonAsync(ContractsJson.Default.Problem))!;
        Assert.Equal("Nothing of the plan can be taken back", late.Title);
        Assert.Contains("what an agent has taken is not called back", late.Detail, StringComparison.Ordinal);
        for (var time = 1; time <= 2; time++)
        {
            var done = (await (await WithdrawAsync(approver, waiting, HttpStatusCode.OK)).Content.ReadFromJsonAsync(ContractsJson.Default.PlanDetail))!;
            Assert.Equal((PlanState.Withdrawn, "bert", "not this week", JobState.Withdrawn), (done.Plan.State, done.Plan.DecidedBy, done.Plan.Reason, Assert.Single(done.Jobs).State));
        }
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Policy_AFaultyOne_IsRefusedWithAllFaults_AndTheOneInForceStays(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        await using var server = await ServeAsync(world);
        using var admin = await SignInFirstAsync(server, world);
        using var viewer = await SignInNewAsync(server, admin, "vera", null, Role.Viewer);
        var before = await GetAsync(viewer, "policy", ContractsJson.Default.PolicyDocument);
        var faulty = new PolicyDocument { Yaml = "version: 2\nname: x\nrules:\n  - nam: y" };
        var good = new PolicyDocument { Yaml = "version: 1\nname: quiet\nrules: []" };

        var refused = await SendAsync(admin, HttpMethod.Put, "policy", faulty, ContractsJson.Default.PolicyDocument, HttpStatusCode.UnprocessableEntity);
        var problem = await refused.Content.ReadFromJsonAsync(ContractsJson.Default.Problem);
        Assert.Equal(["rules[0].nam", "rules[0].name", "rules[0].then", "rules[0].when", "version"], problem!.Errors!.Keys.Order(StringComparer.Ordinal));
        Assert.Contains("line 1, column 10: '2': the only version is 1", problem.Errors["version"][0], StringComparison.Ordinal);
        Assert.Equal(before.Digest, (await GetAsync(viewer, "policy", ContractsJson.Default.PolicyDocument)).Digest);

        var check = await SendAsync(viewer, HttpMethod.Post, "policy/check", faulty, ContractsJson.Default.PolicyDocument, HttpStatusCode.OK);
        Assert.Equal(5, (await check.Content.ReadFromJsonAsync(ContractsJson.Default.PolicyCheckResult))!.Faults.Count);
        await SendAsync(viewer, HttpMethod.Put, "policy", good, ContractsJson.Default.PolicyDocument, HttpStatusCode.Forbidden);
        await SendAsync(admin, HttpMethod.Put, "policy", good, ContractsJson.Default.PolicyDocument, HttpStatusCode.OK);
        var after = await GetAsync(viewer, "policy", ContractsJson.Default.PolicyDocument);
        Assert.Equal((good.Yaml, (DateTimeOffset?)world.Time.GetUtcNow()), (after.Yaml, after.AppliedUtc));
    }

    [Fact]
    public async Task Plans_OfAnAssetOutOfScope_AreNotTold()
    {
        await using var world = await RemediationWorld.StartAsync(stores, "sqlite");
        var (web, db) = (await world.EnrolAsync(), await world.EnrolAsync("db1", group: RemediationWorld.OtherGroup));
        await world.ReportAsync(web, [Finding(critical: false, kev: false)]);
        await world.ReportAsync(db, [Finding(critical: false, kev: false)]);
        await world.RunAsync();
        await using var server = await ServeAsync(world);
        using var admin = await SignInFirstAsync(server, world);
        using var scoped = await SignInNewAsync(server, admin, "olga", ["ours"], Role.Viewer);
        await SendAsync(admin, HttpMethod.Post, "plans", new PlanRequest { Fix = $"bookworm/openssl/{Fixed}" }, ContractsJson.Default.PlanRequest, HttpStatusCode.Created);

        Assert.Single((await GetAsync(admin, $"plans?asset={db}", ContractsJson.Default.PagePlanRow)).Items);
        Assert.Single((await GetAsync(scoped, $"plans?asset={web}", ContractsJson.Default.PagePlanRow)).Items);
        Assert.Empty((await GetAsync(scoped, $"plans?asset={db}", ContractsJson.Default.PagePlanRow)).Items);
    }

    [Fact]
    public async Task Policy_AdminOfOneGroup_MayReadAndCheckButNotChangeTheWholeFleets()
    {
        await using var world = await RemediationWorld.StartAsync(stores, "sqlite");
        await using var server = await ServeAsync(world);
        using var admin = await SignInFirstAsync(server, world);
        using var scoped = await SignInNewAsync(server, admin, "olga", ["ours"], [.. Enum.GetValues<Role>()]);
        var before = await GetAsync(scoped, "policy", ContractsJson.Default.PolicyDocument);
        var quiet = new PolicyDocument { Yaml = "version: 1\nname: quiet\nrules: []" };

        var refused = await SendAsync(scoped, HttpMethod.Put, "policy", quiet, ContractsJson.Default.PolicyDocument, HttpStatusCode.Forbidden);
        await SendAsync(scoped, HttpMethod.Post, "policy/check", quiet, ContractsJson.Default.PolicyDocument, HttpStatusCode.OK);

        Assert.Contains("all groups", (await refused.Content.ReadFromJsonAsync(ContractsJson.Default.Problem))!.Title, StringComparison.Ordinal);
        Assert.Equal(before.Digest, (await GetAsync(admin, "policy", ContractsJson.Default.PolicyDocument)).Digest);
    }

    [Theory]
    [InlineData("fixes?limit=0", "limit is 0, wanted 1 to 1000")]
    [InlineData("fixes?state=done", "state is 'done', wanted one of waiting_approval")]
    [InlineData("fixes?after=xyz", "'next' of the former page")]
    [InlineData("fixes/openssl", "'openssl' is no key of a fix")]
    [InlineData("plans?state=waiting", "wanted one of waiting_approval, approved")]
    [InlineData("jobs?limit=1001", "limit is 1001")]
    [InlineData("jobs?after=1", "'next' of the former page")]
    public async Task Get_FaultyArgument_NamesValueAndRemedy(string path, string expected)
    {
        await using var world = await RemediationWorld.StartAsync(stores, "sqlite");
        await using var server = await ServeAsync(world);
        using var admin = await SignInFirstAsync(server, world);

        var answer = await admin.GetAsync(path);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(expected, (await answer.Content.ReadFromJsonAsync(ContractsJson.Default.Problem))!.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task EveryRoute_StatesWhoMayCallIt(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        await using var server = await ServeAsync(world);

        var endpoints = server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().ToList();

        Assert.All(endpoints, endpoint => Assert.NotEqual(RouteAccess.Nobody, RouteRights.AccessOf(endpoint)));
        Assert.True(endpoints.Count >= 15);
    }
}
