using Suture.Agent.Jobs;
using Suture.Agent.Platforms.Linux;
using Suture.Contracts.Jobs;

namespace Suture.Agent.Tests.Jobs;

public sealed class EnsureDecisionTests
{
    [Theory]
    [InlineData("3.0.15-1~deb12u1", "ii ", true)]  // below the minimum
    [InlineData("3.0.16-1~deb12u1", "ii ", false)] // the minimum itself
    [InlineData("3.0.17-1~deb12u2", "ii ", false)] // the exact version
    [InlineData("3.0.18-1~deb12u1", "ii ", false)] // above: never back
    [InlineData("3.0.15-1~deb12u1", "rc ", false)] // removed: nothing to close
    [InlineData("3.0.17-1~deb12u2", "iF ", true)]  // unpacked, never configured
    [InlineData("3.0.17-1~deb12u2", "iU ", true)]
    [InlineData("3.0.15-1~deb12u1", "hi ", true)]  // held: missing, and then refused
    public void Missing_InstalledVersionAndStatus_IsBelowMinimumOrUnwell(string version, string status, bool missing)
    {
        var wanted = Given.Package(version: "3.0.17-1~deb12u2", minimum: "3.0.16-1~deb12u1");

        var result = EnsureDecision.Missing([wanted], Installed(("libssl3", version, status)));

        Assert.Equal(missing, result.Count == 1);
    }

    [Fact]
    public void Missing_PackageNotThere_NeedsNothing() => Assert.Empty(EnsureDecision.Missing([Given.Package()], Installed()));

    [Fact]
    public void MayChange_HeldPackage_IsRefused() =>
        Assert.Equal("held", EnsureDecision.MayChange([Given.Package()], Installed(("libssl3", "3.0.15-1", "hi "))).Reason);

    [Fact]
    public void MayChange_InstalledAboveTarget_IsRefused() =>
        Assert.Equal("downgrade", EnsureDecision.MayChange([Given.Package(version: "1.0-1")], Installed(("libssl3", "2.0-1", "iF "))).Reason);

    [Fact]
    public void Judge_RealUpgrade_Passes()
    {
        const string Output = """
            NOTE: This is only a simulation!
            Inst libssl3 [3.0.20-1~deb12u2] (3.0.22-1~deb12u2 Debian-Security:12/oldstable-security [amd64])
            Inst openssl [3.0.20-1~deb12u2] (3.0.22-1~deb12u2 Debian-Security:12/oldstable-security [amd64]) []
            Conf libssl3 (3.0.22-1~deb12u2 Debian-Security:12/oldstable-security [amd64])
            Conf openssl (3.0.22-1~deb12u2 Debian-Security:12/oldstable-security [amd64])
            """;

        var check = EnsureDecision.Judge(AptSimulation.Parse(Output), [new("libssl3", "amd64", "3.0.22-1~deb12u2")]);

        Assert.True(check.IsPassed);
    }

    [Theory]
    [InlineData("Inst a1 [1.0] (2.0 Debian:12/stable [amd64])\nRemv b1 [1.0]", "removes-packages")]
    [InlineData("Inst a1 [1.0] (2.0 Debian:12/stable [amd64])\nPurg b1 [1.0]", "removes-packages")]
    [InlineData("Inst a1 [1.0] (2.0 Debian:12/stable [amd64])\nInst b1 [2.0] (1.0 Debian:12/stable [amd64])", "downgrade")]
    [InlineData("Inst a1 [1.0] (2.1 Debian:12/stable [amd64])", "not-offered")]
    [InlineData("", "not-offered")]
    [InlineData("Inst a1 in a form of tomorrow", "simulation-unreadable")]
    [InlineData("Inst a1 [1.0] (2.0 Debian:12/stable [amd64])\nInst c1 (1.0 Debian:12/stable [all])", null)] // a new dependency is no removal
    public void Judge_Simulation_AllowsOnlyWhatWasApproved(string output, string? reason) =>
        Assert.Equal(reason, EnsureDecision.Judge(AptSimulation.Parse(output), [new("a1", "amd64", "2.0")]).Reason);

