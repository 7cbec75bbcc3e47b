using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CsCheck;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Platform.Identity;
using Suture.Tests;

namespace Suture.Server.Tests.Api;

/// <summary>Route x principal, on the whole server, against <see cref="RouteTable"/>.</summary>
public sealed class RouteTableTests(StoreFixture stores)
{
    /// <summary>Ways to write a path otherwise.</summary>
    private static readonly Func<string, string>[] Spellings =
    [
        path => "/" + path,
        path => path + "/",
        path => path + "//",
        path => path + "%20",
        path => path + "%00",
        path => path + ";x=1",
        path => path + ".json",
        path => path + "?x",
        path => path + "%2f",
        path => path + "/..",
        path => path + "%2f..",
        path => path + "/%2e",
        path => path.ToUpperInvariant(),
        path => path.Replace("/v1/", "//v1/", StringComparison.Ordinal),
        path => path.Replace("/v1/", "/v1/%2e/", StringComparison.Ordinal),
        path => path.Replace("/v1/", "/v1/x/../", StringComparison.Ordinal),
        path => path.Replace("/v1/", "/v1/x/%2e%2e/", StringComparison.Ordinal),
        path => path.Replace("/v1/", "/v1%2f", StringComparison.Ordinal),
        path => path.Replace("/v1/", "/v1\\", StringComparison.Ordinal),
        path => path.Replace("a", "%61", StringComparison.Ordinal),
        path => path.Replace("a", "%2561", StringComparison.Ordinal),
        path => "/api/v1/auth/sign-in/.." + path,
        path => "/api/v1/openapi.json/../../.." + path,
        path => "/agent/v1/enroll/%2e%2e/%2e%2e/%2e%2e" + path,
    ];

    private static readonly Guid Nothing = new(9, 9, 9, new byte[8]);

