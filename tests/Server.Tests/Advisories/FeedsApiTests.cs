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

    [Fact]
    public async Task ImportOfTheCommandLine_GoodAndDamagedFiles_ReachesTheServer()
    {
        await using var world = await AdvisoriesWorld.StartAsync(stores, "sqlite");
        await using var server = await ServeAsync(world);
        using var admin = await SignInAsync(world, server);
        await File.WriteAllBytesAsync(Path.Combine(_folder.FullName, EpssFile), Epss(3));
        await File.WriteAllBytesAsync(Path.Combine(_folder.FullName, KevFile), Text("<html>"));
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "DSA"));
        await File.WriteAllBytesAsync(Path.Combine(_folder.FullName, "DSA", "list"), AdvisoryList("DSA", 3));
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "notes.txt"), "no feed");

        var (exit, output, error) = await RunAsync(server, admin, "import", _folder.FullName);

        Assert.Equal((1, "suture: refused cisa-kev: known_exploited_vulnerabilities.csv, line 1: it is a web page, not a feed; check the address it was fetched from\n"), (exit, error));
        Assert.StartsWith($"Feeds of the server on {server.Urls.Single()}/:\n", output, StringComparison.Ordinal);
        Assert.Equal([3, 3], server.Services.GetRequiredService<FeedsInForce>().Current.Feeds.Select(feed => feed.Records));
        Assert.Equal((1, output.ReplaceLineEndings("")), await StatusAsync(server, admin));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(world.InForceFolder, "incoming")));
        Assert.Equal(["feeds.imported"], await world.QueryAsync<string>("select action from platform_ledger where action = 'feeds.imported'"));
    }

    [Fact]
    public async Task ImportOfTheCommandLine_SizeThatAPersonAccepts_IsTaken()
    {
        await using var world = await AdvisoriesWorld.StartAsync(stores, "sqlite");
        await using var server = await ServeAsync(world);
        using var admin = await SignInAsync(world, server);
        await File.WriteAllBytesAsync(Path.Combine(_folder.FullName, KevFile), Kev(1_000));
        Assert.Equal(0, (await RunAsync(server, admin, "import", _folder.FullName)).Exit);
        await File.WriteAllBytesAsync(Path.Combine(_folder.FullName, KevFile), Kev(10_000));

        Assert.Equal(1, (await RunAsync(server, admin, "import", _folder.FullName)).Exit);
        Assert.Equal(0, (await RunAsync(server, admin, "import", _folder.FullName, "--accept", "cisa-kev")).Exit);

        Assert.Equal(10_000, server.Services.GetRequiredService<FeedsInForce>().Current.Feeds.Single().Records);
    }

    [Fact]
    public async Task ImportOfTheCommandLine_NobodySignedIn_IsRefusedBeforeTheFilesAreSent()
    {
        await using var world = await AdvisoriesWorld.StartAsync(stores, "sqlite");
        await using var server = await ServeAsync(world);
        using var nobody = new HttpClient();
        await File.WriteAllBytesAsync(Path.Combine(_folder.FullName, KevFile), Kev(100_000));

        var (exit, _, error) = await RunAsync(server, nobody, "import", _folder.FullName);

        Assert.Equal((3, true), (exit, error.Contains("Nobody is signed in", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("no archive", 400, "no whole zip archive")]
    [InlineData("cut off", 400, "no whole zip archive")]
    [InlineData("outside", 400, "lies outside of it")]
    [InlineData("twice", 400, "stands twice")]
    [InlineData("no feed", 400, "holds no feed file")]
    [InlineData("wrong feed", 400, "'accept' is 'kev'")]
    public async Task Upload_NotAnArchiveOfFeeds_SaysWhy(string what, int status, string message)
    {
        await using var world = await AdvisoriesWorld.StartAsync(stores, "sqlite");
        await using var server = await ServeAsync(world);
        using var admin = await SignInAsync(world, server);
        var good = Zip([(KevFile, Kev(3))]);
        using var content = new ByteArrayContent(what switch
        {
            "no archive" => Text("nothing of the kind"),
            "cut off" => good[..^30],
            "outside" => Zip([("../../" + KevFile, Kev(3))]),
            "twice" => Zip([(KevFile, Kev(3)), (KevFile, Kev(3))]),
            "no feed" => Zip([("notes.txt", [])]),
            _ => good,
        });
        content.Headers.ContentType = new MediaTypeHeaderValue("application/zip");

        using var answer = await admin.PostAsync(new Uri(what == "wrong feed" ? "feeds/upload?accept=kev" : "feeds/upload", UriKind.Relative), content);

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Contains(message, (await answer.Content.ReadFromJsonAsync(ContractsJson.Default.Problem))!.Detail, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(world.InForceFolder, "incoming")));
        Assert.Empty(Directory.GetFiles(world.InForceFolder, "known*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Import_EverythingRefused_IsAnAnswerLikeAnyOther()
    {
        await using var world = await AdvisoriesWorld.StartAsync(stores, "sqlite");
        await using var server = await ServeAsync(world);
        using var admin = await SignInAsync(world, server);
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "known_exploited.json"), """{"count":"5","vulnerabilities":[]}""");

        using var answer = await ImportAsync(admin, _folder.FullName);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var import = (await answer.Content.ReadFromJsonAsync(ContractsJson.Default.FeedImportAnswer))!;
        Assert.Empty(import.Taken);
        Assert.StartsWith("cisa-kev: known_exploited.json: it states \"5\" entries and holds 0", Assert.Single(import.Problems), StringComparison.Ordinal);
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
        using var content = new ByteArrayContent(Zip([(EpssFile, Epss(3))]));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/zip");
        using var sent = await scoped.PostAsync(new Uri("feeds/upload", UriKind.Relative), content);

        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Forbidden), (answer.StatusCode, sent.StatusCode));
        Assert.Empty((await scoped.GetFromJsonAsync("feeds", ContractsJson.Default.PageFeedRow))!.Items);
    }

    private static async Task<(int Exit, string Out, string Error)> RunAsync(WebApplication server, HttpClient caller, params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        using var input = new StringReader("");
        var exit = await Cli.CliApp.RunAsync(["feeds", .. args], new Cli.CliConsole
        {
            Out = output, Error = error, In = input,
            Variable = name => name switch
            {
                "SUTURE_SERVER" => server.Urls.Single(),
                "SUTURE_TOKEN" => caller.DefaultRequestHeaders.Authorization?.Parameter,
                "HOME" => "/nonexistent",
                _ => null,
            },
        });
        return (exit, output.ToString(), error.ToString());
    }

    private static async Task<(int Exit, string Out)> StatusAsync(WebApplication server, HttpClient caller)
    {
        var (exit, output, _) = await RunAsync(server, caller, "status");
        return (exit, output.ReplaceLineEndings(""));
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
        builder.Services.AddPlatform(world.Store, Path.Combine(world.InForceFolder, "data"), options => options.PasswordRounds = 10_000);
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
