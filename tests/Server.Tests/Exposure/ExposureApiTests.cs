using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Suture.Advisories;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Contracts.Inventory;
using Suture.Exposure;
using Suture.Inventory;
using Suture.Platform;
using Suture.Platform.Identity;
using Suture.Tests;
using static Suture.Server.Tests.Exposure.GivenExposure;

namespace Suture.Server.Tests.Exposure;

/// <summary>The routes over HTTP, with sign-in and scope, as a customer calls them.</summary>
public sealed class ExposureApiTests(StoreFixture stores)
{
    private const string Password = "correct horse battery staple";

    private readonly HandMadeFeeds _feeds = new HandMadeFeeds().Fix("openssl", Cve, "3.0.17").Fix("openssl", OtherCve, "3.0.17").Kev(OtherCve);

    public static TheoryData<string> Engines => StoreFixture.Engines;

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Get_EveryRoute_AnswersWithinTheCallersScope(string engine)
    {
        await using var world = await ExposureWorld.StartAsync(stores, engine, _feeds);
        await GivenHistoryAsync(world);
        await using var server = await ServeAsync(world);
        using var admin = await SignInAsync(server, IdentitySetup.FirstUserName, (await IdentitySetup.EnsureFirstUserAsync(world.Store, world.Time, false, CancellationToken.None))!.Code);
        using var viewer = await ViewerAsync(server, admin);
        using var nobody = new HttpClient { BaseAddress = admin.BaseAddress };

        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.GetAsync("findings")).StatusCode);
        var all = await GetAsync(admin, "findings?limit=2", ContractsJson.Default.PageFinding);
        var rest = await GetAsync(admin, $"findings?limit=2&after={all.Next}", ContractsJson.Default.PageFinding);
        Assert.Equal((4, OtherCve), (all.Total, all.Items[0].Vulnerability));
        Assert.Equal([Cve, Cve], rest.Items.Select(finding => finding.Vulnerability));
        Assert.Null(rest.Next);
        var theirs = await GetAsync(viewer, "findings", ContractsJson.Default.PageFinding);
        Assert.All(theirs.Items, finding => Assert.Equal("theirs", finding.AssetName));
        Assert.Equal(2, theirs.Total);
        Assert.Equal(HttpStatusCode.NotFound, (await viewer.GetAsync("findings?asset=ours")).StatusCode);
        Assert.Equal(2, (await GetAsync(admin, "findings?asset=ours&kev=false&status=affected&environment=production&critical=false", ContractsJson.Default.PageFinding)).Total
            + (await GetAsync(admin, "findings?asset=ours&kev=true", ContractsJson.Default.PageFinding)).Total);
        Assert.Equal(6, (await GetAsync(admin, "episodes", ContractsJson.Default.PageEpisodeRow)).Items.Count);
        Assert.Equal("fixed_in_effect", (await GetAsync(admin, "episodes?asset=patched&open=false", ContractsJson.Default.PageEpisodeRow)).Items[0].ClosedReason);
        Assert.StartsWith($"{Cve} affects ours through libssl3", (await GetAsync(admin, $"explain/{Cve}?asset=ours", ContractsJson.Default.Explanation)).Verdict, StringComparison.Ordinal);
        Assert.Equal($"{Cve} is open on 1 of 1 assets in your scope.", (await GetAsync(viewer, $"explain/{Cve}", ContractsJson.Default.Explanation)).Verdict);
        var detail = await GetAsync(viewer, $"vulnerabilities/{OtherCve}", ContractsJson.Default.VulnerabilityDetail);
        Assert.Equal((1, "theirs", "kev", "3.0.17"), (detail.AssetCount, detail.Assets[0], detail.Signals[0].Signal, detail.Fixes[0].FixedVersion));
        Assert.Equal([("cisa-kev", new DateOnly(2026, 8, 20)), ("debian-dsa", new DateOnly(2026, 8, 1))], detail.Feeds.Select(feed => (feed.Feed, feed.ContentDate!.Value)));
        Assert.Equal((new DateOnly(2026, 8, 2), new DateOnly(2026, 8, 20)), (detail.Signals[0].Date!.Value, detail.Signals[0].FeedDate!.Value));
    }

    [Fact]
    public async Task Vulnerability_FixedInAReleaseOfOthers_IsNotToldToWhoHasNone()
    {
        await using var world = await ExposureWorld.StartAsync(stores, "sqlite", new HandMadeFeeds().Fix("openssl", Cve, "3.0.17").Fix("openssl", OtherCve, "1.1.1w", "bullseye"));
        await world.ReportAsync(await world.EnrolAsync("ours"), [Package("libssl3", "3.0.15")]);
        await world.ReportAsync(await world.EnrolAsync("theirs", group: ExposureWorld.OtherGroup), [Package("libssl1.1", "1.1.1n")], State(release: "bullseye"));
        await world.RunAsync();
        await using var server = await ServeAsync(world);
        using var admin = await SignInAsync(server, IdentitySetup.FirstUserName, (await IdentitySetup.EnsureFirstUserAsync(world.Store, world.Time, false, CancellationToken.None))!.Code);
        using var viewer = await ViewerAsync(server, admin);

        Assert.Equal("bookworm", Assert.Single((await GetAsync(admin, $"vulnerabilities/{Cve}", ContractsJson.Default.VulnerabilityDetail)).Fixes).Release);
        Assert.Equal("bullseye", Assert.Single((await GetAsync(viewer, $"vulnerabilities/{OtherCve}", ContractsJson.Default.VulnerabilityDetail)).Fixes).Release);
        Assert.Equal(HttpStatusCode.NotFound, (await viewer.GetAsync($"vulnerabilities/{Cve}")).StatusCode);
        Assert.DoesNotContain(
            (await GetAsync(viewer, $"explain/{Cve}", ContractsJson.Default.Explanation)).Steps, step => step.Text.Contains("bookworm", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Asset_WithCollectorFailures_NamesEachOnce()
    {
        await using var world = await ExposureWorld.StartAsync(stores, "sqlite", _feeds);
        var asset = await world.EnrolAsync();
        await world.ReportAsync(asset, null, State() with { Failures = [new CollectorFailure { Collector = "packages", Reason = "no permission" }, new CollectorFailure { Collector = "sockets", Reason = "no permission" }] });
        await world.RunAsync();
        await using var server = await ServeAsync(world);
        using var admin = await SignInAsync(server, IdentitySetup.FirstUserName, (await IdentitySetup.EnsureFirstUserAsync(world.Store, world.Time, false, CancellationToken.None))!.Code);

        var unknown = (await GetAsync(admin, $"assets/{asset}", ContractsJson.Default.AssetDetail)).Unknown;

        Assert.Equal(2, unknown.Count(item => item.Reason == "no permission"));
        Assert.Single(unknown, item => item.Reason.Contains("installed", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Get_TheAssetFellSilent_ItsFindingsAndExplanationsSaySo(string engine)
    {
        await using var world = await ExposureWorld.StartAsync(stores, engine, _feeds);
        await world.ReportAsync(await world.EnrolAsync("ours"), [Package("libssl3", "3.0.15")]);
        await world.RunAsync();
        var seen = world.Time.GetUtcNow();
        await using var server = await ServeAsync(world);
        using var admin = await SignInAsync(server, IdentitySetup.FirstUserName, (await IdentitySetup.EnsureFirstUserAsync(world.Store, world.Time, false, CancellationToken.None))!.Code);
        Assert.All((await GetAsync(admin, "findings", ContractsJson.Default.PageFinding)).Items, finding => Assert.Null(finding.SilentSinceUtc));

        await world.Store.WriteAsync(
            session => session.ExecuteAsync("update inventory_asset set last_seen_us = @seen", new { seen = seen.AddHours(-25) }), CancellationToken.None);

        Assert.All((await GetAsync(admin, "findings", ContractsJson.Default.PageFinding)).Items, finding => Assert.Equal(seen.AddHours(-25), finding.SilentSinceUtc));
        Assert.Contains(
            (await GetAsync(admin, $"explain/{Cve}?asset=ours", ContractsJson.Default.Explanation)).Steps,
            step => step.Stage == "unknown" && step.Text.StartsWith("no sign of life of ours since 2026-08-09", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("findings?limit=0", "limit is 0, wanted 1 to 1000")]
    [InlineData("findings?after=nonsense", "wanted the value of next")]
    [InlineData("findings?status=fixed", "wanted affected, pending_effect or unknown")]
    [InlineData("episodes?after=nonsense", "wanted the value of next")]
    [InlineData("explain/CVE-2026-0001?asset=absent", "'absent'")]
    [InlineData("findings?package=pkg:rpm/fedora/x", "not a package URL of a Debian package")]
    [InlineData("explain/nonsense", "'nonsense' is no CVE id")]
    [InlineData("explain/CVE-26-1", "'CVE-26-1' is no CVE id")]
    [InlineData("vulnerabilities/CVE-1999-0000", "'CVE-1999-0000'")]
    public async Task Get_FaultyArgument_NamesValueAndRemedy(string path, string expected)
    {
        await using var world = await ExposureWorld.StartAsync(stores, "sqlite", _feeds);
        await using var server = await ServeAsync(world);
        using var admin = await SignInAsync(server, IdentitySetup.FirstUserName, (await IdentitySetup.EnsureFirstUserAsync(world.Store, world.Time, false, CancellationToken.None))!.Code);

        using var answer = await admin.GetAsync(path);

        Assert.True(answer.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.NotFound);
        Assert.Contains(expected, (await answer.Content.ReadFromJsonAsync(ContractsJson.Default.Problem))!.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_IdInLowerCase_IsTheSameVulnerability()
    {
        await using var world = await ExposureWorld.StartAsync(stores, "sqlite", _feeds);
        await GivenHistoryAsync(world);
        await using var server = await ServeAsync(world);
        using var admin = await SignInAsync(server, IdentitySetup.FirstUserName, (await IdentitySetup.EnsureFirstUserAsync(world.Store, world.Time, false, CancellationToken.None))!.Code);
        var lower = Cve.ToLowerInvariant();

        var explanation = await GetAsync(admin, $"explain/{lower}?asset=ours", ContractsJson.Default.Explanation);

        Assert.StartsWith($"{Cve} affects ours", explanation.Verdict, StringComparison.Ordinal);
        Assert.Equal(Cve, explanation.Vulnerability);
        Assert.Equal(Cve, (await GetAsync(admin, $"vulnerabilities/{lower}", ContractsJson.Default.VulnerabilityDetail)).Id);
        Assert.Equal(2, (await GetAsync(admin, $"findings?vulnerability={lower}", ContractsJson.Default.PageFinding)).Total);
    }

    [Theory]
    [InlineData("pkg:deb/debian/libssl3", 4)]
    [InlineData("pkg:deb/debian/libssl3@3.0.15?arch=amd64&distro=bookworm", 4)]
    [InlineData("pkg:deb/debian/libssl3?arch=i386", 0)]
    [InlineData("pkg:deb/debian/libssl3@3.0.14", 0)]
    [InlineData("pkg:deb/ubuntu/libssl3", 0)]
    public async Task Get_FindingsOfAPackageUrl_AreThoseThatCarryIt(string purl, int expected)
    {
        await using var world = await ExposureWorld.StartAsync(stores, "sqlite", _feeds);
        await GivenHistoryAsync(world);
        await using var server = await ServeAsync(world);
        using var admin = await SignInAsync(server, IdentitySetup.FirstUserName, (await IdentitySetup.EnsureFirstUserAsync(world.Store, world.Time, false, CancellationToken.None))!.Code);

        var page = await GetAsync(admin, $"findings?package={Uri.EscapeDataString(purl)}", ContractsJson.Default.PageFinding);

        Assert.Equal(expected, page.Total);
        Assert.All(page.Items, finding => Assert.Equal("pkg:deb/debian/libssl3@3.0.15?arch=amd64&distro=bookworm", finding.Purl));
    }

    [Fact]
    public async Task Explain_NoAssetHasReported_SaysSoAndListsTheFixesOfEachRelease()
    {
        await using var world = await ExposureWorld.StartAsync(stores, "sqlite", new HandMadeFeeds().Fix("openssl", Cve, "3.0.17").Fix("openssl", Cve, "3.5.1", "trixie").Kev(OtherCve));
        await using var server = await ServeAsync(world);
        using var admin = await SignInAsync(server, IdentitySetup.FirstUserName, (await IdentitySetup.EnsureFirstUserAsync(world.Store, world.Time, false, CancellationToken.None))!.Code);

        var explanation = await GetAsync(admin, $"explain/{Cve}", ContractsJson.Default.Explanation);

        Assert.Equal($"No asset in your scope has reported yet, so it is not known where {Cve} is. Fixes are published for bookworm, trixie.", explanation.Verdict);
        Assert.Equal(
            ["openssl in bookworm is fixed at 3.0.17", "openssl in trixie is fixed at 3.5.1"], explanation.Steps.Where(step => step.Stage == "advisory").Select(step => step.Text));
        Assert.Equal(
            $"No asset in your scope has reported yet, so it is not known where {OtherCve} is. No feed in force states a fix of it in any release.",
            (await GetAsync(admin, $"explain/{OtherCve}", ContractsJson.Default.Explanation)).Verdict);
    }

    // Two assets with open findings in two groups, one that was patched within a minute.
    private static async Task GivenHistoryAsync(ExposureWorld world)
    {
        var (ours, theirs, patched) = (await world.EnrolAsync("ours"), await world.EnrolAsync("theirs", group: ExposureWorld.OtherGroup), await world.EnrolAsync("patched"));
        foreach (var asset in new[] { ours, theirs, patched })
        {
            await world.ReportAsync(asset, [Package("libssl3", "3.0.15")]);
            await world.RunAsync();
        }
        await world.ReportAsync(patched, [Package("libssl3", "3.0.17")]);
        await world.RunAsync();
    }

    /// <summary>The world's API over HTTP.</summary>
    internal static async Task<WebApplication> ServeAsync(ExposureWorld world, Action<IServiceCollection>? laterStages = null, Action<IEndpointRouteBuilder>? laterRoutes = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddRouting();
        builder.Services.AddSingleton<TimeProvider>(world.Time);
        world.AddModules(builder.Services);
        laterStages?.Invoke(builder.Services);
        var app = builder.Build();
        app.Services.GetRequiredService<FeedsInForce>().Replace(world.Feeds.Current);
        app.UsePlatform();
        var api = app.MapGroup("/api/v1");
        api.MapPlatformApi();
        api.MapInventoryApi();
        api.MapExposureApi();
        laterRoutes?.Invoke(api);
        await app.StartAsync();
        return app;
    }

    internal static async Task<HttpClient> SignInAsync(WebApplication server, string name, string code)
    {
        var client = new HttpClient { BaseAddress = new Uri(server.Urls.Single() + "/api/v1/") };
        using var answer = await client.PostAsJsonAsync(
            "auth/sign-in", new SignInRequest { UserName = name, Secret = code, NewPassword = Password }, ContractsJson.Default.SignInRequest);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        var session = await answer.Content.ReadFromJsonAsync(ContractsJson.Default.SignInResponse);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", session!.Token);
        return client;
    }

    internal static async Task<HttpClient> ViewerAsync(WebApplication server, HttpClient admin)
    {
        using var answer = await admin.PostAsJsonAsync(
            "users", new UserRequest { Name = "vera", Roles = [Role.Viewer], Groups = ["theirs"] }, ContractsJson.Default.UserRequest);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        var code = await answer.Content.ReadFromJsonAsync(ContractsJson.Default.SignInCodeResponse);
        return await SignInAsync(server, "vera", code!.Code);
    }

    internal static async Task<T> GetAsync<T>(HttpClient client, string path, JsonTypeInfo<T> type)
    {
        using var answer = await client.GetAsync(path);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {await answer.Content.ReadAsStringAsync()}");
        return (await answer.Content.ReadFromJsonAsync(type))!;
    }
}
