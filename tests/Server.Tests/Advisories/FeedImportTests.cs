using System.Data.Common;
using Suture.Knowledge.Feeds;
using Suture.Tests;
using static Suture.Server.Tests.Advisories.GivenFeeds;

namespace Suture.Server.Tests.Advisories;

public sealed class FeedImportTests(StoreFixture stores)
{
    public static TheoryData<string> Engines => StoreFixture.Engines;

    /// <summary>What damages a feed on its way: file, content, and what the refusal must say.</summary>
    public static TheoryData<string, string, string> Damage => new()
    {
        { "cut off", FeedNames.FirstEpss, $"{EpssFile}: the gzip file is cut off" },
        { "empty", FeedNames.FirstEpss, $"{EpssFile}: it is empty" },
        { "web page", FeedNames.CisaKev, $"{KevFile}, line 1: it is a web page, not a feed" },
        { "not a number", FeedNames.FirstEpss, $"{EpssFile}, line 3: epss is 'NaN'; wanted is a number from 0 to 1" },
        { "half gone", FeedNames.CisaKev, $"{KevFile}: it has 499 records and the content in force has 1000" },
        { "ten times as many", FeedNames.CisaKev, $"{KevFile}: it has 10000 records and the content in force has 1000; more than 4 times as many" },
        { "older", FeedNames.CisaKev, $"{KevFile}: it is of 2026-08-17 and the content in force of 2026-08-18; a feed never goes back in time" },
        { "from the future", FeedNames.CisaKev, $"{KevFile}, line 2: dateAdded of CVE-2026-0001 is 9999-01-02, which lies in the future" },
        { "too large", FeedNames.CisaKev, $"{KevFile}: it is larger than {FeedLimits.KevJsonBytesMax} packed bytes" },
        { "gzip bomb", FeedNames.CisaKev, $"{KevFile}: it is larger than {FeedLimits.KevJsonBytesMax} bytes" },
        { "other columns", FeedNames.CisaKev, $"{KevFile}, line 1: the header has no column" },
    };

