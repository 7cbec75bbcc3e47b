using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Contracts.Inventory;
using Suture.Inventory;
using Suture.Platform.Identity;
using Suture.Tests;

namespace Suture.Server.Tests.Inventory;

public sealed class ReportTests(StoreFixture stores)
{
    private static readonly IReadOnlyList<InstalledPackage> Small = Given.Software(Given.Package("curl"), Given.Package("openssl"));

    private static byte[] Json(AssetReport report) => JsonSerializer.SerializeToUtf8Bytes(report, ContractsJson.Default.AssetReport);

    [Theory]
    [MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Report_Full_StoresFactsAndAsksForTheNextStages(string engine)
    {
        await using var host = await InventoryHost.StartAsync(stores, engine);
        var agent = await host.EnrollAsync();

        var response = await agent.ReportAsync(agent.Full(Small, Given.State(updates: 1)));

        Assert.Equal(ReportOutcome.Accepted, response.Outcome);
        var facts = (await host.Directory.LoadFactsAsync(agent.AssetId, CancellationToken.None))!;
        Assert.Equal(("bookworm", InventoryHost.Start, InventoryHost.Start), (facts.Release, facts.TakenUtc, facts.ReceivedUtc));
        Assert.Equal(Small, facts.Packages);
        Assert.Equal(443, Assert.Single(facts.State.Listening!).Port);
        var asset = (await host.Directory.FindAsync(Scope.All, agent.AssetId, CancellationToken.None))!;
        Assert.Equal((facts.ReportId, "bookworm", ReportDigest.OfSoftware(Small)), (asset.ReportId, asset.Release, asset.SoftwareDigest));
        Assert.Equal(("yes", "observed"), (asset.Context["listening"].Value, asset.Context["listening"].Source));
        Assert.Equal(["inventory.asset-changed " + agent.AssetId.ToString("N"), "inventory.software-changed bookworm"], await WorkAsync(host));
    }

    [Theory]
    [MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Report_UnchangedOrDelta_IsAppliedToWhatTheServerHas(string engine)
    {
        await using var host = await InventoryHost.StartAsync(stores, engine);
        var agent = await host.EnrollAsync();
        var full = agent.Full(Small, Given.State());
        await agent.ReportAsync(full);
        await ForgetWorkAsync(host);

        var unchanged = await agent.ReportAsync(full with { Sequence = 2, Software = null, State = null });
        var quiet = await WorkAsync(host);
        var proving = await agent.ReportAsync(full with { Sequence = 3, Software = null, State = null, AfterJob = Guid.CreateVersion7(InventoryHost.Start) });
        var loud = await WorkAsync(host);
        var next = Given.Software(Given.Package("curl", "2.0-1"), Given.Package("nginx"));
        var delta = await agent.ReportAsync(full with
        {
            Sequence = 4,
            Software = null,
            State = null,
            BaseDigest = full.SoftwareDigest,
            SoftwareDigest = ReportDigest.OfSoftware(next),
            SoftwareDelta = new SoftwareDelta { Set = [Given.Package("curl", "2.0-1"), Given.Package("nginx")], Removed = ["openssl:amd64"] },
        });

        Assert.Equal((ReportOutcome.Accepted, ReportOutcome.Accepted, ReportOutcome.Accepted), (unchanged.Outcome, proving.Outcome, delta.Outcome));
        Assert.Empty(quiet);
        Assert.Equal(["inventory.asset-changed " + agent.AssetId.ToString("N")], loud);
        Assert.Equal(next, (await host.Directory.LoadFactsAsync(agent.AssetId, CancellationToken.None))!.Packages);
        Assert.Equal(2, await host.CountAsync("select count(*) from inventory_software_set"));
        Assert.Equal(1, await host.CountAsync("select count(*) from inventory_machine_state"));
    }

    [Fact]
    public async Task Report_EqualAssets_ShareOneSoftwareSet()
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");

        foreach (var name in (string[])["web-1", "web-2", "web-3"])
        {
            var agent = await host.EnrollAsync(hostName: name);
            await agent.ReportAsync(agent.Full(Small, Given.State()));
        }

        Assert.Equal(1, await host.CountAsync("select count(*) from inventory_software_set"));
        Assert.Equal(3, await host.CountAsync("select count(*) from inventory_report"));
    }

    [Fact]
    public async Task Report_OfUnknownBaseOrDigest_AsksForEverything()
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");
        var agent = await host.EnrollAsync();
        var full = agent.Full(Small, Given.State());
        await agent.ReportAsync(full);
        var other = new string('0', 64);
        AssetReport[] wanting =
        [
            full with { Sequence = 2, Software = null, SoftwareDigest = other },
            full with { Sequence = 2, State = null, StateDigest = other },
            full with { Sequence = 2, Software = null, BaseDigest = other, SoftwareDelta = new SoftwareDelta { Set = [], Removed = [] } },
            full with { Sequence = 2, Software = null, SoftwareDigest = other, BaseDigest = full.SoftwareDigest, SoftwareDelta = new SoftwareDelta { Set = [], Removed = [] } },
            full with { Sequence = 1, BootId = "boot-b", Software = null, State = null },
        ];

        foreach (var report in wanting)
        {
            Assert.Equal(ReportOutcome.FullReportWanted, (await agent.ReportAsync(report)).Outcome);
        }
        Assert.Equal(1, await host.CountAsync("select count(*) from inventory_report"));
    }

