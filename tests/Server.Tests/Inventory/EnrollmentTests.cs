using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Tests;

namespace Suture.Server.Tests.Inventory;

public sealed class EnrollmentTests(StoreFixture stores)
{
    [Theory]
    [MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Enroll_WithGoodToken_GivesAssetOfTokensGroupAndEnvironment(string engine)
    {
        await using var host = await InventoryHost.StartAsync(stores, engine);
        var admin = await host.SignInFirstAsync();

        var agent = await host.EnrollAsync(environment: "production", hostName: "db-1");

        var page = (await admin.GetFromJsonAsync("assets", ContractsJson.Default.PageAssetRow))!;
        var row = Assert.Single(page.Items);
        Assert.Equal((agent.AssetId, "db-1", "default", "production", 1), (row.Id, row.Name, row.Group, row.Environment, page.Total));
        Assert.Equal($"CN={agent.AssetId:D}", agent.Certificate!.Subject);
        Assert.Equal(TimeSpan.FromDays(30), agent.Certificate.NotAfter.ToUniversalTime() - host.Clock.GetUtcNow().UtcDateTime);
        Assert.Equal(1, await host.CountAsync("select count(*) from platform_ledger where action = 'asset.enrolled'"));
        Assert.Equal(HttpStatusCode.OK, (await agent.PollAsync()).StatusCode);
    }

    [Theory]
    [MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Enroll_TwentyAtOnceWithOneToken_OneWins(string engine)
    {
        await using var host = await InventoryHost.StartAsync(stores, engine);
        await host.EnsureGroupAsync();
        var token = (await host.InviteAsync()).Token;
        var agents = Enumerable.Range(0, 20).Select(number => new TestAgent(host, $"host-{number}")).ToList();

        var responses = await Task.WhenAll(agents.Select(agent =>
            agent.Client.PostAsJsonAsync("enroll", agent.EnrollRequest(token), ContractsJson.Default.EnrollRequest)));

        Assert.Equal(1, responses.Count(response => response.StatusCode == HttpStatusCode.OK));
        Assert.Equal(19, responses.Count(response => response.StatusCode == HttpStatusCode.Forbidden));
        Assert.Equal(1, await host.CountAsync("select count(*) from inventory_asset"));
        Assert.Equal(1, await host.CountAsync("select count(*) from inventory_certificate"));
    }

    [Fact]
    public async Task Enroll_ManyAtOnce_GivesDenseOrdinals()
    {
        await using var host = await InventoryHost.StartAsync(stores, "postgresql");
        await host.EnsureGroupAsync();

        await Task.WhenAll(Enumerable.Range(0, 20).Select(number => host.EnrollAsync(hostName: $"host-{number}")));

        var ordinals = await host.QueryAsync<int>("select ordinal from inventory_asset order by ordinal");
        Assert.Equal(Enumerable.Range(1, 20), ordinals);
    }

    [Fact]
    public async Task Enroll_TokenTooOld_IsRefused()
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");
        await host.EnsureGroupAsync();
        var token = (await host.InviteAsync(minutes: 1)).Token;
        var agent = new TestAgent(host, "late");

        host.Clock.Advance(TimeSpan.FromMinutes(1));
        using var response = await agent.Client.PostAsJsonAsync("enroll", agent.EnrollRequest(token), ContractsJson.Default.EnrollRequest);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Equal(0, await host.CountAsync("select count(*) from inventory_asset"));
    }

    [Fact]
    public async Task Enroll_WrongKeysAndBrokenRequests_AreRefusedAndKeepTheToken()
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");
        await host.EnsureGroupAsync();
        var token = (await host.InviteAsync()).Token;
        var agent = new TestAgent(host, "web-1");
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var rsa = RSA.Create(2048);
        var forged = Convert.FromBase64String(TestAgent.CsrOf(agent.Key));
        forged[^1] ^= 1;
        string[] wrong = [TestAgent.CsrOf(p384), TestAgent.CsrOf(rsa), Convert.ToBase64String(forged), "no base64!", "", Convert.ToBase64String([1, 2, 3]), new string('A', 8000)];

        foreach (var csr in wrong)
        {
            using var response = await agent.Client.PostAsJsonAsync("enroll", agent.EnrollRequest(token, csr), ContractsJson.Default.EnrollRequest);
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
            Assert.Contains("certificateRequest", (await response.Content.ReadFromJsonAsync(ContractsJson.Default.Problem))!.Errors!.Keys);
        }

        await agent.EnrollAsync(token);
    }

    [Fact]
    public async Task Enroll_BodyTooLargeOrBroken_IsRefused()
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");
        var client = host.AgentClient(null);

