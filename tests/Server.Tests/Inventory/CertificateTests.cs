using System.Net;
using System.Net.Http.Json;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Suture.Contracts;
using Suture.Inventory;
using Suture.Inventory.Certificates;
using Suture.Tests;

namespace Suture.Server.Tests.Inventory;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class CertificateTests(StoreFixture stores)
{
    private static readonly DateTimeOffset Now = InventoryHost.Start;

    [Fact]
    public async Task Poll_WithoutCertificate_IsRefused()
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");
        var client = host.AgentClient(null);

        foreach (var path in (string[])["poll", "report", "renew", "//poll"])
        {
            using var response = await client.PostAsync(path.TrimStart('/'), null);
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        }
    }

    [Fact]
    public async Task Connect_WithCertificateOfAnotherAuthorityOrUse_EndsTheHandshake()
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");
        await using var other = await InventoryHost.StartAsync(stores, "sqlite");
        var foreign = await other.EnrollAsync();
        using var selfSigned = SelfSigned(Guid.CreateVersion7(Now));
        using var serverUse = host.Authority.IssueServer(Now);

        foreach (var certificate in (X509Certificate2[])[foreign.Certificate!, selfSigned, serverUse])
        {
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => host.AgentClient(certificate).PostAsync("poll", null));
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => host.AgentClient(certificate).GetAsync("certificate-authority"));
        }
    }

    [Fact]
    public async Task Poll_CertificateOfOursThatTheStoreDoesNotKnow_IsRefused()
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");
        var agent = await host.EnrollAsync();
        var issued = host.Authority.IssueAgent(agent.AssetId, new PublicKey(agent.Key), Now);
        agent.Use(issued.Pem, agent.Key);

        using var response = await agent.PollAsync();

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Theory]
    [MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Renew_BeforeTheEnd_GivesAnotherCertificateAndBothCount(string engine)
    {
        await using var host = await InventoryHost.StartAsync(stores, engine);
        var agent = await host.EnrollAsync();
        using var newKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        host.Clock.Advance(TimeSpan.FromDays(10));
        using var response = await agent.RenewAsync(newKey);
        var before = agent.Client;
        var renewed = (await response.Content.ReadFromJsonAsync(ContractsJson.Default.RenewResponse))!;
        agent.Use(renewed.Certificate, newKey);

        Assert.Equal(HttpStatusCode.OK, (await agent.PollAsync()).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await before.PostAsync("poll", null)).StatusCode);
        Assert.Equal(host.Authority.CertificatePem, renewed.CertificateAuthority);
        Assert.Equal(1, await host.CountAsync("select count(*) from platform_ledger where action = 'certificate.renewed'"));
    }

    [Theory]
    [InlineData(29, HttpStatusCode.OK, HttpStatusCode.OK)]
    [InlineData(30, HttpStatusCode.Forbidden, HttpStatusCode.OK)] // the end does not belong to it
    [InlineData(209, HttpStatusCode.Forbidden, HttpStatusCode.OK)]
    public async Task Expired_WithinGrace_MayRenewAndNothingElse(int days, HttpStatusCode poll, HttpStatusCode renew)
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");
        var agent = await host.EnrollAsync();

        host.Clock.Advance(TimeSpan.FromDays(days));
        using var polled = await agent.PollAsync();
        using var reported = await agent.SendAsync([]);
        using var renewed = await agent.RenewAsync(agent.Key);

        Assert.Equal((poll, renew), (polled.StatusCode, renewed.StatusCode));
        Assert.Equal(poll == HttpStatusCode.OK ? HttpStatusCode.BadRequest : HttpStatusCode.Forbidden, reported.StatusCode);
    }

    [Fact]
    public async Task Expired_LongerThanGrace_IsRefusedAlsoOnAnOpenConnection()
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");
        var agent = await host.EnrollAsync();
        using var early = await agent.PollAsync();

        host.Clock.Advance(TimeSpan.FromDays(210));
        using var open = await agent.RenewAsync(agent.Key);

        Assert.Equal(HttpStatusCode.Forbidden, open.StatusCode);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => host.AgentClient(agent.Certificate).PostAsync("renew", null));
    }

    [Fact]
    public async Task Renew_TooOftenInADay_IsAskedToWait()
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");
        var agent = await host.EnrollAsync();

        var statuses = new List<HttpStatusCode>();
        for (var time = 0; time < InventoryLimits.CertificatesADayMax; time++)
        {
            using var response = await agent.RenewAsync(agent.Key);
            statuses.Add(response.StatusCode);
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, statuses[^1]);
        Assert.All(statuses.SkipLast(1), status => Assert.Equal(HttpStatusCode.OK, status));
    }

    [Theory]
    [InlineData("DELETE", "certificate")]
    [InlineData("POST", "retire")]
    public async Task Revoke_OnOneNode_HoldsThereAtOnceAndEverywhereWithinTheLimitOnOpenConnections(string method, string path)
    {
        await using var host = await InventoryHost.StartAsync(stores, "postgresql");
        var admin = await host.SignInFirstAsync();
        await using var node = await host.StartNodeAsync();
        var agent = await host.EnrollAsync();
        var elsewhere = node.AgentClient(agent.Certificate);
        Assert.Equal(HttpStatusCode.OK, (await agent.PollAsync()).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await elsewhere.PostAsync("poll", null)).StatusCode);

        using var request = new HttpRequestMessage(new HttpMethod(method), $"assets/{agent.AssetId}/{path}");
        using var revoked = await admin.SendAsync(request);
        var here = (await agent.PollAsync()).StatusCode;
        host.Clock.Advance(TimeSpan.FromSeconds(30));
        var there = (await elsewhere.PostAsync("poll", null)).StatusCode;
        using var renewed = await agent.RenewAsync(agent.Key);

        Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden), (here, there, renewed.StatusCode));
        Assert.True(AgentAdmission.FreshFor < TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task Authority_MadeAtFirstStart_IsKeptForItsOwnerAndFoundAgain()
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");
        var path = Path.Combine(host.Secrets, "agent-authority.pem");
        await using var node = await host.StartNodeAsync();

        Assert.Equal(host.Authority.Fingerprint, node.Authority.Fingerprint);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Equal([path], Directory.GetFiles(host.Secrets));
    }

    [Fact]
    public async Task Authority_FileOthersMayRead_IsRefusedWithTheRemedy()
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");
        var path = Path.Combine(host.Secrets, "agent-authority.pem");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);

        var fault = Assert.Throws<InvalidOperationException>(() => AuthorityFile.Open(host.Secrets, Now));

        Assert.Contains("chmod 600", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ServerCertificate_PastAThird_IsMadeAnewForNewConnections()
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");
        var first = await ServerSerialAsync(host);

        host.Clock.Advance(TimeSpan.FromDays(29));
        var same = await ServerSerialAsync(host);
        host.Clock.Advance(TimeSpan.FromDays(1));
        var next = await ServerSerialAsync(host);

        Assert.Equal(first, same);
        Assert.NotEqual(first, next);
    }

    [Fact]
    public async Task Admission_StoreNotReadable_RefusesAndRecovers()
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");
        var agent = await host.EnrollAsync();
        Assert.Equal(HttpStatusCode.OK, (await agent.PollAsync()).StatusCode);

        await host.Store.WriteAsync(session => session.ExecuteAsync("alter table inventory_certificate rename to gone"), CancellationToken.None);
        host.Clock.Advance(AgentAdmission.FreshFor);
        using var refused = await agent.PollAsync();
        await host.Store.WriteAsync(session => session.ExecuteAsync("alter table gone rename to inventory_certificate"), CancellationToken.None);
        using var again = await agent.PollAsync();

        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK), (refused.StatusCode, again.StatusCode));
    }

    private static async Task<string> ServerSerialAsync(InventoryHost host)
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync("127.0.0.1", host.AgentUrl.Port);
        await using var tls = new SslStream(tcp.GetStream(), false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync("localhost");
        return tls.RemoteCertificate!.GetSerialNumberString();
    }

    private static X509Certificate2 SelfSigned(Guid asset)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={asset:D}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(Certificate.ClientAuthentication)], true));
        return request.CreateSelfSigned(Now.AddDays(-1), Now.AddDays(30));
    }
}
