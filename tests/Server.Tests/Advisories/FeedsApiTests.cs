using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Suture.Advisories;
using Suture.Advisories.Archive;
using Suture.Advisories.Fetching;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Inventory;
using Suture.Knowledge.Feeds;
using Suture.Platform;
using Suture.Platform.Identity;
using Suture.Tests;
using static Suture.Server.Tests.Advisories.GivenFeeds;

namespace Suture.Server.Tests.Advisories;

/// <summary>The routes over HTTP.</summary>
public sealed class FeedsApiTests(StoreFixture stores) : IDisposable
{
    private const string Suite = "debian-archive/bookworm-security";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("suture-feeds-api-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Import_GoodAndDamagedFiles_ShowsWhatIsInForceAndWhyTheRestIsNot()
    {
        await using var world = await AdvisoriesWorld.StartAsync(stores, "sqlite");
        await using var server = await ServeAsync(world);
        using var admin = await SignInAsync(world, server);
        await server.Services.GetRequiredService<FeedLibrary>().RecordProblemAsync(Suite, "http://archive.example/debian-security", "no answer", world.Time.GetUtcNow(), CancellationToken.None);
        await File.WriteAllBytesAsync(Path.Combine(_folder.FullName, EpssFile), Epss(3));
        await File.WriteAllBytesAsync(Path.Combine(_folder.FullName, KevFile), Text("<html>"));

        using var answer = await ImportAsync(admin, _folder.FullName);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var rows = (await admin.GetFromJsonAsync("feeds", ContractsJson.Default.PageFeedRow))!.Items;
        Assert.Equal(rows, (await answer.Content.ReadFromJsonAsync(ContractsJson.Default.PageFeedRow))!.Items);
        Assert.Equal([FeedNames.CisaKev, Suite, FeedNames.FirstEpss], rows.Select(row => row.Feed));
        Assert.Equal((0, null, null), (rows[0].Records, rows[0].Url, rows[0].LastSuccessUtc));
        Assert.Contains("it is a web page", rows[0].Problem, StringComparison.Ordinal);
        Assert.Equal(("http://archive.example/debian-security", 0, "no answer"), (rows[1].Url, rows[1].Records, rows[1].Problem));
        Assert.Equal((3, new DateOnly(2026, 8, 18), "v2026.06.15", null), (rows[2].Records, rows[2].ContentDate!.Value, rows[2].Version, rows[2].Problem));
        Assert.Equal(["feeds.imported"], await world.QueryAsync<string>("select action from platform_ledger where action = 'feeds.imported'"));
    }

    [Theory]
    [InlineData("feeds", "is not a folder on the server")]
    [InlineData("/nowhere/feeds", "is not a folder on the server")]
    [InlineData("", "holds no feed file")]
    public async Task Import_NothingToTake_SaysWhy(string directory, string expected)
    {
        await using var world = await AdvisoriesWorld.StartAsync(stores, "sqlite");
        await using var server = await ServeAsync(world);
        using var admin = await SignInAsync(world, server);

        using var answer = await ImportAsync(admin, directory.Length == 0 ? _folder.FullName : directory);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(expected, (await answer.Content.ReadFromJsonAsync(ContractsJson.Default.Problem))!.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_WithoutSignIn_IsRefused()
    {
        await using var world = await AdvisoriesWorld.StartAsync(stores, "sqlite");
        await using var server = await ServeAsync(world);
        using var nobody = new HttpClient { BaseAddress = new Uri(server.Urls.Single() + "/api/v1/") };

        using var list = await nobody.GetAsync("feeds");
        using var import = await ImportAsync(nobody, _folder.FullName);

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (list.StatusCode, import.StatusCode));
    }

    [Fact]
    public async Task Import_AdminOfOneGroup_IsRefusedAndNothingIsTaken()
    {
        await using var world = await AdvisoriesWorld.StartAsync(stores, "sqlite");
        await using var server = await ServeAsync(world);
        using var admin = await SignInAsync(world, server);
        using var made = await admin.PostAsJsonAsync("users", new UserRequest { Name = "olga", Roles = [Role.Admin], Groups = ["default"] }, ContractsJson.Default.UserRequest);
        using var scoped = await SignInAsync(server, "olga", (await made.Content.ReadFromJsonAsync(ContractsJson.Default.SignInCodeResponse))!.Code);
        await File.WriteAllBytesAsync(Path.Combine(_folder.FullName, EpssFile), Epss(3));

        using var answer = await ImportAsync(scoped, _folder.FullName);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Empty((await scoped.GetFromJsonAsync("feeds", ContractsJson.Default.PageFeedRow))!.Items);
    }

    private static Task<HttpResponseMessage> ImportAsync(HttpClient client, string directory) =>
        client.PostAsJsonAsync("feeds/import", new FeedImportRequest { Directory = directory }, ContractsJson.Default.FeedImportRequest);

    private static async Task<WebApplication> ServeAsync(AdvisoriesWorld world)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddRouting();
        builder.Services.AddSingleton<TimeProvider>(world.Time);
        builder.Services.AddPlatform(world.Store, options => options.PasswordRounds = 10_000);
        builder.Services.AddInventory(new InventoryOptions { SecretsDirectory = Path.Combine(world.InForceFolder, "secrets"), AgentUrl = new Uri("https://localhost:7781") });
        builder.Services.AddAdvisories(new FeedOptions { Directory = world.InForceFolder, IsFetching = false }, new ArchiveOptions { IsEnabled = false });
        var app = builder.Build();
        app.UsePlatform();
        var api = app.MapGroup("/api/v1");
        api.MapPlatformApi();
        api.MapAdvisoriesApi();
        await app.StartAsync();
        return app;
    }

    private static async Task<HttpClient> SignInAsync(AdvisoriesWorld world, WebApplication server) =>
        await SignInAsync(server, IdentitySetup.FirstUserName, (await IdentitySetup.EnsureFirstUserAsync(world.Store, world.Time, false, CancellationToken.None))!.Code);

    private static async Task<HttpClient> SignInAsync(WebApplication server, string name, string code)
    {
        var client = new HttpClient { BaseAddress = new Uri(server.Urls.Single() + "/api/v1/") };
        using var answer = await client.PostAsJsonAsync(
            "auth/sign-in", new SignInRequest { UserName = name, Secret = code, NewPassword = "correct horse battery staple" }, ContractsJson.Default.SignInRequest);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        var session = await answer.Content.ReadFromJsonAsync(ContractsJson.Default.SignInResponse);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", session!.Token);
        return client;
    }
}
