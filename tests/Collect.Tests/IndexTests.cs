using Suture.Contracts.Inventory;
using static Suture.Collect.Tests.GivenMachine;

namespace Suture.Collect.Tests;

public sealed class IndexTests : IDisposable
{
    private readonly GivenMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Theory]
    [InlineData("plain")]
    [InlineData("gz")]
    [InlineData("lz4")]
    public void Collect_IndexInEachForm_OffersTheUpdate(string form)
    {
        _machine.Status(Stanza("libssl3", "3.0.16-1", more: "Source: openssl\n"));
        var entry = Entry("libssl3", "3.0.17-1~deb12u2", more: "Source: openssl\n");
        _ = form switch { "gz" => _machine.IndexGz("bookworm-security", entry), "lz4" => _machine.IndexLz4("bookworm-security", entry), _ => _machine.Index("bookworm-security", entry) };

        var update = Assert.Single(MachineCollector.Collect(_machine.Options).State.AvailableUpdates!);

        Assert.Equal(new AvailableUpdate
        {
            Package = "libssl3", Architecture = "amd64", Version = "3.0.17-1~deb12u2", Source = "openssl", SourceVersion = "3.0.17-1~deb12u2", Suite = "bookworm-security",
            Label = "Debian-Security", IsSecurity = true, Sha256 = new string('a', 64), SizeBytes = 12,
        }, update);
    }

    [Fact]
    public void Collect_IndexOfUnreadableForm_IsAFailureAndTheOthersCount()
    {
        _machine.Status(Stanza("a", "1")).Index("bookworm", Entry("a", "2")).IndexXz("bookworm-security");

        var state = MachineCollector.Collect(_machine.Options).State;

        Assert.Equal("2", Assert.Single(state.AvailableUpdates!).Version);
        var failure = Assert.Single(state.Failures);
        Assert.Equal("package-indexes", failure.Collector);
        Assert.Contains("bookworm-security_main_binary-amd64_Packages.xz is compressed with xz, not readable", failure.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("_Packages.gz")]
    [InlineData("_Packages.lz4")]
    public void Collect_IndexDamaged_IsAFailure(string ending)
    {
        _machine.Status(Stanza("a", "1")).Release("bookworm").Write("/var/lib/apt/lists/deb.debian.org_debian_dists_bookworm_main_binary-amd64" + ending, "nonsense");

        var state = MachineCollector.Collect(_machine.Options).State;

        Assert.Null(state.AvailableUpdates);
        Assert.Contains(state.Failures, failure => failure.Reason.Contains("cannot be decompressed", StringComparison.Ordinal));
    }

    [Fact]
    public void Collect_IndexCutShort_IsAFailure()
    {
        _machine.Status(Stanza("a", "1")).Index("bookworm", Entry("a", "2") + "Package: b\nVers");

        var state = MachineCollector.Collect(_machine.Options).State;

        Assert.Null(state.AvailableUpdates);
        Assert.Contains(state.Failures, failure => failure.Reason.Contains("ends within line 8", StringComparison.Ordinal));
    }

    [Fact]
    public void Collect_NoIndex_UpdatesAreUnknownNotNone()
    {
        var state = MachineCollector.Collect(_machine.Status(Stanza("a", "1")).Options).State;

        Assert.Null(state.AvailableUpdates);
        Assert.Contains("apt-get update", Assert.Single(state.Failures).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Collect_ReleaseFile_ReadsOnlyWhatIsSigned()
    {
        _machine.Status(Stanza("a", "1")).Index("bookworm", Entry("a", "1"));

        var index = Assert.Single(MachineCollector.Collect(_machine.Options).State.PackageIndexes!);

        Assert.Equal(("bookworm", "Debian", new DateTimeOffset(2026, 1, 3, 10, 0, 0, TimeSpan.Zero)), (index.Suite, index.Origin, index.DateUtc));
    }

    [Theory]
    [InlineData(11, false)]
    [InlineData(9, true)]
    public void Collect_ValidUntil_IsSaidWhenItHasPassed(int day, bool isStale)
    {
        _machine.Status(Stanza("a", "1")).Index("bookworm", Entry("a", "1")).Release("bookworm", $"Valid-Until: Fri, {day:00} Jan 2026 00:00:00 UTC\n".Replace("Fri, 11", "Sun, 11", StringComparison.Ordinal));

        var failures = MachineCollector.Collect(_machine.Options).State.Failures;

        Assert.Equal(isStale, failures.Any(failure => failure.Reason.Contains("was valid until 2026-01-09", StringComparison.Ordinal)));
    }

    [Fact]
    public void Collect_SameVersionInTwoSuites_TakesTheSecuritySuite()
    {
        _machine.Status(Stanza("a", "1")).Index("bookworm", Entry("a", "2")).Index("bookworm-security", Entry("a", "2"));

        Assert.True(Assert.Single(MachineCollector.Collect(_machine.Options).State.AvailableUpdates!).IsSecurity);
    }

    [Theory]
    [InlineData("1", "2")] // backports do not hide the update of the suite
    [InlineData("2", null)] // and are not taken by themselves
    [InlineData("3~bpo12+1", "4~bpo12+1")] // but upgrade what was taken from them
    public void Collect_Backports_CountAsAptHasThem(string installed, string? expected)
    {
        _machine.Status(Stanza("a", installed)).Index("bookworm", Entry("a", "2")).Index("bookworm-backports", Entry("a", "4~bpo12+1"));

        Assert.Equal(expected, MachineCollector.Collect(_machine.Options).State.AvailableUpdates!.SingleOrDefault()?.Version);
    }

    [Theory]
    [InlineData("1-1+deb12u1", "1-1+deb12u2")] // the distribution's package is mended by the distribution's version
    [InlineData("1-1+deb12u2", null)] // and by no other
    [InlineData("2-1~bookworm", "3-1~bookworm")] // what was taken from elsewhere is upgraded from there
    public void Collect_HigherVersionOfAThirdParty_IsNoUpdateOfTheDistributionsPackage(string installed, string? expected)
    {
        _machine.Status(Stanza("nginx", installed)).Index("bookworm", Entry("nginx", "1-1+deb12u1")).Index("bookworm-security", Entry("nginx", "1-1+deb12u2"))
            .OtherIndex(Entry("nginx", "2-1~bookworm"), Entry("nginx", "3-1~bookworm"));

        Assert.Equal(expected, MachineCollector.Collect(_machine.Options).State.AvailableUpdates!.SingleOrDefault()?.Version);
    }

    [Fact]
    public void Collect_PackageOfUnknownOrigin_IsOfferedTheDistributionsVersionAlone()
    {
        _machine.Status(Stanza("nginx", "1.23.0-1")).Index("bookworm", Entry("nginx", "1.22.1-9")).Index("bookworm-security", Entry("nginx", "1.25.0-1"))
            .OtherIndex(Entry("nginx", "9.0-1"));

        var machine = MachineCollector.Collect(_machine.Options);

        Assert.Equal(OriginKind.Unknown, Assert.Single(machine.Packages!).Origin);
        Assert.Equal("1.25.0-1", Assert.Single(machine.State.AvailableUpdates!).Version);
    }

    [Theory]
    [InlineData("ID=ubuntu\nVERSION_CODENAME=noble\n", "ubuntu")]
    [InlineData("NAME=x\n", "linux")] // os-release(5) says so
    public void ReadDistribution_OsRelease_IsItsId(string text, string expected)
    {
        _machine.Write("/etc/os-release", text);

        Assert.Equal(expected, MachineCollector.ReadDistribution(_machine.Options));
    }

    [Fact]
    public void Collect_UnchangedIndex_IsNotParsedAgain()
    {
        const string Path = "/var/lib/apt/lists/deb.debian.org_debian_dists_bookworm_main_binary-amd64_Packages";
        _machine.Status(Stanza("a", "1")).Index("bookworm", Entry("a", "2"));
        var first = MachineCollector.Collect(_machine.Remembering);
        var cache = System.IO.Path.Combine(_machine.Remembering.StateDirectory!, "indexes.json");
        File.WriteAllText(cache, File.ReadAllText(cache).Replace("\"version\":\"2\"", "\"version\":\"7\"", StringComparison.Ordinal));

        var second = MachineCollector.Collect(_machine.Remembering);
        File.AppendAllText(_machine.Root + Path, "\n");
        var third = MachineCollector.Collect(_machine.Remembering);

        Assert.Equal(["2", "7", "2"], new[] { first, second, third }.Select(machine => machine.State.AvailableUpdates!.Single().Version));
    }
}
