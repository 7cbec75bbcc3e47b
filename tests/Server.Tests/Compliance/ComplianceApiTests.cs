using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Suture.Compliance;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Contracts.Inventory;
using Suture.Platform.Identity;
using Suture.Server.Tests.Exposure;
using Suture.Tests;
using static Suture.Server.Tests.Exposure.ExposureApiTests;
using static Suture.Server.Tests.Exposure.GivenExposure;

namespace Suture.Server.Tests.Compliance;

/// <summary>The routes over HTTP, with all modules of the loop behind them.</summary>
public sealed partial class ComplianceApiTests(StoreFixture stores)
{
    private const string MinorCve = "CVE-2026-0003";

    // openssl: one in KEV whose catalogue's date is past soon, one that is not listed; curl: one of no weight.
    private readonly HandMadeFeeds _feeds = new HandMadeFeeds()
        .Fix("openssl", Cve, "3.0.17").Fix("openssl", OtherCve, "3.0.17").Fix("curl", MinorCve, "8.1").Kev(OtherCve, due: new DateOnly(2026, 8, 11)).Epss(MinorCve, 0.001, 0.1);

    public static TheoryData<string> Engines => StoreFixture.Engines;

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Assets_OfSeveralRules_ShowEachByItself(string engine)
    {
        await using var loop = await GivenFleetAsync(engine);
        await using var server = await ServeAsync(loop);
        using var admin = await AdminAsync(server, loop);

        var web = (await GetAsync(admin, "compliance/assets", ContractsJson.Default.PageAssetCompliance)).Items.Single(asset => asset.Name == "web");

        // Three days on, the catalogue's date (11 August) is past; it rests on no assumed fact. The others are due within 60 days, as if exposed.
        Assert.Equal(
            [
                (RuleKind.Deadline, "CISA BOD 26-04 row 2", ComplianceStatus.Compliant, 2, 0, 2, "2026-10-09"),
                (RuleKind.Deadline, "CISA KEV due date", ComplianceStatus.Overdue, 1, 1, 0, null),
                (RuleKind.Policy, "critical in production", ComplianceStatus.Overdue, 2, 1, 1, "2026-10-09"),
                (RuleKind.Policy, null, ComplianceStatus.Compliant, 1, 0, 1, "2026-10-09"),
            ],
            web.Rules.Select(rule => (rule.Kind, rule.Rule, rule.Status, rule.Episodes.Open, rule.Episodes.Overdue, rule.Episodes.Assumed, rule.Episodes.NextDue?.ToString("O", null))));
        // openssl is installed as two packages: four findings of two episodes, and one of curl.
        Assert.Equal((ComplianceStatus.Overdue, 3, 5), (web.Status, web.Episodes.Open, web.OpenFindings));
        Assert.All([RuleKind.Deadline, RuleKind.Policy], kind => Assert.Equal(web.Episodes.Open, web.Rules.Where(rule => rule.Kind == kind).Sum(rule => rule.Episodes.Open)));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Summary_EachScope_CountsItsOwn(string engine)
    {
        await using var loop = await GivenFleetAsync(engine);
        await using var server = await ServeAsync(loop);
        using var admin = await AdminAsync(server, loop);
        using var viewer = await ViewerAsync(server, admin);
        using var nobody = new HttpClient { BaseAddress = admin.BaseAddress };

        var all = await GetAsync(admin, "compliance?windowDays=30", ContractsJson.Default.ComplianceSummary);
        var theirs = await GetAsync(viewer, "compliance", ContractsJson.Default.ComplianceSummary);

        Assert.Equal((1, 1, 2), (all.Assets.Compliant, all.Assets.Overdue, all.Assets.Unknown));
        Assert.Equal((4, 1, 0, 3), (all.Episodes.Open, all.Episodes.Overdue, all.Episodes.OverdueAssumed, all.Episodes.Assumed));
        Assert.Equal(6, all.OpenFindings);
        Assert.Equal((3, 60, TimeSpan.FromDays(30)), (all.Remediated.Episodes, all.Remediated.DetectionToVerifiedP50Seconds, all.Remediated.EndUtc - all.Remediated.StartUtc));
        Assert.Equal(("default", "debian-dsa"), (all.Policy, all.Feeds.Single().Feed));
        Assert.Equal((0, 0, 1), (theirs.Assets.Compliant, theirs.Assets.Overdue, theirs.Assets.Unknown));
        Assert.Equal((1, 0, 1, TimeSpan.FromDays(90)), (theirs.Episodes.Open, theirs.Remediated.Episodes, theirs.OpenFindings, theirs.Remediated.EndUtc - theirs.Remediated.StartUtc));
        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.GetAsync("compliance")).StatusCode);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Findings_OfTheAssetsList_AreThoseOfTheSummary(string engine)
    {
        await using var loop = await GivenFleetAsync(engine);
        await using var server = await ServeAsync(loop);
        using var admin = await AdminAsync(server, loop);

        var listed = (await GetAsync(admin, "assets", ContractsJson.Default.PageAssetRow)).Items.Sum(asset => asset.Findings.Values.Sum());

        Assert.Equal(listed, (await GetAsync(admin, "compliance", ContractsJson.Default.ComplianceSummary)).OpenFindings);
    }

