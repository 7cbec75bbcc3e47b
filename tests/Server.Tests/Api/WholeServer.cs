using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Suture.Advisories;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Contracts.Enrollment;
using Suture.Inventory;
using Suture.Platform.Identity;
using Suture.Platform.Storage;
using Suture.Server.Tests.Inventory;
using Suture.Tests;

namespace Suture.Server.Tests.Api;

/// <summary>The server as <c>up</c> composes it, on ports of its own, over an empty store.</summary>
internal sealed class WholeServer : IAsyncDisposable
{
    private const string Password = "correct horse battery staple";

    private readonly WebApplication _app;
    private readonly string _folder;
    private readonly List<HttpClient> _clients = [];

    private WholeServer(WebApplication app, Store store, string folder)
    {
        _app = app;
        Store = store;
        _folder = folder;
        Url = AddressOf("http:");
    }

    public Store Store { get; }

    /// <summary>Its data folder.</summary>
    public string Folder => _folder;

    public Uri Url { get; }

    /// <summary>Every route of both ports.</summary>
    public IReadOnlyList<RouteEndpoint> Routes => [.. Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()];

    public IServiceProvider Services => _app.Services;

    /// <summary>Every route of the API, the description itself left out.</summary>
    public IReadOnlyList<RouteEndpoint> ApiRoutes =>
        [.. Routes.Where(route => route.RoutePattern.RawText!.StartsWith("/api/v1/", StringComparison.Ordinal))];

    public static async Task<WholeServer> StartAsync(StoreFixture stores, string engine = "sqlite")
    {
        var folder = Directory.CreateTempSubdirectory("suture-whole-").FullName;
        var options = new ServerOptions
        {
            DataDirectory = folder,
            Store = await stores.MigratedLocationAsync(engine, Loop.Modules),
            Listen = new Uri("http://127.0.0.1:0"),
            Agents = new Uri("https://127.0.0.1:0"),
            FetchesFeeds = false,
            ObservesThisMachine = false,
        };
        var store = Store.Open(options.StoreLocation);
        var app = ServerHost.Build(options, store);
        await app.Services.GetRequiredService<FeedLibrary>().LoadAsync(CancellationToken.None);
        await app.StartAsync();
        return new WholeServer(app, store, folder);
    }

    public async Task<HttpClient> SignInFirstAsync() =>
        await SignInAsync(IdentitySetup.FirstUserName, (await IdentitySetup.EnsureFirstUserAsync(Store, TimeProvider.System, true, CancellationToken.None))!.Code);

    public async Task<HttpClient> SignInNewAsync(HttpClient admin, string name, IReadOnlyList<string>? groups, params Role[] roles)
    {
        using var made = await admin.PostAsJsonAsync("users", new UserRequest { Name = name, Roles = roles, Groups = groups }, ContractsJson.Default.UserRequest);
        return await SignInAsync(name, (await made.Content.ReadFromJsonAsync(ContractsJson.Default.SignInCodeResponse))!.Code);
    }

    /// <summary>A client of the agents' port that trusts this server's authority only, with a certificate or without.</summary>
    public HttpClient AgentClient(X509Certificate2? certificate)
    {
        var handler = new SocketsHttpHandler();
        if (certificate is not null)
        {
            handler.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate;
        }
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.Add(Services.GetRequiredService<AgentAuthority>().PublicCertificate);
        var client = new HttpClient(handler)
        {
            BaseAddress = new Uri(AddressOf("https:"), "/agent/v1/"), DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        _clients.Add(client);
        return client;
    }

    /// <summary>Enrols an endpoint as an agent does.</summary>
    /// <param name="operators">A client that may invite.</param>
    /// <param name="group">Group.</param>
    public async Task<(Guid Asset, X509Certificate2 Certificate)> EnrolAsync(HttpClient operators, string group)
    {
        using var invited = await operators.PostAsJsonAsync(
            "enrollment-tokens", new EnrollmentTokenRequest { Group = group, Environment = "staging" }, ContractsJson.Default.EnrollmentTokenRequest);
        var token = (await invited.Content.ReadFromJsonAsync(ContractsJson.Default.EnrollmentTokenResponse))!.Token;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new EnrollRequest
        {
            Token = token, CertificateRequest = TestAgent.CsrOf(key), HostName = "of-" + group, AgentVersion = "0.1.0", ObservedOnly = false,
        };
        using var answer = await AgentClient(null).PostAsJsonAsync("enroll", request, ContractsJson.Default.EnrollRequest);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        var enrolled = (await answer.Content.ReadFromJsonAsync(ContractsJson.Default.EnrollResponse))!;
        using var bare = X509Certificate2.CreateFromPem(enrolled.Certificate);
        return (enrolled.AssetId, bare.CopyWithPrivateKey(key));
    }

    public async ValueTask DisposeAsync()
    {
        _clients.ForEach(client => client.Dispose());
        await _app.StopAsync();
        await _app.DisposeAsync();
        await Store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private Uri AddressOf(string scheme) =>
        new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single(address => address.StartsWith(scheme, StringComparison.Ordinal)));

    private async Task<HttpClient> SignInAsync(string name, string code)
    {
        var client = new HttpClient { BaseAddress = new Uri(Url, "/api/v1/") };
        _clients.Add(client);
        using var answer = await client.PostAsJsonAsync(
            "auth/sign-in", new SignInRequest { UserName = name, Secret = code, NewPassword = Password }, ContractsJson.Default.SignInRequest);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await answer.Content.ReadFromJsonAsync(ContractsJson.Default.SignInResponse))!.Token);
        return client;
    }
}
