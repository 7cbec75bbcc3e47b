using System.Security.Cryptography;
using System.Text;
using Suture.Advisories;
using Suture.Advisories.Archive;
using Suture.Advisories.Fetching;
using Suture.Contracts.Inventory;
using Suture.Knowledge.Feeds;
using Suture.Server.Tests.Exposure;
using Suture.Tests;
using static Suture.Server.Tests.Advisories.AdvisoriesWorld;

namespace Suture.Server.Tests.Advisories;

/// <summary>From a signed archive on a web server to records in force.</summary>
public sealed class ReadArchiveTests(StoreFixture stores)
{
    private const string Feed = "debian-archive/bookworm-security";

    public static TheoryData<string> Engines => StoreFixture.Engines;

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Read_FleetIsBehind_PutsTheChangelogsCvesInForce(string engine)
    {
        using var archive = await SignedArchive.CreateAsync();
        await using var server = await LoopbackFiles.StartAsync();
        await using var world = await StartAsync(stores, engine, archive.Options(server));
        await archive.PublishAsync(server, Start, await ToolAsync(archive), ("plain", "2.0", await archive.PackageAsync("plain", "2.0", null)));
        await world.EnrolAsync(Installed("tool", "1.0-1"), Installed("plain", "1.0"), Installed("alien", "1.0"));
        await world.EnrolAsync(Installed("tool", "1.0-2"));

        await world.ReadArchiveAsync();

        var fixes = world.Current.FixesOf("bookworm", "tool");
        Assert.Equal([("CVE-2026-0002", "1.0-2"), ("CVE-2026-0003", "1.0-3")], fixes.Select(fix => (fix.Vulnerability, fix.FixedVersion)));
        Assert.Equal(new FixRecord("bookworm", "tool", "CVE-2026-0003", "1.0-3", "tool 1.0-3", new DateOnly(2026, 8, 18), FeedNames.DebianArchive), fixes[1].Records[0]);
        Assert.Equal("UNREAD-plain-2.0", Assert.Single(world.Current.FixesOf("bookworm", "plain")).Vulnerability);
        Assert.True(world.Current.Covers("bookworm"));
        Assert.Equal(1, await world.TakeFeedsChangedAsync());
        var state = await world.StateAsync(Feed);
        Assert.Equal((2, "2026-08-20", Start, null), (state.Records, state.ContentDay, state.SignedUtc, state.Problem));
        Assert.Equal(new Uri(server.Url, "debian-security").ToString(), state.Url);

        var asked = server.Asked.Count;
        await world.ReadArchiveAsync();
        Assert.Equal(["InRelease"], server.Asked.Skip(asked).Select(request => request.Path.Split('/')[^1]));
        Assert.Equal((Feed, 2, 3, 0), Assert.Single((await world.ChangesAsync()).Select(feeds => Assert.Single(feeds)).Select(told => (told.Name, told.Records, told.FixesRecorded, told.FixesWithdrawn))));
        Assert.Equal(0, await world.TakeFeedsChangedAsync());
        var digest = world.Digest;
        await using var restarted = await world.RestartAsync();
        Assert.Equal(digest, restarted.Digest);
    }

    [Theory]
    [InlineData("tampered package", "has SHA-256")]
    [InlineData("tampered index", "has SHA-256")]
    [InlineData("older release file", "signed metadata never goes back")]
    [InlineData("release file unsigned", "its signature does not hold")]
    [InlineData("release file too old", "it was valid until")]
    [InlineData("index that is no xz", "the packed bytes are damaged")]
    public async Task Read_SomethingIsWrong_KeepsTheOldInForceAndSaysWhy(string fault, string message)
    {
        using var archive = await SignedArchive.CreateAsync();
        await using var server = await LoopbackFiles.StartAsync();
        await using var world = await StartAsync(stores, "sqlite", archive.Options(server));
        await archive.PublishAsync(server, Start, await ToolAsync(archive));
        await world.EnrolAsync(Installed("tool", "1.0-1"), Installed("next", "1.0"));
        await world.ReadArchiveAsync();
        await world.TakeFeedsChangedAsync();
        var (digest, before) = (world.Digest, await world.StateAsync(Feed));

        await BreakAsync(archive, server, fault);
        if (fault == "release file too old")
        {
            world.Time.Advance(TimeSpan.FromDays(7));
        }
        await world.ReadArchiveAsync();

        var state = await world.StateAsync(Feed);
        Assert.Contains(message, state.Problem, StringComparison.Ordinal);
        Assert.Equal(before with { Problem = state.Problem, AttemptedUs = world.Time.GetUtcNow() }, state);
        Assert.Equal(digest, world.Digest);
        Assert.Equal(0, await world.TakeFeedsChangedAsync());
        Assert.Equal([AdvisoriesWork.ArchiveDue], await world.QueryAsync<string>("select kind from platform_work where subject = 'bookworm'"));
    }