    [Fact]
    public async Task Report_SentAgain_IsAlreadyStored()
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");
        var agent = await host.EnrollAsync();
        var first = agent.Full(Small, Given.State());
        await agent.ReportAsync(first);
        await agent.ReportAsync(agent.Full(Small, Given.State(updates: 1)));

        Assert.Equal(ReportOutcome.AlreadyStored, (await agent.ReportAsync(first)).Outcome);
        Assert.Equal(ReportOutcome.AlreadyStored, (await agent.ReportAsync(first with { Software = null, State = null })).Outcome);
        Assert.Equal(2, await host.CountAsync("select count(*) from inventory_report"));
    }

    [Theory]
    [MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Report_AsOftenAtOnceAsAnAgentMay_IsStoredOnce(string engine)
    {
        await using var host = await InventoryHost.StartAsync(stores, engine);
        var agent = await host.EnrollAsync();
        var full = agent.Full(Small, Given.State());

        var outcomes = await Task.WhenAll(Enumerable.Range(0, InventoryLimits.AgentRequestsAtOnce).Select(_ => agent.ReportAsync(full)));

        Assert.Equal(1, outcomes.Count(response => response.Outcome == ReportOutcome.Accepted));
        Assert.Equal(InventoryLimits.AgentRequestsAtOnce - 1, outcomes.Count(response => response.Outcome == ReportOutcome.AlreadyStored));
    }

    [Theory]
    [InlineData("same-number")]
    [InlineData("boot-comes-back")]
    [InlineData("count-goes-back")]
    public async Task Report_OfSecondHolder_QuarantinesUntilAPersonReleases(string how)
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");
        var admin = await host.SignInFirstAsync();
        var agent = await host.EnrollAsync();
        agent.Sequence = 4;
        var first = agent.Full(Small, Given.State());
        if (how == "count-goes-back")
        {
            await agent.ReportAsync(first with { Sequence = 2 });
        }
        await agent.ReportAsync(first);
        if (how == "count-goes-back")
        {
            await host.Store.WriteAsync(session => session.ExecuteAsync("delete from inventory_report where sequence = 2"), CancellationToken.None); // as the old ones go
        }
        if (how == "boot-comes-back")
        {
            await agent.ReportAsync(first with { Sequence = 6, BootId = "boot-b" });
        }

        var clone = how switch
        {
            "same-number" => agent.Full(Given.Software(Given.Package("curl")), Given.State()) with { Sequence = 5 },
            "boot-comes-back" => first with { Sequence = 7 },
            _ => first with { Sequence = 3 },
        };
        var response = await agent.ReportAsync(clone);
        var after = await agent.ReportAsync(first with { Sequence = 9 });
        using var poll = await agent.PollAsync();
        var row = Assert.Single((await admin.GetFromJsonAsync("assets", ContractsJson.Default.PageAssetRow))!.Items);
        using var release = await admin.PostAsync($"assets/{agent.AssetId}/release", null);
        var light = await agent.ReportAsync(first with { Sequence = 10, Software = null, State = null });
        var full = await agent.ReportAsync(first with { Sequence = 11 });

        Assert.Equal((ReportOutcome.Quarantined, ReportOutcome.Quarantined), (response.Outcome, after.Outcome));
        Assert.Equal((AssetState.Quarantined, HttpStatusCode.NoContent), (row.State, release.StatusCode));
        Assert.Equal(HttpStatusCode.Forbidden, poll.StatusCode);
        Assert.Equal((ReportOutcome.FullReportWanted, ReportOutcome.Accepted), (light.Outcome, full.Outcome));
        Assert.Equal(1, await host.CountAsync("select count(*) from platform_ledger where action = 'asset.quarantined'"));
    }

    [Fact]
    public async Task Report_NumberThatWasSkippedComesLate_AsksForEverything()
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");
        var agent = await host.EnrollAsync();
        var full = agent.Full(Small, Given.State());
        await agent.ReportAsync(full);
        await agent.ReportAsync(full with { Sequence = 3 });

        Assert.Equal(ReportOutcome.FullReportWanted, (await agent.ReportAsync(full with { Sequence = 2 })).Outcome);
        Assert.Equal(ReportOutcome.Accepted, (await agent.ReportAsync(full with { Sequence = 4 })).Outcome);
    }

    [Fact]
    public async Task Report_Reboot_IsTaken()
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");
        var agent = await host.EnrollAsync();
        var full = agent.Full(Small, Given.State());
        await agent.ReportAsync(full);

        Assert.Equal(ReportOutcome.Accepted, (await agent.ReportAsync(full with { Sequence = 2, BootId = "boot-b", Software = null, State = null })).Outcome);
    }

    [Fact]
    public async Task Report_NewBootWhoseNumberDoesNotFollow_CountsWhenItSpeaksASecondTime()
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");
        var agent = await host.EnrollAsync();
        var full = agent.Full(Small, Given.State()) with { Sequence = 7 };
        await agent.ReportAsync(full);

        Assert.Equal(ReportOutcome.FullReportWanted, (await agent.ReportAsync(full with { Sequence = 1, BootId = "boot-c" })).Outcome);
        Assert.Equal(ReportOutcome.FullReportWanted, (await agent.ReportAsync(full with { Sequence = 1, BootId = "boot-c" })).Outcome);
        Assert.Equal(ReportOutcome.Accepted, (await agent.ReportAsync(full with { Sequence = 2, BootId = "boot-c" })).Outcome);
    }

    [Fact]
    public async Task Report_ThatCameLateFromAnEarlierBoot_IsNoSecondHolder_ButOneThatWentOnIs()
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");
        var agent = await host.EnrollAsync();
        var full = agent.Full(Small, Given.State());
        await agent.ReportAsync(full);
        await agent.ReportAsync(full with { Sequence = 3, BootId = "boot-b" });

        Assert.Equal(ReportOutcome.FullReportWanted, (await agent.ReportAsync(full with { Sequence = 2 })).Outcome);
        Assert.Equal(ReportOutcome.Accepted, (await agent.ReportAsync(full with { Sequence = 4, BootId = "boot-b" })).Outcome);
        Assert.Equal(ReportOutcome.Quarantined, (await agent.ReportAsync(full with { Sequence = 3 })).Outcome);
    }

    [Fact]
    public async Task Report_DigestThatIsNotOfTheContent_IsRefused()
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");
        var agent = await host.EnrollAsync();
        var full = agent.Full(Small, Given.State());

        using var software = await agent.SendAsync(full with { SoftwareDigest = new string('0', 64) });
        using var state = await agent.SendAsync(full with { StateDigest = new string('0', 64) });

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest), (software.StatusCode, state.StatusCode));
        Assert.Equal(0, await host.CountAsync("select count(*) from inventory_report"));
        Assert.Equal(0, await host.CountAsync("select count(*) from inventory_software_set"));
    }

    [Fact]
    public async Task Report_SoftwareUnknown_IsStoredAsUnknown()
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");
        var agent = await host.EnrollAsync();
        var state = Given.State() with { Failures = [new CollectorFailure { Collector = "packages", Reason = "The status file cannot be read." }] };
        await agent.ReportAsync(agent.Full(Small, Given.State()));

        var response = await agent.ReportAsync(agent.Full([], state) with { Software = null, SoftwareDigest = null });

        Assert.Equal(ReportOutcome.Accepted, response.Outcome);
        Assert.Null((await host.Directory.LoadFactsAsync(agent.AssetId, CancellationToken.None))!.Packages);
    }

    [Theory]
    [InlineData(6, true)] // minutes ahead
    [InlineData(4, false)]
    [InlineData(-60 * 24 * 8, true)]
    [InlineData(-60, false)]
    public async Task Report_ClockOutOfBounds_HasOurTimeAndSaysSo(int minutes, bool isWrong)
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");
        var agent = await host.EnrollAsync();
        var taken = InventoryHost.Start.AddMinutes(minutes);

        await agent.ReportAsync(agent.Full(Small, Given.State()) with { TakenUtc = taken });

        var facts = (await host.Directory.LoadFactsAsync(agent.AssetId, CancellationToken.None))!;
        Assert.Equal((isWrong, isWrong ? InventoryHost.Start : taken), (facts.ClockWrong, facts.TakenUtc));
    }

    [Fact]
    public async Task Report_ManyFaults_AreToldTogether()
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");
        var agent = await host.EnrollAsync();
        var bad = Given.Package("Bad Name!") with { Version = "1 0", Architecture = "AMD64", OriginLabel = "a\nb" };
        var report = agent.Full([Given.Package("zlib"), bad, Given.Package("curl"), Given.Package("curl")], Given.State() with
        {
            OperatingSystem = Given.State().OperatingSystem! with { Codename = "../etc" },
            OutdatedProcessesSeen = [new OutdatedProcess { Package = "A b", ProcessId = 7, Command = "x", StartedUtc = default, Basis = OutdatedBasis.MapsReplacedFile, File = "/x" }],
            Listening = [new ListeningSocket { Protocol = "sctp", Address = "::", Port = 70000, Command = "x", IsLoopbackOnly = false }],
        }) with { Schema = 2, Sequence = 0, BootId = "", HostName = "a b" };

        using var response = await agent.SendAsync(report);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var problem = (await response.Content.ReadFromJsonAsync(ContractsJson.Default.Problem))!;
        Assert.Equal(
            [
                "bootId", "hostName", "schema", "sequence", "software[1]", "software[1].architecture", "software[1].name", "software[1].originLabel",
                "software[1].source", "software[1].version", "software[3]", "state.listening[0]", "state.operatingSystem.codename", "state.outdatedProcessesSeen[0]",
            ],
            problem.Errors!.Keys.Order(StringComparer.Ordinal));
    }

    public static TheoryData<string, string> BrokenJson => new()
    {
        { "not utf-8", "latin" },
        { "member twice", "twice" },
        { "too deep", "deep" },
        { "lone surrogate", "surrogate" },
        { "null package", "null-element" },
        { "null list element of state", "null-state" },
        { "U+0000", "nul" },
        { "number for enum", "enum" },
        { "null body", "null" },
        { "cut off", "cut" },
        { "array", "array" },
    };

    [Theory]
    [MemberData(nameof(BrokenJson))]
    public async Task Report_BrokenJson_IsRefused(string what, string kind)
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");
        var agent = await host.EnrollAsync();
        var text = Encoding.UTF8.GetString(Json(agent.Full(Small, Given.State())));
        var bytes = kind switch
        {
            "latin" => Encoding.Latin1.GetBytes(text.Replace("Debian bookworm", "D\u00e9bian", StringComparison.Ordinal)),
            "twice" => Encoding.UTF8.GetBytes(text.Replace("{\"schema\":1", "{\"schema\":1,\"schema\":1", StringComparison.Ordinal)),
            "deep" => Encoding.UTF8.GetBytes(text[..^1] + ",\"more\":" + new string('[', 100_000) + new string(']', 100_000) + "}"),
            "surrogate" => Encoding.UTF8.GetBytes(text.Replace("Debian bookworm", "\\ud800", StringComparison.Ordinal)),
            "null-element" => Encoding.UTF8.GetBytes(text.Replace("\"software\":[", "\"software\":[null,", StringComparison.Ordinal)),
            "null-state" => Encoding.UTF8.GetBytes(text.Replace("\"listening\":[", "\"listening\":[null,", StringComparison.Ordinal)),
            "nul" => Encoding.UTF8.GetBytes(text.Replace("Debian bookworm", "a\\u0000b", StringComparison.Ordinal)),
            "enum" => Encoding.UTF8.GetBytes(text.Replace("\"distribution\"", "1", StringComparison.Ordinal)),
            "null" => "null"u8.ToArray(),
            "cut" => Encoding.UTF8.GetBytes(text[..(text.Length / 2)]),
            _ => "[]"u8.ToArray(),
        };

        using var response = await agent.SendRawAsync(bytes, null);

        Assert.True(response.StatusCode == HttpStatusCode.BadRequest, $"{what}: {response.StatusCode}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(0, await host.CountAsync("select count(*) from inventory_report"));
    }

    [Fact]
    public async Task Report_MemberOfANewerAgent_IsLeftOut()
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");
        var agent = await host.EnrollAsync();
        var text = Encoding.UTF8.GetString(Json(agent.Full(Small, Given.State())));

        using var response = await agent.SendAsync(Encoding.UTF8.GetBytes(text[..^1] + ",\"tomorrow\":[1,2]}"));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Report_BombsAndStrangeEncodings_AreRefused()
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");
        var agent = await host.EnrollAsync();
        var bomb = TestAgent.Gzip(new byte[64 * 1024 * 1024]);
        var ratio = TestAgent.Gzip(Enumerable.Repeat((byte)' ', 4 * 1024 * 1024).ToArray());

        var spaces = TestAgent.Gzip(Enumerable.Repeat((byte)' ', 64 * 1024 * 1024).ToArray());

        using var zeros = await agent.SendRawAsync(bomb, "gzip");
        using var large = await agent.SendRawAsync(spaces, "gzip");
        using var thin = await agent.SendRawAsync(ratio, "gzip");
        using var nested = await agent.SendRawAsync(bomb, "br");
        using var cut = await agent.SendRawAsync(TestAgent.Gzip(Json(agent.Full(Small, Given.State())))[..^12], "gzip");
        using var none = await agent.SendRawAsync("no gzip"u8.ToArray(), "gzip");

        Assert.Equal(HttpStatusCode.BadRequest, zeros.StatusCode); // no JSON from its first byte: nothing more of it is unpacked
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, thin.StatusCode);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, nested.StatusCode);
        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest), (cut.StatusCode, none.StatusCode));
    }

    [Fact]
    public async Task Report_LargerThanTheWireLimit_IsRefused()
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");
        var agent = await host.EnrollAsync();

        using var response = await agent.SendRawAsync(new byte[InventoryLimits.ReportWireBytesMax + 1], null);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Theory]
    [MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Report_MoreThanAreKept_RemovesTheOldestAndItsContent(string engine)
    {
        await using var host = await InventoryHost.StartAsync(stores, engine);
        var agent = await host.EnrollAsync();
        for (var number = 1; number <= InventoryLimits.ReportsKept + 5; number++)
        {
            host.Clock.Advance(TimeSpan.FromMinutes(15));
            await agent.ReportAsync(agent.Full(Given.Software(Given.Package("curl", $"1.{number}")), Given.State()));
        }

        host.Clock.Advance(TimeSpan.FromHours(2));
        await ((CleanInventory)host.Services.GetService(typeof(CleanInventory))!).CleanAsync(CancellationToken.None);

        Assert.Equal(InventoryLimits.ReportsKept, await host.CountAsync("select count(*) from inventory_report"));
        Assert.Equal(InventoryLimits.ReportsKept, await host.CountAsync("select count(*) from inventory_software_set"));
        Assert.Equal(1, await host.CountAsync("select count(*) from inventory_machine_state"));
        Assert.Equal("1.55", (await host.Directory.LoadFactsAsync(agent.AssetId, CancellationToken.None))!.Packages![0].Version);
    }

    private static async Task<IReadOnlyList<string>> WorkAsync(InventoryHost host) =>
        await host.QueryAsync<string>("select kind || ' ' || subject from platform_work order by kind");

    private static Task ForgetWorkAsync(InventoryHost host) =>
        host.Store.WriteAsync(session => session.ExecuteAsync("delete from platform_work"), CancellationToken.None);
}
