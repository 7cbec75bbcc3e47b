using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Inventory;
using Suture.Platform;
using Suture.Platform.Identity;
using Suture.Platform.Storage;
using Suture.Tests;

namespace Suture.Server.Tests.Inventory;

/// <summary>A real server with this module only: Kestrel on loopback, one API port, one agents' port, real certificates, a clock of the test's own.</summary>
internal sealed class InventoryHost : IAsyncDisposable
{
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private const string Password = "correct horse battery staple";

    private readonly WebApplication _app;
    private readonly bool _ownsStore;
    private readonly List<HttpClient> _clients = [];

    private InventoryHost(WebApplication app, Store store, FakeTimeProvider clock, string secrets, bool ownsStore)
    {
        _app = app;
        Store = store;
        Clock = clock;
        Secrets = secrets;
        _ownsStore = ownsStore;
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(text => new Uri(text)).ToList();
        ApiUrl = addresses.Single(address => address.Scheme == "http");
        AgentUrl = new Uri($"https://localhost:{addresses.Single(address => address.Scheme == "https").Port}");
    }

    public Store Store { get; }
    public FakeTimeProvider Clock { get; }
    public string Secrets { get; }
    public Uri ApiUrl { get; }
    public Uri AgentUrl { get; }
    public IServiceProvider Services => _app.Services;
    public AgentAuthority Authority => Services.GetRequiredService<AgentAuthority>();
    public AssetDirectory Directory => Services.GetRequiredService<AssetDirectory>();

    public static async Task<InventoryHost> StartAsync(StoreFixture stores, string engine) =>
        await StartAsync(
            await stores.CreateAsync(engine, typeof(Store).Assembly, typeof(InventoryModule).Assembly),
            new FakeTimeProvider(Start),
            Path.Combine(Path.GetTempPath(), $"suture-secrets-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}"),
            ownsStore: true);

    /// <summary>Another node over the same store, with the same authority.</summary>
    public Task<InventoryHost> StartNodeAsync() => StartAsync(Store, Clock, Secrets, ownsStore: false);

    private static async Task<InventoryHost> StartAsync(Store store, FakeTimeProvider clock, string secrets, bool ownsStore)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.Services.AddPlatform(store, secrets, options => options.PasswordRounds = 10_000);
        builder.Services.AddInventory(new InventoryOptions { SecretsDirectory = secrets, AgentUrl = new Uri("https://suture.example:7781"), EnrollmentsPerMinute = 60 });
        builder.WebHost.ConfigureKestrel((_, kestrel) =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Listen(IPAddress.Loopback, 0, kestrel.ApplicationServices.GetRequiredService<AgentPort>().Configure);
        });
        var app = builder.Build();
        app.UseRouting();
        app.UseAgentPort();
        app.UsePlatform();
        var api = app.MapGroup("/api/v1");
        api.MapPlatformApi();
        api.MapInventoryApi();
        var agents = app.MapGroup("/agent/v1");
        agents.MapInventoryAgent();
        agents.MapPost("/poll", (Microsoft.AspNetCore.Http.HttpContext context) => context.GetAgent().AssetId.ToString("D")).RequireAgent();
        await app.StartAsync();
        return new InventoryHost(app, store, clock, secrets, ownsStore);
    }

    /// <summary>A client of the API with the rights of the first user: all roles, all groups.</summary>
    public async Task<HttpClient> SignInFirstAsync()
    {
        var code = await IdentitySetup.EnsureFirstUserAsync(Store, Clock, solo: true, CancellationToken.None);
        return await SignInAsync(IdentitySetup.FirstUserName, code?.Code);
    }

    /// <summary>A client of the API for a new user of some groups.</summary>
    public async Task<HttpClient> SignInNewAsync(HttpClient admin, string name, IReadOnlyList<string> groups, params Role[] roles)
    {
        using var response = await admin.PostAsJsonAsync(
            "users", new UserRequest { Name = name, Roles = roles, Groups = groups }, ContractsJson.Default.UserRequest);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        var code = await response.Content.ReadFromJsonAsync(ContractsJson.Default.SignInCodeResponse);
        return await SignInAsync(name, code!.Code);
    }

    public static async Task MakeGroupAsync(HttpClient admin, string name)
    {
        using var response = await admin.PostAsJsonAsync("groups", new GroupRequest { Name = name }, ContractsJson.Default.GroupRequest);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    public async Task<EnrollmentTokenResponse> InviteAsync(string group = "default", string environment = "staging", int minutes = 60)
    {
        var request = new EnrollmentTokenRequest { Group = group, Environment = environment, Minutes = minutes };
        var (outcome, token) = await Services.GetRequiredService<EnrollmentTokens>().CreateAsync(Scope.All, "user:anna", request, CancellationToken.None);
        Assert.Equal(TokenOutcome.Created, outcome);
        return token!;
    }

    /// <summary>An agent that has enrolled.</summary>
    public async Task<TestAgent> EnrollAsync(string group = "default", string environment = "staging", string hostName = "web-1")
    {
        await EnsureGroupAsync();
        var agent = new TestAgent(this, hostName);
        await agent.EnrollAsync((await InviteAsync(group, environment)).Token);
        return agent;
    }

    /// <summary>Makes the group <c>default</c> with the first user.</summary>
    public Task EnsureGroupAsync() => IdentitySetup.EnsureFirstUserAsync(Store, Clock, solo: true, CancellationToken.None);

    /// <summary>A client of the agents' port that trusts this server's authority only, with a certificate or without.</summary>
    public HttpClient AgentClient(X509Certificate2? certificate)
    {
        var handler = new SocketsHttpHandler();
        if (certificate is not null)
        {
            handler.SslOptions.ClientCertificates = [certificate];
            handler.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate;
        }
        handler.SslOptions.RemoteCertificateValidationCallback = (_, server, _, errors) =>
            server is X509Certificate2 leaf && (errors & System.Net.Security.SslPolicyErrors.RemoteCertificateNameMismatch) == 0 && IsOurs(leaf);
        var client = new HttpClient(handler)
        {
            BaseAddress = new Uri(AgentUrl, "/agent/v1/"),
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        _clients.Add(client);
        return client;
    }

    public Task<IReadOnlyList<T>> QueryAsync<T>(string sql, object? parameters = null) =>
        Store.ReadAsync(session => session.QueryAsync<T>(sql, parameters), CancellationToken.None);

    public async Task<int> CountAsync(string sql, object? parameters = null) => (await QueryAsync<int>(sql, parameters))[0];

    public async ValueTask DisposeAsync()
    {
        _clients.ForEach(client => client.Dispose());
        await _app.StopAsync();
        await _app.DisposeAsync();
        if (_ownsStore)
        {
            await Store.DisposeAsync();
            System.IO.Directory.Delete(Secrets, recursive: true);
        }
    }

    private bool IsOurs(X509Certificate2 leaf)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(Authority.PublicCertificate);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationTime = Clock.GetUtcNow().UtcDateTime;
        return chain.Build(leaf);
    }

    private async Task<HttpClient> SignInAsync(string name, string? code)
    {
        var client = new HttpClient { BaseAddress = new Uri(ApiUrl, "/api/v1/") };
        _clients.Add(client);
        using var response = await client.PostAsJsonAsync(
            "auth/sign-in",
            new SignInRequest { UserName = name, Secret = code ?? Password, NewPassword = code is null ? null : Password },
            ContractsJson.Default.SignInRequest);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        var session = await response.Content.ReadFromJsonAsync(ContractsJson.Default.SignInResponse);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", session!.Token);
        return client;
    }
}