    [Fact]
    public async Task Read_FirstLookFails_LeavesTheReleaseUncovered()
    {
        using var archive = await SignedArchive.CreateAsync();
        await using var server = await LoopbackFiles.StartAsync();
        await using var world = await StartAsync(stores, "sqlite", archive.Options(server));
        await world.EnrolAsync(Installed("tool", "1.0-1"));

        await world.ReadArchiveAsync();

        var state = await world.StateAsync(Feed);
        Assert.Equal((0, new Uri(server.Url, "debian-security").ToString(), null), (state.Records, state.Url, state.SucceededUs));
        Assert.Contains("answered 404", state.Problem, StringComparison.Ordinal);
        Assert.False(world.Current.Covers("bookworm"));
    }

    [Fact]
    public async Task Read_RunIsOverItsBytes_LeavesTheRestUnreadUntilTheNext()
    {
        using var archive = await SignedArchive.CreateAsync();
        await using var server = await LoopbackFiles.StartAsync();
        var tool = await ToolAsync(archive);
        var next = ("zebra", "2.0", await archive.PackageAsync("zebra", "2.0", SignedArchive.Changelog("zebra", ("2.0", "CVE-2026-0020"))));
        var options = archive.Options(server);
        options.RunBytesMax = tool.Content.Length + 10;
        await using var world = await StartAsync(stores, "sqlite", options);
        await archive.PublishAsync(server, Start, tool, next);
        await world.EnrolAsync(Installed("tool", "1.0-2"), Installed("zebra", "1.0"));

        await world.ReadArchiveAsync();
        Assert.Equal("CVE-2026-0003", Assert.Single(world.Current.FixesOf("bookworm", "tool")).Vulnerability);
        var unread = Assert.Single(world.Current.FixesOf("bookworm", "zebra"));
        Assert.Equal(("UNREAD-zebra-2.0", false), (unread.Vulnerability, unread.IsUnrated));
        Assert.Equal("changelog not read yet, because this run has read as many bytes as it may; the next goes on", unread.Records[0].Record);

        await world.ReadArchiveAsync();
        Assert.Equal("CVE-2026-0003", Assert.Single(world.Current.FixesOf("bookworm", "tool")).Vulnerability);
        Assert.Equal("CVE-2026-0020", Assert.Single(world.Current.FixesOf("bookworm", "zebra")).Vulnerability);
        Assert.Null((await world.StateAsync(Feed)).Problem);
    }

    [Fact]
    public async Task Read_OnePackageCannotBeRead_IsUnreadAndTheOthersAreRead()
    {
        using var archive = await SignedArchive.CreateAsync();
        await using var server = await LoopbackFiles.StartAsync();
        await using var world = await StartAsync(stores, "sqlite", archive.Options(server));
        await archive.PublishAsync(server, Start, ("broken", "2.0", Encoding.ASCII.GetBytes("no package, and yet signed")), await ToolAsync(archive));
        await world.EnrolAsync(Installed("tool", "1.0-2"), Installed("broken", "1.0"));

        await world.ReadArchiveAsync();

        var broken = Assert.Single(world.Current.FixesOf("bookworm", "broken"));
        Assert.Equal(("UNREAD-broken-2.0", "changelog not read yet, because broken_2.0_all.deb cannot be read: not a Debian package: the ar signature is missing"),
            (broken.Vulnerability, broken.Records[0].Record));
        Assert.Equal("CVE-2026-0003", Assert.Single(world.Current.FixesOf("bookworm", "tool")).Vulnerability);
    }

