using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
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
using Suture.Platform;
using Suture.Platform.Identity;
using Suture.Platform.Storage;

namespace Suture.Tests.Api;

/// <summary>The platform in a real Kestrel on loopback, over a real store, with a clock that the test moves.</summary>
internal sealed class ApiHost : IAsyncDisposable
{
    public const string Password = "correct horse battery";

    private readonly WebApplication _app;

    private ApiHost(WebApplication app, Store store, FakeTimeProvider time, string adminCode, DirectoryInfo folder)
    {
        _app = app;
        Folder = folder;
        Store = store;
        Time = time;
        AdminCode = adminCode;
        Client = new HttpClient { BaseAddress = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()) };
    }

    public HttpClient Client { get; }

    /// <summary>The server's data folder; gone with the host.</summary>
    public DirectoryInfo Folder { get; }

    public Store Store { get; }

    public FakeTimeProvider Time { get; }

    /// <summary>The one-time code of the first user.</summary>
    public string AdminCode { get; }

    public IServiceProvider Services => _app.Services;

    public IEnumerable<RouteEndpoint> Routes => _app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>();

    public static async Task<ApiHost> StartAsync(StoreFixture stores, string engine, Action<IEndpointRouteBuilder>? map = null)
    {
        var store = await stores.CreateAsync(engine);
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var first = await IdentitySetup.EnsureFirstUserAsync(store, time, solo: false, CancellationToken.None);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<TimeProvider>(time);
        var folder = Directory.CreateTempSubdirectory("suture-api-");
        builder.Services.AddPlatform(store, folder.FullName, options => options.PasswordRounds = 10_000);
        var app = builder.Build();
        app.UsePlatform();
        app.MapGroup("/api/v1").MapPlatformApi();
        map?.Invoke(app);
        await app.StartAsync();
        return new ApiHost(app, store, time, first!.Code, folder);
    }

    /// <summary>Signs in as the first user, which sets its password the first time.</summary>
    public async Task<string> AdminAsync()
    {
        var answer = await SignInAsync("admin", AdminCode, Password);
        return answer.Status == HttpStatusCode.OK ? answer.Read<SignInResponse>().Token : (await SignInAsync("admin", Password)).Read<SignInResponse>().Token;
    }

    /// <summary>Makes a user, signs it in and gives its session's token.</summary>
    public async Task<string> UserAsync(string admin, string name, IReadOnlyList<Role> roles, IReadOnlyList<string>? groups = null)
    {
        var made = (await SendAsync(HttpMethod.Post, "users", admin, new UserRequest { Name = name, Roles = roles, Groups = groups })).Read<SignInCodeResponse>();
        return (await SignInAsync(name, made.Code, Password)).Read<SignInResponse>().Token;
    }

    public Task<Reply> SignInAsync(string name, string secret, string? newPassword = null) =>
        SendAsync(HttpMethod.Post, "auth/sign-in", null, new SignInRequest { UserName = name, Secret = secret, NewPassword = newPassword });

    public Task<Reply> SendAsync(HttpMethod method, string path, string? token, object? body = null) =>
        SendAsync(method, path, token, body is null ? null : JsonContent.Create(body, body.GetType(), null, ContractsJson.Default.Options));

    public Task<Reply> SendTextAsync(HttpMethod method, string path, string? token, string json) =>
        SendAsync(method, path, token, new StringContent(json, Encoding.UTF8, "application/json"));

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        await Store.DisposeAsync();
        Folder.Delete(recursive: true);
    }

    private async Task<Reply> SendAsync(HttpMethod method, string path, string? token, HttpContent? content)
    {
        using var request = new HttpRequestMessage(method, path.StartsWith('/') ? path : "/api/v1/" + path) { Content = content };
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        using var response = await Client.SendAsync(request);
        return new Reply(response.StatusCode, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync());
    }
}

/// <summary>An answer.</summary>
internal sealed record Reply(HttpStatusCode Status, string? MediaType, string Text)
{
    public T Read<T>() => (int)Status < 300
        ? (T)JsonSerializer.Deserialize(Text, typeof(T), ContractsJson.Default)!
        : throw new InvalidOperationException($"{Status}: {Text}");

    /// <summary>The refusal; every one is a whole problem of the same status.</summary>
    public Problem Problem()
    {
        Assert.Equal("application/problem+json", MediaType);
        var problem = JsonSerializer.Deserialize(Text, ContractsJson.Default.Problem)!;
        Assert.Equal((int)Status, problem.Status);
        Assert.False(string.IsNullOrWhiteSpace(problem.Title));
        Assert.DoesNotContain("   at ", Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", Text, StringComparison.Ordinal);
        return problem;
    }
}
