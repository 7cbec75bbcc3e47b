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
        { "half gone", FeedNames.CisaKev, "it has 19 records and the content in force has 40" },
        { "older", FeedNames.CisaKev, "a feed never goes back in time" },
        { "ten times too large", FeedNames.CisaKev, $"{KevFile}: it is larger than {FeedLimits.KevBytesMax} packed bytes" },
        { "gzip bomb", FeedNames.CisaKev, $"{KevFile}: it is larger than {FeedLimits.KevBytesMax} bytes" },
        { "other columns", FeedNames.CisaKev, $"{KevFile}, line 1: the header has no column" },
    };

    [Theory]
    [MemberData(nameof(Damage))]
    public async Task Import_DamagedContent_KeepsTheOldAndNamesTheFault(string damage, string feed, string message)
    {
        await using var world = await AdvisoriesWorld.StartAsync(stores, "sqlite");
        await world.ImportAsync((KevFile, Kev(40)), (EpssFile, Epss(40)));
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
        Assert.False(File.Exists(Path.Combine(world.InForceFolder, KevFile)));

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
    public async Task Import_ArchiveOfListsWithOneRefused_TakesNeither()
    {
        await using var world = await AdvisoriesWorld.StartAsync(stores, "sqlite");
        await world.ImportAsync((DsaFile, AdvisoryList("DSA", 30)), (DlaFile, AdvisoryList("DLA", 30)));
        var digest = world.Digest;

        var import = await world.ImportAsync(("debian-tracker-2026-08-19.zip", ListArchive(AdvisoryList("DSA", 31), AdvisoryList("DLA", 3))));

        Assert.Empty(import.Taken);
        Assert.Contains(import.Problems, problem => problem.Contains("it has 3 records", StringComparison.Ordinal));
        Assert.Contains(import.Problems, problem => problem.Contains("it also holds debian-dla, which is refused", StringComparison.Ordinal));
        Assert.Equal(digest, world.Digest);
    }

    [Fact]
    public async Task Import_FolderThatIsNotThere_ChangesNothingAndMakesNoFeed()
    {
        await using var world = await AdvisoriesWorld.StartAsync(stores, "sqlite");

        var import = await world.Library.ImportAsync("/nowhere/feeds", CancellationToken.None);

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
        await File.WriteAllTextAsync(Path.Combine(world.InForceFolder, DsaFile), "");

        await using var restarted = await world.RestartAsync();
        Assert.Equal(digest, restarted.Digest);
        Assert.Contains("the kept content is damaged or gone", (await restarted.StateAsync(FeedNames.DebianDsa)).Problem, StringComparison.Ordinal);

        var other = await restarted.ImportAsync((KevFile, Kev(31)));
        Assert.Equal(digest, restarted.Digest);
        Assert.Contains("the kept content is damaged or gone", Assert.Single(other.Problems), StringComparison.Ordinal);

        await restarted.ImportAsync((DsaFile, AdvisoryList("DSA", 30)));
        Assert.Null((await restarted.StateAsync(FeedNames.DebianDsa)).Problem);
        Assert.Equal([31, 30], restarted.Current.Feeds.Select(feed => feed.Records));
        Assert.Equal(1, await restarted.TakeFeedsChangedAsync());
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
        "half gone" => (KevFile, Kev(19)),
        "older" => (KevFile, Kev(40, added: "2026-08-17")),
        "ten times too large" => (KevFile, new byte[FeedLimits.KevBytesMax + 1]),
        "gzip bomb" => (KevFile, Gzip(new byte[FeedLimits.KevBytesMax + 1])),
        "other columns" => (KevFile, Text("cve,score\nCVE-2026-0001,1\n")),
        _ => throw new ArgumentOutOfRangeException(nameof(damage), damage, "not known"),
    };

    private static byte[] ListArchive(byte[] dsa, byte[] dla)
    {
        using var bytes = new MemoryStream();
        using (var zip = new System.IO.Compression.ZipArchive(bytes, System.IO.Compression.ZipArchiveMode.Create))
        {
            foreach (var (name, content) in new[] { ("data/DSA/list", dsa), ("data/DLA/list", dla) })
            {
                using var entry = zip.CreateEntry(name).Open();
                entry.Write(content);
            }
        }
        return bytes.ToArray();
    }

    private sealed record Known
    {
        public string Source { get; init; } = "";
        public string FixedVersion { get; init; } = "";
        public string? PublishedDay { get; init; }
        public DateTimeOffset RecordedUs { get; init; }
        public DateTimeOffset? WithdrawnUs { get; init; }
    }
}