    [Fact]
    public async Task Read_ArchiveLacksAPackageOfItsIndex_AsksAnotherOfThatSource()
    {
        using var archive = await SignedArchive.CreateAsync();
        await using var server = await LoopbackFiles.StartAsync();
        await using var world = await StartAsync(stores, "sqlite", archive.Options(server));
        byte[] Changelog(string first) => SignedArchive.Changelog("twins", ("2.0", "CVE-2026-0020"), ("1.0", first));
        await archive.PublishAsync(
            server, Start,
            new Published("twins-small", "2.0", await archive.PackageAsync("twins-small", "2.0", Changelog("First"))) { Source = "twins" },
            new Published("twins-larger", "2.0", await archive.PackageAsync("twins-larger", "2.0", Changelog(Convert.ToHexString(RandomNumberGenerator.GetBytes(9_000))))) { Source = "twins" });
        Assert.True(server.Files.TryRemove("debian-security/" + SignedArchive.PoolPath("twins-small", "2.0"), out _));
        await world.EnrolAsync(Installed("twins", "1.0"));

        await world.ReadArchiveAsync();

        Assert.Equal("CVE-2026-0020", Assert.Single(world.Current.FixesOf("bookworm", "twins")).Vulnerability);
        Assert.Null((await world.StateAsync(Feed)).Problem);
    }

    [Fact]
    public async Task Read_ArchiveLacksEveryPackageOfASource_IsUnreadUntilTheNextLookAndTheOthersAreRead()
    {
        using var archive = await SignedArchive.CreateAsync();
        await using var server = await LoopbackFiles.StartAsync();
        await using var world = await StartAsync(stores, "sqlite", archive.Options(server));
        await archive.PublishAsync(
            server, Start, ("late", "2.0", await archive.PackageAsync("late", "2.0", SignedArchive.Changelog("late", ("2.0", "CVE-2026-0020"), ("1.0", "First")))),
            await ToolAsync(archive));
        var path = "debian-security/" + SignedArchive.PoolPath("late", "2.0");
        Assert.True(server.Files.TryRemove(path, out var package));
        await world.EnrolAsync(Installed("tool", "1.0-2"), Installed("late", "1.0"));

        await world.ReadArchiveAsync();

        Assert.Equal(
            "changelog not read yet, because the archive names late_2.0_all.deb and does not have it",
            Assert.Single(world.Current.FixesOf("bookworm", "late")).Records[0].Record);
        Assert.Equal("CVE-2026-0003", Assert.Single(world.Current.FixesOf("bookworm", "tool")).Vulnerability);
        await world.ReadArchiveAsync();
        Assert.Single(await world.ChangesAsync());

        server.Files[path] = package;
        await world.ReadArchiveAsync();

        Assert.Equal((1, 1), (await world.ChangesAsync())[^1].Select(told => (told.FixesRecorded, told.FixesWithdrawn)).Single());

        Assert.Equal("CVE-2026-0020", Assert.Single(world.Current.FixesOf("bookworm", "late")).Vulnerability);
    }

    [Fact]
    public async Task Read_ChangelogNamesNoCve_IsUnrated()
    {
        using var archive = await SignedArchive.CreateAsync();
        await using var server = await LoopbackFiles.StartAsync();
        await using var world = await StartAsync(stores, "sqlite", archive.Options(server));
        await archive.PublishAsync(server, Start, ("quiet", "2.0", await archive.PackageAsync("quiet", "2.0", SignedArchive.Changelog("quiet", ("2.0", "Tidy up"), ("1.0", "First")))));
        await world.EnrolAsync(Installed("quiet", "1.0"));

        await world.ReadArchiveAsync();

        Assert.Equal(("UNRATED-quiet-2.0", true), Assert.Single(world.Current.FixesOf("bookworm", "quiet").Select(fix => (fix.Vulnerability, fix.IsUnrated))));
    }

