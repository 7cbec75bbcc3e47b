using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Suture.Advisories;
using Suture.Cli;
using Suture.Contracts;
using Suture.Exposure.Findings;
using Suture.Inventory;
using Suture.Platform.Identity;
using Suture.Platform.Storage;
using Suture.Tests;
using static Suture.Server.Tests.Remediation.GivenRemediation;

namespace Suture.Server.Tests.Commands;

/// <summary>The command line against the whole real server: each command asks for a route that there is, in the form that it takes.</summary>
public sealed class CommandLineTests(StoreFixture stores) : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("suture-commands-");
    private Store _store = null!;
    private WebApplication _server = null!;

    public async ValueTask InitializeAsync()
    {
        _store = Store.Open(await stores.LocationAsync("sqlite"));
        var options = new ServerOptions { DataDirectory = _folder.FullName, Listen = new Uri("http://127.0.0.1:0"), Agents = new Uri("https://127.0.0.1:0"), FetchesFeeds = false };
        _server = ServerHost.Build(options, _store);
        await _server.Services.GetRequiredService<FeedLibrary>().LoadAsync(CancellationToken.None);
        await _server.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _store.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task EveryCommand_AgainstTheRealServer_Works()
    {
        var code = (await IdentitySetup.EnsureFirstUserAsync(_store, TimeProvider.System, true, CancellationToken.None))!.Code;
        await RunAsync("sign-in", "--user", "admin", "--code", code);
        await PutAssetAsync("web1");
        await PutAssetAsync("old1");

        Assert.Contains("admin: ", await RunAsync("whoami"));
        Assert.Contains("Ready", await RunAsync("status"));
        Assert.Contains("bookworm/openssl/", await RunAsync("fixes", "--unknown"));
        Assert.Contains("team web, anna", await RunAsync("fixes", "assign", "openssl", "--team", "web", "--person", "anna"));
        Assert.Contains("team web", await RunAsync("fixes", "assign", "openssl", "--team", "web"));
        Assert.Contains("not before six", await RunAsync("fixes", "comment", "openssl", "not before six"));
        Assert.Contains(Cve, await RunAsync("fixes", "show", "openssl"));
        Assert.Contains("web1", await RunAsync("findings", "--asset", "web1"));
        Assert.Contains(Cve, await RunAsync("explain", Cve, "web1"));
        await RunAsync("groups", "add", "lab");
        Assert.Contains("lab", await RunAsync("groups"));
        Assert.Contains("staging", await RunAsync("assets", "set", "web1", "--environment", "staging", "--criticality", "4", "--group", "lab"));
        Assert.Contains("criticality", await RunAsync("assets", "show", "web1"));
        Assert.Contains("retired", await RunAsync("assets", "retire", "old1"));
        Assert.Contains("web1", await RunAsync("assets"));
        Assert.Contains("suture-agent join", await RunAsync("invite", "--environment", "staging"));
        var plan = await PlanAsync();
        Assert.Contains("waits for approval", await RunAsync("plan", "list", "--state", "waiting_approval", "--asset", "web1"));
        Assert.Contains("approved", await RunAsync("plan", "approve", plan));
        Assert.Contains("covers this too", await RunAsync("plan", "show", plan));
        await RunAsync("jobs", "--asset", "web1", "--plan", plan);
        Assert.Contains("finding", await RunAsync("compliance"));
        Assert.Contains("web1", await RunAsync("compliance", "--csv"));
        await RunAsync("episodes", "--open", "--asset", "web1");
        Assert.Contains("plan.approved", await RunAsync("ledger", "--subject", $"plan:{plan}", "--action", "plan"));
        Assert.Contains("No work has failed", await RunAsync("work"));
        Assert.Contains("--code", await RunAsync("users", "add", "anna", "--role", "analyst", "--group", "lab"));
        Assert.Contains("viewer", await RunAsync("users", "set", "anna", "--role", "viewer"));
        Assert.Contains("disabled", await RunAsync("users", "disable", "anna"));
        await RunAsync("users", "enable", "anna");
        Assert.Contains("--code", await RunAsync("users", "code", "anna"));
        Assert.Contains("anna", await RunAsync("users"));
        Assert.Contains("shown this once", await RunAsync("tokens", "create", "grafana", "--role", "viewer"));
        Assert.Contains("revoked", await RunAsync("tokens", "revoke", await TokenAsync()));
        Assert.Contains("rules:", await RunAsync("policy", "show"));
        Assert.Equal("Signed out.\n", await RunAsync("sign-out"));
    }

    private async Task<string> RunAsync(params string[] args)
    {
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        var exit = await CliApp.RunAsync(args, new CliConsole
        {
            Out = output,
            Error = error,
            In = TextReader.Null,
            Variable = name => name switch
            {
                "XDG_CONFIG_HOME" => _folder.FullName,
                "SUTURE_SERVER" => _server.Urls.First(url => url.StartsWith("http:", StringComparison.Ordinal)) + "/",
                "SUTURE_PASSWORD" => "correct horse battery staple",
                _ => null,
            },
        });
        Assert.True(exit is 0 or 1 && error.ToString().Length == 0, $"{string.Join(' ', args)}: {exit} {error}{output}");
        return output.ToString();
    }

    private async Task<string> PlanAsync()
    {
        var made = await RunAsync("plan", "request", "openssl", "--json");
        return System.Text.Json.JsonSerializer.Deserialize(made, ContractsJson.Default.PlanDetail)!.Plan.Id.ToString();
    }

    private async Task<string> TokenAsync()
    {
        var listed = await RunAsync("tokens", "--json");
        return Assert.Single(System.Text.Json.JsonSerializer.Deserialize(listed, ContractsJson.Default.PageTokenRow)!.Items).Id.ToString();
    }

    // An asset with one finding, as a report and its matching leave it.
    private async Task PutAssetAsync(string name)
    {
        var (id, now) = (Id(), TimeProvider.System.GetUtcNow());
        await _store.WriteAsync(
            session => session.ExecuteAsync(
                """
                insert into inventory_asset (id, ordinal, name, group_id, environment, observed_only, state, version, enrolled_us, last_seen_us, boot_id, sequence)
                select @id, coalesce((select max(ordinal) from inventory_asset), 0) + 1, @name, id, 'production', 0, 1, 1, @now, @now, 'boot-1', 0 from platform_group where name = 'default'
                """,
                new { id, name, now }),
            CancellationToken.None);
        var record = (await _server.Services.GetRequiredService<AssetDirectory>().FindAsync(Scope.All, id, CancellationToken.None))!;
        _server.Services.GetRequiredService<ExposureIndex>().Put(new AssetExposure
        {
            Asset = record, ReportId = Id(), BootId = "boot-1", TakenUtc = now, ReceivedUtc = now, MatchedUtc = now, FeedsDigest = "f", Release = "bookworm", Findings = [Finding()], Unknown = [],
            Packages = [Package()], State = State([Update()]), DetectedUtc = new Dictionary<EpisodeKey, DateTimeOffset>(),
        });
    }
}