    [Fact]
    public async Task EveryRouteIsInTheTable()
    {
        await using var server = await WholeServer.StartAsync(stores);

        Assert.Equal(
            RouteTable.Rows.Select(row => row.ToString()).Order(StringComparer.Ordinal), server.Routes.SelectMany(RouteTable.NamesOf).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(server.Routes, route => RouteRights.AccessOf(route) == RouteAccess.Nobody);
        Assert.True(RouteTable.Rows.Count(row => row.IsAnybodys) <= 5);
        Assert.Equal(
            RouteTable.Rows.Where(row => row.Who == "anybody").Select(row => row.ToString()).Order(StringComparer.Ordinal),
            server.Routes.Where(route => RouteRights.AccessOf(route) == RouteAccess.Anonymous).SelectMany(RouteTable.NamesOf).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task EveryPrincipalMeetsWhatTheTableSays()
    {
        await using var server = await WholeServer.StartAsync(stores);
        using var admin = await server.SignInFirstAsync();
        await MakeGroupsAsync(admin);
        List<(string Name, Role? Role, bool IsWhole, HttpClient Client)> principals = [("nobody", null, false, new HttpClient { BaseAddress = new Uri(server.Url, "/api/v1/") })];
        foreach (var role in Enum.GetValues<Role>())
        {
            principals.Add(($"{role} of all", role, true, await server.SignInNewAsync(admin, $"{role}-all", null, role)));
            principals.Add(($"{role} of ours", role, false, await server.SignInNewAsync(admin, $"{role}-ours", ["ours"], role)));
        }
        var faults = new List<string>();

        // Signing out ends the session, so it comes last.
        foreach (var row in RouteTable.Rows.Where(row => !row.IsAgents).OrderBy(row => row.Pattern.EndsWith("sign-out", StringComparison.Ordinal)))
        {
            foreach (var (name, role, isWhole, client) in principals)
            {
                var status = await SendAsync(client, row, row.Path(Nothing));
                var isAllowed = row.Who == "anybody" || (role is { } held && row.Allows(held) && (isWhole || !row.IsWhole));
                var wanted = role is null ? HttpStatusCode.Unauthorized : HttpStatusCode.Forbidden;
                // Let in, it is told what is wrong with the request: there is no such thing, and the body is empty.
                var isRight = isAllowed ? Refused(status) is false || row.Pattern.EndsWith("sign-in", StringComparison.Ordinal) : status == wanted;
                if (!isRight)
                {
                    faults.Add($"{row} as {name}: {(int)status}");
                }
            }
        }

        Assert.Empty(faults);
        principals[0].Client.Dispose();
    }

    [Fact]
    public async Task OutsideOfTheScopeAThingIsNotThere()
    {
        await using var server = await WholeServer.StartAsync(stores);
        using var admin = await server.SignInFirstAsync();
        await MakeGroupsAsync(admin);
        var (asset, _) = await server.EnrolAsync(admin, "ours");
        Role[] all = [.. Enum.GetValues<Role>()];
        using var theirs = await server.SignInNewAsync(admin, "theirs", ["theirs"], all);
        using var ours = await server.SignInNewAsync(admin, "ours", ["ours"], all);
        var faults = new List<string>();

        foreach (var row in RouteTable.Rows.Where(row => row.Scope == "asset"))
        {
            var path = row.Path(asset);
            var outside = await SendAsync(theirs, row, path, Body(row));
            var missing = await SendAsync(theirs, row, row.Path(Nothing), Body(row));
            if (outside != HttpStatusCode.NotFound || missing != outside)
            {
                faults.Add($"{row}: {(int)outside} outside, {(int)missing} where there is none");
            }
        }
        foreach (var row in RouteTable.Rows.Where(row => row.Method == "GET" && !row.IsAgents && !row.IsWhole && !row.Pattern.Contains('{', StringComparison.Ordinal)))
        {
            var text = await theirs.GetStringAsync(new Uri(row.Pattern, UriKind.Relative));
            if (text.Contains(asset.ToString(), StringComparison.OrdinalIgnoreCase) || text.Contains("of-ours", StringComparison.Ordinal))
            {
                faults.Add($"{row} shows what is outside of the scope: {text}");
            }
        }

        Assert.Empty(faults);
        var detail = (await ours.GetFromJsonAsync($"assets/{asset}", ContractsJson.Default.AssetDetail))!;
        Assert.Equal("staging", detail.Asset.Environment); // nothing was changed from outside
        // The control: from inside the same requests do something.
        foreach (var row in RouteTable.Rows.Where(row => row.Scope == "asset" && row.Method == "GET"))
        {
            Assert.Equal(HttpStatusCode.OK, await SendAsync(ours, row, row.Path(asset)));
        }
    }

    [Fact]
    public async Task AgentsPort_AsksForTheAgentsOwnCertificate()
    {
        await using var server = await WholeServer.StartAsync(stores);
        using var admin = await server.SignInFirstAsync();
        await MakeGroupsAsync(admin);
        var (_, certificate) = await server.EnrolAsync(admin, "ours");
        var (revoked, revokedCertificate) = await server.EnrolAsync(admin, "ours");
        Assert.True((await admin.DeleteAsync(new Uri($"assets/{revoked}/certificate", UriKind.Relative))).IsSuccessStatusCode);
        using var foreign = Foreign();
        var faults = new List<string>();

        foreach (var row in RouteTable.Rows.Where(row => row.IsAgents))
        {
            foreach (var (name, client, isAgent) in new[]
            {
                ("the agent", server.AgentClient(certificate), true), ("no certificate", server.AgentClient(null), false), ("a revoked certificate", server.AgentClient(revokedCertificate), false),
                ("a certificate of another authority", server.AgentClient(foreign), false), ("a user", WithToken(server.AgentClient(null), admin), false),
            })
            {
                var status = await TrySendAsync(client, row, row.Pattern);
                // Not even the connection of another authority's certificate is taken.
                var isRight = isAgent || (row.Who == "unenrolled" && !name.Contains("another", StringComparison.Ordinal))
                    ? status is { } answered && (!Refused(answered) || row.Pattern.EndsWith("enroll", StringComparison.Ordinal))
                    : status is null || Refused(status.Value);
                if (!isRight)
                {
                    faults.Add($"{row} as {name}: {status}");
                }
            }
            // Nor are they on the other port, whoever asks.
            var elsewhere = await SendAsync(admin, row, row.Pattern);
            if (elsewhere != HttpStatusCode.NotFound)
            {
                faults.Add($"{row} on the API's port: {elsewhere}");
            }
        }
        // One connection for all: an agent has only so many.
        var agentAsUser = WithToken(server.AgentClient(certificate), admin);
        foreach (var row in RouteTable.Rows.Where(row => !row.IsAgents))
        {
            var status = await SendAsync(agentAsUser, row, row.Path(Nothing));
            if (status != HttpStatusCode.NotFound)
            {
                faults.Add($"{row} on the agents' port: {status}");
            }
        }

        Assert.Empty(faults);
    }

    /// <summary>However a path is written, it leads nowhere that it does not lead to when written plainly.</summary>
    [Fact]
    public async Task APathWrittenOtherwiseIsDecidedTheSame()
    {
        await using var server = await WholeServer.StartAsync(stores);
        using var admin = await server.SignInFirstAsync();
        using var viewer = await server.SignInNewAsync(admin, "viewer", null, Role.Viewer);
        using var nobody = new HttpClient { BaseAddress = server.Url };
        var closed = RouteTable.Rows.Where(row => !row.IsAgents && row.Who != "anybody").ToArray();
        Gen.Select(Gen.Int[0, closed.Length - 1], Gen.Int[0, Spellings.Length - 1].Array[1, 3]).Sample(
            (route, spellings) =>
            {
                var row = closed[route];
                var path = spellings.Aggregate(row.Path(Nothing), (at, spelling) => Spellings[spelling](at));
                var asNobody = Raw(nobody, server.Url, row, path);
                var asViewer = Raw(viewer, server.Url, row, path);
                // Another spelling may lead to the same route, or nowhere; in neither case is somebody let in who was not.
                return (int)asNobody >= 400 && (row.Allows(Role.Viewer) || (int)asViewer >= 400);
            },
            iter: 3_000, threads: 1);
    }

    private static bool Refused(HttpStatusCode status) => status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden;

    private static async Task MakeGroupsAsync(HttpClient admin)
    {
        foreach (var group in new[] { "ours", "theirs" })
        {
            using var made = await admin.PostAsJsonAsync("groups", new GroupRequest { Name = group }, ContractsJson.Default.GroupRequest);
            Assert.True(made.IsSuccessStatusCode);
        }
    }

    // Where a body that can be read is needed to come as far as the thing itself.
    private static string Body(RouteTable.Row row) => row.Pattern.EndsWith("/context", StringComparison.Ordinal) ? """{"key":"environment","value":"production"}""" : "{}";

    private static async Task<HttpStatusCode> SendAsync(HttpClient client, RouteTable.Row row, string path, string body = "{}")
    {
        using var request = new HttpRequestMessage(new HttpMethod(row.Method), new Uri(client.BaseAddress!, path));
        request.Version = client.DefaultRequestVersion;
        request.VersionPolicy = client.DefaultVersionPolicy;
        request.Content = row.Method is "POST" or "PUT" ? new StringContent(body, Encoding.UTF8, row.Pattern.EndsWith("upload", StringComparison.Ordinal) ? "application/zip" : "application/json") : null;
        using var response = await client.SendAsync(request);
        return response.StatusCode;
    }

    /// <summary>Null when not even the connection was let in.</summary>
    private static async Task<HttpStatusCode?> TrySendAsync(HttpClient client, RouteTable.Row row, string path)
    {
        try
        {
            return await SendAsync(client, row, path);
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static HttpStatusCode Raw(HttpClient client, Uri server, RouteTable.Row row, string path)
    {
        var uri = new Uri(server.GetLeftPart(UriPartial.Authority) + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(new HttpMethod(row.Method), uri);
        request.Content = row.Method is "POST" or "PUT" ? new StringContent("{}", Encoding.UTF8, "application/json") : null;
        using var response = client.Send(request);
        return response.StatusCode;
    }

    private static HttpClient WithToken(HttpClient client, HttpClient user)
    {
        client.DefaultRequestHeaders.Authorization = user.DefaultRequestHeaders.Authorization;
        return client;
    }

    private static X509Certificate2 Foreign()
    {
        var now = TimeProvider.System.GetUtcNow();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=suture", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}