    [Theory]
    [InlineData("other")] // points to a package that is not there: the next larger ones are asked in turn
    [InlineData("kernel-large")]
    [InlineData("/usr/share/doc/kernel-large")]
    public async Task Read_SmallPackagesAreLinks_ReadsThePackageWithTheChangelog(string link)
    {
        using var archive = await SignedArchive.CreateAsync();
        await using var server = await LoopbackFiles.StartAsync();
        await using var world = await StartAsync(stores, "sqlite", archive.Options(server));
        var packages = new List<Published>
        {
            new("kernel-large", "2.0", await archive.PackageAsync("kernel-large", "2.0", SignedArchive.Changelog("kernel", ("2.0", "CVE-2026-0020"), ("1.0", "CVE-2026-0010")), "none")) { Source = "kernel" },
        };
        foreach (var number in Enumerable.Range(1, 7))
        {
            packages.Add(new($"kernel-meta{number}", "2.0", await archive.PackageAsync($"kernel-meta{number}", "2.0", null, link: link)) { Source = "kernel" });
        }
        await archive.PublishAsync(server, Start, [.. packages]);
        await world.EnrolAsync(Installed("kernel", "1.0"));

        await world.ReadArchiveAsync();

        Assert.Equal("CVE-2026-0020", Assert.Single(world.Current.FixesOf("bookworm", "kernel")).Vulnerability);
    }

    [Fact]
    public async Task Read_NoPackageHasAChangelog_IsUnreadAndAskedAgainTheNextDay()
    {
        using var archive = await SignedArchive.CreateAsync();
        await using var server = await LoopbackFiles.StartAsync();
        await using var world = await StartAsync(stores, "sqlite", archive.Options(server));
        await archive.PublishAsync(server, Start, ("plain", "2.0", await archive.PackageAsync("plain", "2.0", null)));
        await world.EnrolAsync(Installed("plain", "1.0"));
        const string package = "debian-security/pool/main/plain_2.0_all.deb";

        await world.ReadArchiveAsync();
        Assert.Equal("changelog not read yet, because none of its packages carries one", Assert.Single(world.Current.FixesOf("bookworm", "plain")).Records[0].Record);
        await world.ReadArchiveAsync();
        Assert.Single(server.Asked, request => request.Path == package);

        world.Time.Advance(TimeSpan.FromDays(1));
        await world.ReadArchiveAsync();
        Assert.Equal(2, server.Asked.Count(request => request.Path == package));
        Assert.Equal("UNREAD-plain-2.0", Assert.Single(world.Current.FixesOf("bookworm", "plain")).Vulnerability);
    }

    [Fact]
    public async Task Read_ChangelogOfAnotherVersion_IsNotTakenForItsOwn()
    {
        using var archive = await SignedArchive.CreateAsync();
        await using var server = await LoopbackFiles.StartAsync();
        await using var world = await StartAsync(stores, "sqlite", archive.Options(server));
        await archive.PublishAsync(server, Start, ("tool", "2.0", await archive.PackageAsync("tool", "2.0", SignedArchive.Changelog("tool", ("1.9", "CVE-2026-0019"), ("1.0", "First")))));
        await world.EnrolAsync(Installed("tool", "1.0"));

        await world.ReadArchiveAsync();

        Assert.Equal("UNREAD-tool-2.0", Assert.Single(world.Current.FixesOf("bookworm", "tool")).Vulnerability);
    }