    [Fact]
    public async Task Assets_PageByPage_AreAllOfThemOnce()
    {
        await using var loop = await GivenFleetAsync("sqlite");
        await using var server = await ServeAsync(loop);
        using var admin = await AdminAsync(server, loop);

        var names = new List<string>();
        var (next, pages) = ((string?)"", 0);
        while (next is not null && pages++ < 10)
        {
            var page = await GetAsync(admin, $"compliance/assets?limit=3{(next.Length == 0 ? "" : $"&after={next}")}", ContractsJson.Default.PageAssetCompliance);
            names.AddRange(page.Items.Select(asset => asset.Name));
            Assert.Equal(4, page.Total);
            next = page.Next;
        }

        Assert.Equal(["patched", "silent", "theirs", "web"], names);
        Assert.Equal(2, pages);
    }

    [Fact]
    public async Task Csv_Fleet_IsTheGoldenFile()
    {
        await using var loop = await GivenFleetAsync("sqlite");
        await using var server = await ServeAsync(loop);
        using var admin = await AdminAsync(server, loop);

        using var answer = await admin.GetAsync("compliance.csv");

        Assert.Equal("text/csv", answer.Content.Headers.ContentType!.MediaType);
        AssertGolden(AnyId().Replace(await answer.Content.ReadAsStringAsync(), "ID"));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Csv_OfAScope_HasItsAssetsAlone(string engine)
    {
        await using var loop = await GivenFleetAsync(engine);
        await using var server = await ServeAsync(loop);
        using var admin = await AdminAsync(server, loop);
        using var viewer = await ViewerAsync(server, admin);

        var lines = (await viewer.GetStringAsync("compliance.csv")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(ComplianceCsv.Header, lines[0] + "\r\n");
        Assert.Equal(["theirs"], lines.Skip(1).Select(line => line.Split(',')[2]).Distinct());
    }

    [Theory]
    [InlineData("compliance?windowDays=0", "windowDays is 0, wanted 1 to 730")]
    [InlineData("compliance?windowDays=731", "windowDays is 731, wanted 1 to 730")]
    [InlineData("compliance/assets?limit=0", "limit is 0, wanted 1 to 500")]
    [InlineData("compliance/assets?limit=501", "limit is 501, wanted 1 to 500")]
    [InlineData("compliance/assets?after=00000000-0000-0000-0000-0000000000ff", "which is no asset of this list")]
    public async Task Get_FaultyArgument_NamesValueAndRemedy(string path, string expected)
    {
        await using var loop = await WholeLoop.StartAsync(stores, "sqlite", _feeds);
        await using var server = await ServeAsync(loop);
        using var admin = await AdminAsync(server, loop);

        using var answer = await admin.GetAsync(path);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(expected, (await answer.Content.ReadFromJsonAsync(ContractsJson.Default.Problem))!.Detail, StringComparison.Ordinal);
    }

    // web is overdue, patched was remediated within a minute, theirs has a package that no feed covers, silent has nothing open and is not heard of.
    private async Task<WholeLoop> GivenFleetAsync(string engine)
    {
        var loop = await WholeLoop.StartAsync(stores, engine, _feeds);
        var world = loop.World;
        var (web, patched, silent) = (await world.EnrolAsync("web"), await world.EnrolAsync("patched"), await world.EnrolAsync("silent"));
        var theirs = await world.EnrolAsync("theirs", group: ExposureWorld.OtherGroup);
        IReadOnlyList<InstalledPackage> old = [Package("libssl3", "3.0.15"), Package("openssl", "3.0.15"), Package("curl", "8.0", "curl")];
        IReadOnlyList<InstalledPackage> current = [Package("libssl3", "3.0.17"), Package("openssl", "3.0.17"), Package("curl", "8.1", "curl")];
        await ReportAsync(world, silent, current);
        await ReportAsync(world, patched, old);
        for (var day = 0; day <= 3; day += 3)
        {
            world.Time.Advance(TimeSpan.FromDays(day));
            await ReportAsync(world, patched, current);
            await ReportAsync(world, web, old);
            await ReportAsync(world, theirs, [Package("curl", "8.0", "curl"), Package("docker-ce", "27.1", "docker-ce", OriginKind.ThirdParty)]);
        }
        return loop;
    }

    private static async Task ReportAsync(ExposureWorld world, Guid asset, IReadOnlyList<InstalledPackage> packages)
    {
        await world.ReportAsync(asset, packages);
        await world.RunAsync();
    }

    private static Task<WebApplication> ServeAsync(WholeLoop loop) => ExposureApiTests.ServeAsync(loop.World, loop.AddLaterStages, api => api.MapComplianceApi());

    private static async Task<HttpClient> AdminAsync(WebApplication server, WholeLoop loop)
    {
        var first = await IdentitySetup.EnsureFirstUserAsync(loop.World.Store, loop.World.Time, false, CancellationToken.None);
        return await SignInAsync(server, IdentitySetup.FirstUserName, first!.Code);
    }

    private static void AssertGolden(string text)
    {
        var golden = Path.Combine(TestPaths.Repository, "tests/golden/compliance.csv");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(golden, text);
        }
        Assert.Equal(File.ReadAllText(golden), text);
    }

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex AnyId();
}
