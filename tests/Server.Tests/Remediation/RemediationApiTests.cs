using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Exposure.Findings;
using Suture.Inventory;
using Suture.Platform;
using Suture.Platform.Identity;
using Suture.Platform.Storage;
using Suture.Remediation;
using Suture.Tests;
using static Suture.Server.Tests.Remediation.GivenRemediation;

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
        await SendAsync(approver, HttpMethod.Post, $"plans/{plan.Id}/approve", decision, ContractsJson.Default.PlanDecisionRequest, HttpStatusCode.OK);
        await world.RunAsync();

        Assert.Equal(JobState.Ready, Assert.Single((await GetAsync(analyst, $"jobs?plan={plan.Id}", ContractsJson.Default.PageJobRow)).Items).State);
        Assert.Empty((await GetAsync(stranger, "jobs", ContractsJson.Default.PageJobRow)).Items);
        Assert.Empty((await GetAsync(stranger, "plans", ContractsJson.Default.PagePlanRow)).Items);
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

    [Theory]
    [InlineData("fixes?limit=0", "limit is 0, wanted 1 to 500")]
    [InlineData("fixes?state=done", "state is 'done', wanted one of waiting_approval")]
    [InlineData("fixes?after=xyz", "'next' of the former page")]
    [InlineData("fixes/openssl", "'openssl' is no key of a fix")]
    [InlineData("plans?state=waiting", "wanted one of waiting_approval, approved")]
    [InlineData("jobs?limit=501", "limit is 501")]
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

    private static async Task<WebApplication> ServeAsync(RemediationWorld world)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var folder = Path.Combine(world.Folder, "api");
        builder.Services.AddSingleton<TimeProvider>(world.Time);
        builder.Services.AddPlatform(world.Store, options => options.PasswordRounds = 10_000);
        builder.Services.AddInventory(new InventoryOptions { SecretsDirectory = Path.Combine(folder, "inventory"), AgentUrl = new Uri("https://localhost:7781") });
        builder.Services.AddSingleton(world.Get<ExposureIndex>());
        builder.Services.AddRemediation(SecretsFolder.Open(folder));
        // The world's own loop does the work, step by step.
        foreach (var service in builder.Services.Where(service => service.ServiceType == typeof(Microsoft.Extensions.Hosting.IHostedService) && service.ImplementationFactory is not null).ToList())
        {
            builder.Services.Remove(service);
        }
        var app = builder.Build();
        app.UsePlatform();
        var api = app.MapGroup("/api/v1");
        api.MapPlatformApi();
        api.MapRemediationApi();
        await app.StartAsync();
        return app;
    }

    private static async Task<HttpClient> SignInFirstAsync(WebApplication server, RemediationWorld world) =>
        await SignInAsync(server, IdentitySetup.FirstUserName, (await IdentitySetup.EnsureFirstUserAsync(world.Store, world.Time, false, CancellationToken.None))!.Code);

    private static async Task<HttpClient> SignInNewAsync(WebApplication server, HttpClient admin, string name, IReadOnlyList<string>? groups, params Role[] roles)
    {
        var answer = await SendAsync(admin, HttpMethod.Post, "users", new UserRequest { Name = name, Roles = roles, Groups = groups }, ContractsJson.Default.UserRequest, null);
        return await SignInAsync(server, name, (await answer.Content.ReadFromJsonAsync(ContractsJson.Default.SignInCodeResponse))!.Code);
    }

    private static async Task<HttpClient> SignInAsync(WebApplication server, string name, string code)
    {
        var client = new HttpClient { BaseAddress = new Uri(server.Urls.First() + "/api/v1/") };
        var answer = await SendAsync(
            client, HttpMethod.Post, "auth/sign-in", new SignInRequest { UserName = name, Secret = code, NewPassword = Password }, ContractsJson.Default.SignInRequest, HttpStatusCode.OK);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await answer.Content.ReadFromJsonAsync(ContractsJson.Default.SignInResponse))!.Token);
        return client;
    }

    private static async Task<T> GetAsync<T>(HttpClient client, string path, JsonTypeInfo<T> type)
    {
        var answer = await client.GetAsync(path);
        Assert.True(answer.IsSuccessStatusCode, $"GET {path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        return (await answer.Content.ReadFromJsonAsync(type))!;
    }

    private static async Task<HttpResponseMessage> SendAsync<T>(HttpClient client, HttpMethod method, string path, T body, JsonTypeInfo<T> type, HttpStatusCode? expected)
    {
        using var request = new HttpRequestMessage(method, path) { Content = JsonContent.Create(body, type) };
        var answer = await client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(expected is null ? answer.IsSuccessStatusCode : answer.StatusCode == expected, $"{method} {path}: {(int)answer.StatusCode} {text}");
        return answer;
    }
}