    [Fact]
    public void Parse_BracketsOfPendingPackages_AreNoVersion()
    {
        const string Line = "Inst libpam-modules-bin [1.4.0-9+deb11u1] (1.4.0-9+deb11u2 Debian-Security:11/oldoldstable-security [amd64]) [libpam-modules:amd64 on libpam-modules-bin:amd64] [libpam-modules:amd64 ]";

        var step = Assert.Single(AptSimulation.Parse(Line).Installs);

        Assert.Equal(new AptStep("libpam-modules-bin", "amd64", "1.4.0-9+deb11u1", "1.4.0-9+deb11u2"), step);
    }

    [Theory]
    [InlineData(10_000, true)] // 2 x 3,000 to download and 4,000 to unpack
    [InlineData(9_999, false)]
    public void HasRoom_FreeBytes_MustHoldTwiceTheDownloadAndTheUnpacked(long free, bool passes) =>
        Assert.Equal(passes, EnsureDecision.HasRoom([new(Given.Hash, 3_000, 4_000)], new Dictionary<string, long> { ["/usr"] = free }).IsPassed);

    [Fact]
    public void IsApprovedFile_OtherHashInTheIndex_IsRefused()
    {
        var records = Apt.ParseRecords($"Package: libssl3\nVersion: 2\nSize: 10\nInstalled-Size: 20\nSHA256: {new string('b', 64)}\n", "libssl3", "2");

        Assert.Equal("hash-mismatch", EnsureDecision.IsApprovedFile(Given.Package(version: "2"), records).Reason);
        Assert.Equal("version-not-available", EnsureDecision.IsApprovedFile(Given.Package(version: "2"), []).Reason);
        Assert.True(EnsureDecision.IsApprovedFile(Given.Package(version: "2") with { Sha256 = new string('b', 64) }, records).IsPassed);
    }

    [Fact]
    public void ParseRecords_InstalledStanzaWithoutHash_IsNoRecord() =>
        Assert.Empty(Apt.ParseRecords("Package: libssl3\nStatus: install ok installed\nVersion: 2\n", "libssl3", "2"));

    [Fact]
    public void Changes_SinceWhatWasWrittenDown_NamesComeAndGone()
    {
        var before = new Dictionary<string, string> { ["a1:amd64"] = "1", ["b1:amd64"] = "", ["c1:all"] = "1" };

        var changes = EnsureDecision.Changes(before, Installed(("a1", "2", "ii "), ("b1", "1", "ii ")));

        Assert.Equal(
            [new PackageChange { Package = "a1", From = "1", To = "2" }, new PackageChange { Package = "b1", To = "1" }, new PackageChange { Package = "c1", From = "1" }],
            changes);
    }

    [Theory]
    [InlineData("1:4.8.1-1", "login_1%3a4.8.1-1_amd64.deb")]
    [InlineData("3.0.16-1~deb12u1", "login_3.0.16-1~deb12u1_amd64.deb")]
    public void FileNameOf_Version_EscapesTheEpoch(string version, string expected) => Assert.Equal(expected, Apt.FileNameOf("login", version, "amd64"));

    [Fact]
    public void InstallArguments_AnyMode_PutPackagesBehindTheEndOfOptions()
    {
        var arguments = new Apt(new ProcessRunner(), "/var/cache/x").InstallArguments([new("g++", "amd64", "1:2")], AptMode.Install);

        Assert.Equal(["--", "g++:amd64=1:2"], arguments.TakeLast(2));
        Assert.Contains("--no-remove", arguments);
        Assert.DoesNotContain(arguments, argument => argument.Contains("downgrade", StringComparison.Ordinal));
    }

    private static Dictionary<string, DpkgPackage> Installed(params (string Name, string Version, string Status)[] packages) =>
        packages.ToDictionary(p => $"{p.Name}:amd64", p => new DpkgPackage(p.Name, "amd64", p.Version, p.Status));
}