        using var large = await client.PostAsync("enroll", new StringContent("{\"token\":\"" + new string('x', 17 * 1024) + "\"}"));
        using var broken = await client.PostAsync("enroll", new StringContent("{\"token\":"));
        using var empty = await client.PostAsync("enroll", new StringContent("null"));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, broken.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, empty.StatusCode);
    }

    [Fact]
    public async Task Enroll_TooOftenFromOneAddress_IsAskedToWait()
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");
        var client = host.AgentClient(null);

        var statuses = new List<HttpStatusCode>();
        for (var attempt = 0; attempt < 61; attempt++)
        {
            using var response = await client.PostAsync("enroll", new StringContent("{}"));
            statuses.Add(response.StatusCode);
        }
        host.Clock.Advance(TimeSpan.FromMinutes(1));
        using var later = await client.PostAsync("enroll", new StringContent("{}"));

        Assert.Equal(60, statuses.Count(status => status == HttpStatusCode.BadRequest));
        Assert.Equal(HttpStatusCode.TooManyRequests, statuses[^1]);
        Assert.Equal(HttpStatusCode.BadRequest, later.StatusCode);
    }

    [Fact]
    public async Task CreateToken_OutOfScopeOrBounds_IsRefused()
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");
        var admin = await host.SignInFirstAsync();
        await InventoryHost.MakeGroupAsync(admin, "site-a");
        await InventoryHost.MakeGroupAsync(admin, "site-b");
        var operatorA = await host.SignInNewAsync(admin, "olga", ["site-a"], Role.Operator);
        var viewerA = await host.SignInNewAsync(admin, "vera", ["site-a"], Role.Viewer);

        async Task<HttpStatusCode> Ask(HttpClient client, string group, string environment, int minutes)
        {
            using var response = await client.PostAsJsonAsync(
                "enrollment-tokens", new EnrollmentTokenRequest { Group = group, Environment = environment, Minutes = minutes }, ContractsJson.Default.EnrollmentTokenRequest);
            return response.StatusCode;
        }

        Assert.Equal(HttpStatusCode.OK, await Ask(operatorA, "site-a", "staging", 60));
        Assert.Equal(HttpStatusCode.BadRequest, await Ask(operatorA, "site-b", "staging", 60));
        Assert.Equal(HttpStatusCode.BadRequest, await Ask(operatorA, "nowhere", "staging", 60));
        Assert.Equal(HttpStatusCode.BadRequest, await Ask(operatorA, "site-a", "moon", 60));
        Assert.Equal(HttpStatusCode.BadRequest, await Ask(operatorA, "site-a", "staging", 0));
        Assert.Equal(HttpStatusCode.BadRequest, await Ask(operatorA, "site-a", "staging", 61));
        Assert.Equal(HttpStatusCode.Forbidden, await Ask(viewerA, "site-a", "staging", 60));
    }

    [Fact]
    public async Task CreateToken_Good_GivesJoinCommandAndKeepsHashOnly()
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");
        var admin = await host.SignInFirstAsync();

        using var response = await admin.PostAsJsonAsync(
            "enrollment-tokens", new EnrollmentTokenRequest { Group = "default", Environment = "staging" }, ContractsJson.Default.EnrollmentTokenRequest);
        var token = (await response.Content.ReadFromJsonAsync(ContractsJson.Default.EnrollmentTokenResponse))!;

        Assert.Equal($"suture-agent join --server https://suture.example:7781 --ca-fingerprint {host.Authority.Fingerprint} --token {token.Token}", token.Command);
        Assert.Equal(InventoryHost.Start.AddMinutes(60), token.ExpiresUtc);
        var hashes = await host.QueryAsync<byte[]>("select hash from inventory_enrollment_token");
        Assert.Equal(SHA256.HashData(Encoding.UTF8.GetBytes(token.Token)), Assert.Single(hashes));
        Assert.Equal(0, await host.CountAsync("select count(*) from platform_ledger where detail like '%sut_e_%'"));
    }

    [Fact]
    public async Task CertificateAuthority_AskedFor_IsTheOneOfTheFingerprint()
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");

        var pem = await host.AgentClient(null).GetStringAsync("certificate-authority");

        using var certificate = X509Certificate2.CreateFromPem(pem);
        Assert.Equal(host.Authority.Fingerprint, Convert.ToHexStringLower(SHA256.HashData(certificate.RawData)));
    }

    [Fact]
    public async Task Ports_RoutesOfTheOther_AreNotThere()
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");
        var admin = await host.SignInFirstAsync();
        var agent = await host.EnrollAsync();
        var bearer = admin.DefaultRequestHeaders.Authorization;
        string[] apiPaths = ["/api/v1/assets", "//api/v1/assets", "/api/v1/%61ssets", "/agent/v1/../../api/v1/assets", "/agent/v1/%2e%2e/%2e%2e/api/v1/assets", "/", "/index.html"];
        string[] agentPaths = ["/agent/v1/poll", "//agent/v1/poll", "/agent/v1/%70oll", "/api/v1/../../agent/v1/poll", "/agent/v1/enroll", "/agent/v1/certificate-authority", "/agent/v1/report"];

        foreach (var path in apiPaths)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, Raw(host.AgentUrl, path)) { Version = HttpVersion.Version20, Headers = { Authorization = bearer } };
            using var response = await agent.Client.SendAsync(request);
            Assert.True(response.StatusCode == HttpStatusCode.NotFound, $"{path} on the agents' port: {response.StatusCode}");
        }
        foreach (var path in agentPaths)
        {
            var method = path.EndsWith("authority", StringComparison.Ordinal) ? HttpMethod.Get : HttpMethod.Post;
            using var request = new HttpRequestMessage(method, Raw(host.ApiUrl, path));
            using var response = await admin.SendAsync(request);
            Assert.True(response.StatusCode == HttpStatusCode.NotFound, $"{path} on the API port: {response.StatusCode}");
        }
    }

    // As written: not made canonical by the client.
    private static Uri Raw(Uri server, string path) =>
        new($"{server.GetLeftPart(UriPartial.Authority)}{path}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
}