    [Fact]
    public async Task Read_EveryPackageIsTooLarge_IsUnreadAndNothingIsFetched()
    {
        using var archive = await SignedArchive.CreateAsync();
        await using var server = await LoopbackFiles.StartAsync();
        var options = archive.Options(server);
        options.PackageBytesMax = 100;
        await using var world = await StartAsync(stores, "sqlite", options);
        await archive.PublishAsync(server, Start, await ToolAsync(archive));
        await world.EnrolAsync(Installed("tool", "1.0-2"));

        await world.ReadArchiveAsync();

        var unread = Assert.Single(world.Current.FixesOf("bookworm", "tool"));
        Assert.Equal("changelog not read yet, because each of its packages has more than the 100 bytes allowed", unread.Records[0].Record);
        Assert.DoesNotContain(server.Asked, request => request.Path.EndsWith(".deb", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Read_OtherComponents_AreReadToo()
    {
        using var archive = await SignedArchive.CreateAsync();
        await using var server = await LoopbackFiles.StartAsync();
        await using var world = await StartAsync(stores, "sqlite", archive.Options(server));
        var firmware = await archive.PackageAsync("microcode", "3.2", SignedArchive.Changelog("microcode", ("3.2", "CVE-2026-0032"), ("3.1", "First")));
        await archive.PublishAsync(server, Start, new Published("microcode", "3.2", firmware) { Component = "non-free-firmware" });
        await world.EnrolAsync(Installed("microcode", "3.1"));

        await world.ReadArchiveAsync();

        Assert.Equal("CVE-2026-0032", Assert.Single(world.Current.FixesOf("bookworm", "microcode")).Vulnerability);
        Assert.Equal(1, (await world.StateAsync(Feed)).Records);
    }

    [Fact]
    public async Task Read_NothingChangedAtTheArchive_AsksConditionallyAndStillReadsForTheFleet()
    {
        using var archive = await SignedArchive.CreateAsync();
        await using var server = await LoopbackFiles.StartAsync();
        server.ETag = "\"1\"";
        await using var world = await StartAsync(stores, "sqlite", archive.Options(server));
        await archive.PublishAsync(server, Start, await ToolAsync(archive), ("zebra", "2.0", await archive.PackageAsync("zebra", "2.0", SignedArchive.Changelog("zebra", ("2.0", "CVE-2026-0020")))));
        await world.EnrolAsync(Installed("tool", "1.0-2"));
        await world.ReadArchiveAsync();

        var asked = server.Asked.Count;
        await world.ReadArchiveAsync();
        Assert.Equal([("InRelease", 304)], server.Asked.Skip(asked).Select(request => (request.Path.Split('/')[^1], request.Status)));
        Assert.Equal(world.Time.GetUtcNow(), (await world.StateAsync(Feed)).SucceededUs);

        await world.EnrolAsync(Installed("zebra", "1.0"));
        asked = server.Asked.Count;
        await world.ReadArchiveAsync();
        // The look for the change, and the one that was due anyway: both ask, neither is answered in full.
        Assert.Equal([("InRelease", 304), ("zebra_2.0_all.deb", 200)], server.Asked.Skip(asked).Select(request => (request.Path.Split('/')[^1], request.Status)).Distinct());
        Assert.Equal("CVE-2026-0020", Assert.Single(world.Current.FixesOf("bookworm", "zebra")).Vulnerability);
    }

    [Fact]
    public async Task Read_ArchiveSaysUnchangedUntilItsFileIsTooOld_IsRefused()
    {
        using var archive = await SignedArchive.CreateAsync();
        await using var server = await LoopbackFiles.StartAsync();
        server.ETag = "\"1\"";
        await using var world = await StartAsync(stores, "sqlite", archive.Options(server));
        await archive.PublishAsync(server, Start, await ToolAsync(archive));
        await world.EnrolAsync(Installed("tool", "1.0-2"));
        await world.ReadArchiveAsync();

        world.Time.Advance(TimeSpan.FromDays(7));
        await world.ReadArchiveAsync();

        Assert.Contains("it was valid until", (await world.StateAsync(Feed)).Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData]
    [InlineData("-T2", "--block-size=65536")]
    [InlineData("--check=sha256")]
    [InlineData("-9", "--check=crc32")]
    public async Task ReadIndex_PackedByXz_IsReadWhole(params string[] options)
    {
        using var archive = await SignedArchive.CreateAsync();
        await using var server = await LoopbackFiles.StartAsync();
        var index = await archive.XzAsync(Encoding.UTF8.GetBytes(LargeIndex(10_000)), options);
        using var client = new HttpClient();

        var files = await ReadIndexAsync(archive, server, client, index);

        Assert.Equal((10_000, "package10000", 10_000L), (files.Count, files[^1].Package, files[^1].SizeBytes));
    }

    [Fact]
    public async Task ReadIndex_StreamsPutTogetherByXz_IsReadWhole()
    {
        using var archive = await SignedArchive.CreateAsync();
        await using var server = await LoopbackFiles.StartAsync();
        var half = await archive.XzAsync(Encoding.UTF8.GetBytes(LargeIndex(100)));
        using var client = new HttpClient();

        Assert.Equal(200, (await ReadIndexAsync(archive, server, client, [.. half, .. half])).Count);
    }

    [Fact]
    public async Task ReadIndex_DamagedOrCutAnywhere_IsRefusedOrReadNeverElse()
    {
        using var archive = await SignedArchive.CreateAsync();
        await using var server = await LoopbackFiles.StartAsync();
        var good = await archive.XzAsync(Encoding.UTF8.GetBytes(LargeIndex(300)), "-T2", "--block-size=16384");
        using var client = new HttpClient();
        var refused = 0;

        for (var turn = 0; turn < 200; turn++)
        {
            var content = GivenFeeds.Damage(good, turn);
            try
            {
                await ReadIndexAsync(archive, server, client, content);
            }
            catch (Exception fault) when (fault is InvalidDataException or IOException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 150, 200);
    }

    private static async Task<IReadOnlyList<PackageFile>> ReadIndexAsync(SignedArchive archive, LoopbackFiles server, HttpClient client, byte[] index)
    {
        var options = archive.Options(server);
        server.Files["debian-security/dists/bookworm-security/main/binary-amd64/Packages.xz"] = index;
        var release = SignedRelease.Parse(SignedArchive.Release(Start, index).Split('\n'));
        return Assert.Single(await new ArchiveClient(new FeedHttp(client), new Gpgv(TimeProvider.System), options).ReadIndexesAsync(options.Suites[0], release, null, CancellationToken.None)).Files;
    }

    private static string LargeIndex(int packages) => string.Concat(Enumerable.Range(1, packages).Select(number =>
        $"Package: package{number}\nVersion: 1.{number}\nFilename: pool/{number}.deb\nSize: {number}\nSHA256: {Convert.ToHexStringLower(SHA256.HashData(BitConverter.GetBytes(number)))}\n\n"));

    private static async Task<(string Name, string Version, byte[] Content)> ToolAsync(SignedArchive archive) => ("tool", "1.0-3", await archive.PackageAsync(
        "tool", "1.0-3", SignedArchive.Changelog("tool", ("1.0-3", "Fix CVE-2026-0003"), ("1.0-2", "Fix CVE-2026-0002"), ("1.0-1", "Fix CVE-2026-0001"))));

    private static async Task BreakAsync(SignedArchive archive, LoopbackFiles server, string fault)
    {
        const string folder = "debian-security/dists/bookworm-security/";
        var next = ("next", "2.0", await archive.PackageAsync("next", "2.0", SignedArchive.Changelog("next", ("2.0", "CVE-2026-0030"))));
        var path = "debian-security/" + SignedArchive.PoolPath("next", "2.0");
        await archive.PublishAsync(server, fault == "older release file" ? Start.AddSeconds(-1) : Start, next);
        switch (fault)
        {
            case "tampered package":
                server.Files[path][^1] ^= 1;
                break;
            case "tampered index":
                server.Files[folder + "main/binary-amd64/Packages.xz"][20] ^= 1;
                break;
            case "release file unsigned":
                server.Files[folder + "InRelease"] = Encoding.UTF8.GetBytes(SignedArchive.Release(Start, [1]));
                break;
            case "index that is no xz":
                var index = server.Files[folder + "main/binary-amd64/Packages.xz"] = Encoding.UTF8.GetBytes("Package: next\n\n and so on, long enough for a header");
                server.Files[folder + "InRelease"] = await archive.SignAsync(SignedArchive.Release(Start, index));
                break;
        }
    }

    private static InstalledPackage Installed(string source, string version) => GivenExposure.Package(source, version, source);
}
