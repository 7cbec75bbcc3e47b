using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Suture.Advisories;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Platform.Identity;
using Suture.Platform.Storage;
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
        Url = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single(address => address.StartsWith("http:", StringComparison.Ordinal)));
    }

    public Store Store { get; }

    public Uri Url { get; }

    public IServiceProvider Services => _app.Services;

    /// <summary>Every route of the API, the description itself left out.</summary>
    public IReadOnlyList<RouteEndpoint> ApiRoutes =>
        [.. Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Where(route => route.RoutePattern.RawText!.StartsWith("/api/v1/", StringComparison.Ordinal))];

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

    public async ValueTask DisposeAsync()
    {
        _clients.ForEach(client => client.Dispose());
        await _app.StopAsync();
        await _app.DisposeAsync();
        await Store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

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
