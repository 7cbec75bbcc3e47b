using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
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

namespace Suture.Server.Tests.Remediation;

/// <summary>The module's routes over HTTP, on the store and the clock of a <see cref="RemediationWorld"/>, with sign-in.</summary>
internal static class RemediationServer
{
    private const string Password = "correct horse battery staple";

    internal static async Task<WebApplication> ServeAsync(RemediationWorld world)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var folder = Path.Combine(world.Folder, "api");
        builder.Services.AddSingleton<TimeProvider>(world.Time);
        builder.Services.AddPlatform(world.Store, folder, options => options.PasswordRounds = 10_000);
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

    internal static async Task<HttpClient> SignInFirstAsync(WebApplication server, RemediationWorld world) =>
        await SignInAsync(server, IdentitySetup.FirstUserName, (await IdentitySetup.EnsureFirstUserAsync(world.Store, world.Time, false, CancellationToken.None))!.Code);

    internal static async Task<HttpClient> SignInNewAsync(WebApplication server, HttpClient admin, string name, IReadOnlyList<string>? groups, params Role[] roles)
    {
        var answer = await SendAsync(admin, HttpMethod.Post, "users", new UserRequest { Name = name, Roles = roles, Groups = groups }, ContractsJson.Default.UserRequest, null);
        return await SignInAsync(server, name, (await answer.Content.ReadFromJsonAsync(ContractsJson.Default.SignInCodeResponse))!.Code);
    }

    internal static async Task<HttpClient> SignInAsync(WebApplication server, string name, string code)
    {
        var client = new HttpClient { BaseAddress = new Uri(server.Urls.First() + "/api/v1/") };
        var answer = await SendAsync(
            client, HttpMethod.Post, "auth/sign-in", new SignInRequest { UserName = name, Secret = code, NewPassword = Password }, ContractsJson.Default.SignInRequest, HttpStatusCode.OK);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await answer.Content.ReadFromJsonAsync(ContractsJson.Default.SignInResponse))!.Token);
        return client;
    }

    internal static async Task<T> GetAsync<T>(HttpClient client, string path, JsonTypeInfo<T> type)
    {
        var answer = await client.GetAsync(path);
        Assert.True(answer.IsSuccessStatusCode, $"GET {path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        return (await answer.Content.ReadFromJsonAsync(type))!;
    }

    internal static async Task<HttpResponseMessage> SendAsync<T>(HttpClient client, HttpMethod method, string path, T body, JsonTypeInfo<T> type, HttpStatusCode? expected)
    {
        using var request = new HttpRequestMessage(method, path) { Content = JsonContent.Create(body, type) };
        var answer = await client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(expected is null ? answer.IsSuccessStatusCode : answer.StatusCode == expected, $"{method} {path}: {(int)answer.StatusCode} {text}");
        return answer;
    }
}