    [Theory]
    [MemberData(nameof(Damage))]
    public async Task Import_DamagedContent_KeepsTheOldAndNamesTheFault(string damage, string feed, string message)
    {
        await using var world = await AdvisoriesWorld.StartAsync(stores, "sqlite");
        await world.ImportAsync((KevFile, Kev(1_000)), (EpssFile, Epss(40)));
        await world.TakeFeedsChangedAsync();
        var (digest, before) = (world.Digest, await world.StateAsync(feed));

        var import = await world.ImportAsync(Damaged(damage));

        Assert.Empty(import.Taken);
        Assert.Equal(digest, world.Digest);
        Assert.Equal(0, await world.TakeFeedsChangedAsync());
        var problem = Assert.Single(import.Problems);
        Assert.StartsWith($"{feed}: ", problem, StringComparison.Ordinal);
        Assert.Contains(message, problem, StringComparison.Ordinal);
        Assert.Equal(before with { Problem = problem, AttemptedUs = world.Time.GetUtcNow() }, await world.StateAsync(feed));
        await using var restarted = await world.RestartAsync();
        Assert.Equal(digest, restarted.Digest);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Import_GoodContent_ReplacesTellsOnceAndOutlivesARestart(string engine)
    {
        var world = await AdvisoriesWorld.StartAsync(stores, engine);
        var nothing = world.Digest;

        var first = await world.ImportAsync((KevFile, Kev(30)), (EpssFile, Epss(30)), (DsaFile, AdvisoryList("DSA", 30)), (DlaFile, AdvisoryList("DLA", 30)));
        Assert.Equal([FeedNames.CisaKev, FeedNames.DebianDla, FeedNames.DebianDsa, FeedNames.FirstEpss], first.Taken);
        Assert.Empty(first.Problems);
        Assert.NotEqual(nothing, world.Digest);
        Assert.Equal(1, await world.TakeFeedsChangedAsync());
        Assert.Equal("1.2-3+deb12u1", Assert.Single(world.Current.FixesOf("bookworm", "source7")).FixedVersion);

        var again = await world.ImportAsync((KevFile, Kev(30)));
        Assert.Equal([FeedNames.CisaKev], again.Taken);
        Assert.Equal(0, await world.TakeFeedsChangedAsync());

        var before = world.Digest;
        await world.ImportAsync(("known_exploited_vulnerabilities-2.csv", Kev(31)));
        Assert.NotEqual(before, world.Digest);
        Assert.Equal(1, await world.TakeFeedsChangedAsync());
        Assert.Equal(31, (await world.StateAsync(FeedNames.CisaKev)).Records);

        before = world.Digest;
        await using var restarted = await world.RestartAsync();
        Assert.True(restarted.Library.IsLoaded);
        Assert.Equal(before, restarted.Digest);
        Assert.Equal(0, await restarted.TakeFeedsChangedAsync());
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Import_AdvisoryChanged_KeepsWhatWasKnownThen(string engine)
    {
        await using var world = await AdvisoriesWorld.StartAsync(stores, engine);
        await world.ImportAsync((DsaFile, AdvisoryList("DSA", 2)));
        var first = world.Time.GetUtcNow();

        await world.ImportAsync((DsaFile, [.. AdvisoryList("DSA", 1, "1.2-3+deb12u2"), .. Text("[17 Aug 2026] DSA-2-1 source2 - security update\n\t{CVE-2026-0002}\n\t[bookworm] - source2 1.2-3+deb12u1\n")]));
        var second = world.Time.GetUtcNow();

        var known = await world.QueryAsync<Known>("select source, fixed_version, published_day, recorded_us, withdrawn_us from advisories_fix order by source, recorded_us");
        Assert.Equal(
        [
            new Known { Source = "source1", FixedVersion = "1.2-3+deb12u1", PublishedDay = "2026-08-18", RecordedUs = first, WithdrawnUs = second },
            new Known { Source = "source1", FixedVersion = "1.2-3+deb12u2", PublishedDay = "2026-08-18", RecordedUs = second },
            new Known { Source = "source2", FixedVersion = "1.2-3+deb12u1", PublishedDay = "2026-08-18", RecordedUs = first, WithdrawnUs = second },
            new Known { Source = "source2", FixedVersion = "1.2-3+deb12u1", PublishedDay = "2026-08-17", RecordedUs = second },
        ],
        known);
        Assert.Equal("1.2-3+deb12u2", Assert.Single(world.Current.FixesOf("bookworm", "source1")).FixedVersion);
    }

    [Fact]
    public async Task Import_OneOfTwoListsRefused_BringsOnlyTheOtherIntoForce()
    {
        await using var world = await AdvisoriesWorld.StartAsync(stores, "sqlite");
        await world.ImportAsync((DsaFile, AdvisoryList("DSA", 30)), (DlaFile, AdvisoryList("DLA", 30)));

        var import = await world.ImportAsync((DsaFile, AdvisoryList("DSA", 31)), (DlaFile, AdvisoryList("DLA", 3)));

        Assert.Equal([FeedNames.DebianDsa], import.Taken);
        Assert.Contains("it has 3 records", Assert.Single(import.Problems), StringComparison.Ordinal);
        Assert.Equal([30, 31], world.Current.Feeds.Select(feed => feed.Records));
    }

    [Fact]
    public async Task Import_ArchiveOfListsWithOneRefused_TakesTheOther()
    {
        await using var world = await AdvisoriesWorld.StartAsync(stores, "sqlite");
        await world.ImportAsync((DsaFile, AdvisoryList("DSA", 30)), (DlaFile, AdvisoryList("DLA", 30)));

        var import = await world.ImportAsync(("debian-tracker-2026-08-19.zip", ListArchive(AdvisoryList("DSA", 31), AdvisoryList("DLA", 3))));

        Assert.Equal([FeedNames.DebianDsa], import.Taken);
        Assert.StartsWith("debian-dla: debian-tracker-2026-08-19.zip: it has 3 records", Assert.Single(import.Problems), StringComparison.Ordinal);
        Assert.Equal([30, 31], world.Current.Feeds.Select(feed => feed.Records));
        Assert.Null((await world.StateAsync(FeedNames.DebianDsa)).Problem);
    }

    [Fact]
    public async Task Import_FolderThatIsNotThere_ChangesNothingAndMakesNoFeed()
    {
        await using var world = await AdvisoriesWorld.StartAsync(stores, "sqlite");

        var import = await world.Library.ImportAsync("/nowhere/feeds", "user:anna", [], CancellationToken.None);

        Assert.Empty(import.Taken);
        Assert.Contains("/nowhere/feeds", Assert.Single(import.Problems), StringComparison.Ordinal);
        Assert.Empty(await world.Library.ListStatesAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Load_KeptFileDamagedOnTheDisk_HoldsWhatWasInForceUntilItIsReplaced()
    {
        var world = await AdvisoriesWorld.StartAsync(stores, "sqlite");
        await world.ImportAsync((KevFile, Kev(30)), (DsaFile, AdvisoryList("DSA", 30)));
        await world.TakeFeedsChangedAsync();
        var digest = world.Digest;
        await File.WriteAllTextAsync(world.KeptPath(FeedNames.DebianDsa, "list"), "");

        await using var restarted = await world.RestartAsync();
        Assert.Equal(digest, restarted.Digest);
        Assert.Contains("DSA_list.txt: the kept file is damaged or gone", (await restarted.StateAsync(FeedNames.DebianDsa)).Problem, StringComparison.Ordinal);

        var other = await restarted.ImportAsync((KevFile, Kev(31)));
        Assert.Empty(other.Problems);
        Assert.Equal([31, 30], restarted.Current.Feeds.Select(feed => feed.Records));
        Assert.Equal(1, await restarted.TakeFeedsChangedAsync());

        await restarted.ImportAsync((DsaFile, AdvisoryList("DSA", 30)));
        Assert.Null((await restarted.StateAsync(FeedNames.DebianDsa)).Problem);
        Assert.Equal(0, await restarted.TakeFeedsChangedAsync());
    }

    [Fact]
    public async Task Load_FeedLostWhole_HoldsWhatWasInForceUntilItComesAnew()
    {
        var world = await AdvisoriesWorld.StartAsync(stores, "sqlite");
        await world.ImportAsync((KevFile, Kev(30)), (DsaFile, AdvisoryList("DSA", 30)));
        var digest = world.Digest;
        foreach (var path in Directory.GetFiles(Path.Combine(world.InForceFolder, FeedNames.DebianDsa)).Where(path => !path.EndsWith(".json", StringComparison.Ordinal)))
        {
            await File.WriteAllTextAsync(path, "");
        }

        await using var restarted = await world.RestartAsync();
        Assert.Equal(digest, restarted.Digest);

        var other = await restarted.ImportAsync((KevFile, Kev(31)));
        Assert.Equal(digest, restarted.Digest);
        Assert.Contains("debian-dsa: DSA_list.txt: the kept file is damaged or gone", Assert.Single(other.Problems), StringComparison.Ordinal);

        await restarted.ImportAsync((DsaFile, AdvisoryList("DSA", 30)));
        Assert.Equal([31, 30], restarted.Current.Feeds.Select(feed => feed.Records));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Load_ImportWasKeptButNotRecorded_RecordsItNow(string engine)
    {
        var world = await AdvisoriesWorld.StartAsync(stores, engine);
        await world.ImportAsync((DsaFile, AdvisoryList("DSA", 30)));
        await RunAsync(world, "alter table platform_work rename to away");
        await Assert.ThrowsAnyAsync<DbException>(() => world.ImportAsync((DsaFile, AdvisoryList("DSA", 31))));
        await RunAsync(world, "alter table away rename to platform_work");
        Assert.Equal(30, (await world.StateAsync(FeedNames.DebianDsa)).Records);

        await using var restarted = await world.RestartAsync();

        Assert.Equal(31, (await restarted.StateAsync(FeedNames.DebianDsa)).Records);
        Assert.Equal([31], await restarted.QueryAsync<int>("select count(*) from advisories_fix where withdrawn_us is null"));
        Assert.Equal(31, restarted.Current.Feeds.Single().Records);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Import_LedgerCannotBeWritten_RecordsNothing(string engine)
    {
        await using var world = await AdvisoriesWorld.StartAsync(stores, engine);
        await world.ImportAsync((KevFile, Kev(30)));
        var (digest, before) = (world.Digest, await world.StateAsync(FeedNames.CisaKev));
        await world.TakeFeedsChangedAsync();
        await RunAsync(world, "alter table platform_ledger rename to away");

        await Assert.ThrowsAnyAsync<DbException>(() => world.ImportAsync((KevFile, Kev(31))));
        await RunAsync(world, "alter table away rename to platform_ledger");

        Assert.Equal((digest, before, 0), (world.Digest, await world.StateAsync(FeedNames.CisaKev), await world.TakeFeedsChangedAsync()));
        Assert.Equal(1, (await world.QueryAsync<int>("select count(*) from platform_ledger where action = 'feeds.imported'")).Single());
    }

    [Fact]
    public async Task Load_NothingChanged_ParsesNothing()
    {
        var world = await AdvisoriesWorld.StartAsync(stores, "sqlite");
        await world.ImportAsync((KevFile, Kev(30)), (DsaFile, AdvisoryList("DSA", 30)));
        var digest = world.Digest;
        // What cannot be parsed any more is not looked at, as long as its size is right.
        foreach (var (feed, part) in new[] { (FeedNames.CisaKev, "catalogue"), (FeedNames.DebianDsa, "list") })
        {
            var path = world.KeptPath(feed, part);
            await File.WriteAllBytesAsync(path, new byte[new FileInfo(path).Length]);
        }

        await using var restarted = await world.RestartAsync();

        Assert.Equal(digest, restarted.Digest);
        Assert.Null((await restarted.StateAsync(FeedNames.CisaKev)).Problem);
    }

    [Fact]
    public async Task Import_SizeThatAPersonAccepts_IsTakenAndInTheLedger()
    {
        await using var world = await AdvisoriesWorld.StartAsync(stores, "sqlite");
        await world.ImportAsync((KevFile, Kev(1_000)));

        var import = await world.ImportAsync([FeedNames.CisaKev], (KevFile, Kev(10_000)));

        Assert.Equal([FeedNames.CisaKev], import.Taken);
        Assert.Equal(10_000, world.Current.Feeds.Single().Records);
        Assert.Contains("cisa-kev", (await world.QueryAsync<string>("select detail from platform_ledger where action = 'feeds.imported' order by sequence desc")).First(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Import_NewContent_IsInTheLedgerOnceAlsoWhenTheServerEndedBeforeTheStoreKnew(string engine)
    {
        var world = await AdvisoriesWorld.StartAsync(stores, engine);
        await world.ImportAsync((KevFile, Kev(30)), (DsaFile, AdvisoryList("DSA", 30)));
        await world.ImportAsync((KevFile, Kev(30)));
        var first = Assert.Single(await world.ChangesAsync());
        Assert.Equal(
            [(FeedNames.CisaKev, 30, 0, 0), (FeedNames.DebianDsa, 30, 30, 0)],
            first.Select(feed => (feed.Name, feed.Records, feed.FixesRecorded, feed.FixesWithdrawn)));
        Assert.All(first, feed => Assert.Equal(64, feed.Digest?.Length));

        await RunAsync(world, "alter table platform_ledger rename to away");
        await Assert.ThrowsAnyAsync<DbException>(() => world.ImportAsync((KevFile, Kev(31))));
        await RunAsync(world, "alter table away rename to platform_ledger");
        Assert.Single(await world.ChangesAsync());

        await using var restarted = await world.RestartAsync();
        Assert.Equal([(FeedNames.CisaKev, 31)], (await restarted.ChangesAsync())[^1].Select(feed => (feed.Name, feed.Records)));
        await using var again = await restarted.RestartAsync();
        Assert.Equal(2, (await again.ChangesAsync()).Count);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Import_NextStageCannotBeTold_IsToldWithTheNextImport(string engine)
    {
        await using var world = await AdvisoriesWorld.StartAsync(stores, engine);
        await world.ImportAsync((KevFile, Kev(30)));
        var digest = world.Digest;
        await world.TakeFeedsChangedAsync();
        await RunAsync(world, "alter table platform_work rename to away");

        await Assert.ThrowsAnyAsync<DbException>(() => world.ImportAsync((KevFile, Kev(31))));
        Assert.Equal(digest, world.Digest);
        await RunAsync(world, "alter table away rename to platform_work");
        await world.ImportAsync((KevFile, Kev(31)));

        Assert.NotEqual(digest, world.Digest);
        Assert.Equal(1, await world.TakeFeedsChangedAsync());
    }

    private static Task RunAsync(AdvisoriesWorld world, string sql) => world.Store.WriteAsync(session => session.ExecuteAsync(sql), CancellationToken.None);

    private static (string Name, byte[] Content) Damaged(string damage) => damage switch
    {
        "cut off" => (EpssFile, Epss(40)[..^20]),
        "empty" => (EpssFile, []),
        "web page" => (KevFile, Text("<!DOCTYPE html><html><body>Please sign in</body></html>")),
        "not a number" => (EpssFile, Epss(40, first: "NaN")),
        "half gone" => (KevFile, Kev(499)),
        "ten times as many" => (KevFile, Kev(10_000)),
        "older" => (KevFile, Kev(1_000, added: "2026-08-17")),
        "from the future" => (KevFile, Kev(1_000, added: "9999-01-02")),
        "too large" => (KevFile, new byte[FeedLimits.KevJsonBytesMax + 1]),
        "gzip bomb" => (KevFile, Gzip(new byte[FeedLimits.KevJsonBytesMax + 1])),
        "other columns" => (KevFile, Text("cve,score\nCVE-2026-0001,1\n")),
        _ => throw new ArgumentOutOfRangeException(nameof(damage), damage, "not known"),
    };

    private static byte[] ListArchive(byte[] dsa, byte[] dla) => Zip([("data/DSA/list", dsa), ("data/DLA/list", dla)]);

    private sealed record Known
    {
        public string Source { get; init; } = "";
        public string FixedVersion { get; init; } = "";
        public string? PublishedDay { get; init; }
        public DateTimeOffset RecordedUs { get; init; }
        public DateTimeOffset? WithdrawnUs { get; init; }
    }
}
