using Suture.Compliance;
using Suture.Contracts.Api;
using Suture.Contracts.Inventory;
using Suture.Platform.Identity;
using Suture.Server.Tests.Exposure;
using Suture.Tests;
using static Suture.Server.Tests.Exposure.GivenExposure;

namespace Suture.Server.Tests.Compliance;

/// <summary>What is not known is never compliant: asked of all modules of the loop, over both stores.</summary>
public sealed class WhyUnknownTests(StoreFixture stores)
{
    private static readonly Dictionary<string, string> SubjectBySituation = new()
    {
        ["no report came"] = "report",
        ["its report is not judged yet"] = "findings",
        ["its packages cannot be read"] = "packages",
        ["its release is not known"] = "release",
        ["no feed covers its release"] = "release buster",
        ["no feed covers its release any more"] = "release bookworm",
        ["a collector failed"] = "listening-sockets",
        ["a package is of a third party"] = "docker-ce",
        ["it is silent"] = "asset",
        ["two hold its identity"] = "identity",
    };

    private static readonly IReadOnlyList<InstalledPackage> Fixed = [Package("libssl3", "3.0.17")];

    public static TheoryData<string, string> Situations
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var situation in SubjectBySituation.Keys)
            {
                foreach (string engine in StoreFixture.Engines.Select(row => row.Data))
                {
                    data.Add(engine, situation);
                }
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Situations))]
    public async Task Assets_OfWhichSomethingIsUnknown_AreUnknownAndSayWhy(string engine, string situation)
    {
        await using var loop = await StartAsync(engine);
        var world = loop.World;

        await GivenAsync(world, situation);

        var asset = await OnlyAsync(world);
        Assert.Equal(ComplianceStatus.Unknown, asset.Status);
        Assert.Contains(SubjectBySituation[situation], asset.Unknown.Select(item => item.Subject));
        Assert.All(asset.Unknown, item => Assert.NotEmpty(item.Reason));
        Assert.Equal((0, 0, 1), await CountAsync(world));
    }

    [Theory]
    [MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Assets_KnownWhole_AreCompliantWhileNoDeadlineIsPast(string engine)
    {
        await using var loop = await StartAsync(engine);
        var world = loop.World;
        var web = await world.EnrolAsync();
        await world.ReportAsync(web, [Package("libssl3", "3.0.15")]);
        await world.RunAsync();

        var asset = await OnlyAsync(world);

        Assert.Equal((ComplianceStatus.Compliant, 0, 1), (asset.Status, asset.UnknownItems, asset.Episodes.Open));
        Assert.Equal((1, 0, 0), await CountAsync(world));
    }

    [Theory]
    [MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Assets_OverdueAndSilent_StayOverdue(string engine)
    {
        await using var loop = await StartAsync(engine);
        var world = loop.World;
        var web = await world.EnrolAsync();
        await world.ReportAsync(web, [Package("libssl3", "3.0.15")]);
        await world.RunAsync();
        world.Time.Advance(TimeSpan.FromDays(62));

        var asset = await OnlyAsync(world);

        // Who switches an agent off does not end what was overdue.
        Assert.Equal((ComplianceStatus.Overdue, 1), (asset.Status, asset.Episodes.Overdue));
        Assert.Equal("asset", asset.Unknown[0].Subject);
        Assert.Equal((0, 1, 0), await CountAsync(world));
    }

    private Task<WholeLoop> StartAsync(string engine) => WholeLoop.StartAsync(stores, engine, new HandMadeFeeds().Fix("openssl", Cve, "3.0.17"));

    private static async Task GivenAsync(ExposureWorld world, string situation)
    {
        var asset = await world.EnrolAsync();
        switch (situation)
        {
            case "no report came":
                return;
            case "its report is not judged yet":
                await world.ReportAsync(asset, Fixed);
                return;
            case "its packages cannot be read":
                await world.ReportAsync(asset, null);
                break;
            case "its release is not known":
                await world.ReportAsync(asset, Fixed, State(release: null));
                break;
            case "no feed covers its release":
                await world.ReportAsync(asset, Fixed, State(release: "buster"));
                break;
            case "a collector failed":
                await world.ReportAsync(asset, Fixed, State() with { Failures = [new CollectorFailure { Collector = "listening-sockets", Reason = "/proc/net/tcp cannot be read" }] });
                break;
            case "a package is of a third party":
                await world.ReportAsync(asset, [.. Fixed, Package("docker-ce", "27.1", "docker-ce", OriginKind.ThirdParty)]);
                break;
            default:
                await world.ReportAsync(asset, Fixed);
                break;
        }
        await world.RunAsync();
        await AfterAsync(world, situation, asset);
    }

    private static async Task AfterAsync(ExposureWorld world, string situation, Guid asset)
    {
        switch (situation)
        {
            case "no feed covers its release any more":
                // Not even until the fleet is looked at again.
                world.Feeds.Replace(new HandMadeFeeds().WithoutCoverage());
                break;
            case "it is silent":
                world.Time.Advance(TimeSpan.FromHours(25));
                break;
            case "two hold its identity":
                await world.Store.WriteAsync(
                    session => session.ExecuteAsync("update inventory_asset set state = @state where id = @asset", new { state = AssetState.Quarantined, asset }), CancellationToken.None);
                break;
        }
    }

    private static async Task<AssetCompliance> OnlyAsync(ExposureWorld world)
    {
        var reader = world.Get<ComplianceReader>();
        return Assert.Single(await reader.AssetsAsync(await reader.LiveAsync(Scope.All, CancellationToken.None), world.Time.GetUtcNow(), CancellationToken.None));
    }

    private static async Task<(int Compliant, int Overdue, int Unknown)> CountAsync(ExposureWorld world)
    {
        var assets = (await world.Get<ComplianceReader>().SummaryAsync(Scope.All, 90, CancellationToken.None)).Assets;
        return (assets.Compliant, assets.Overdue, assets.Unknown);
    }
}
