using Suture.Agent.Jobs;
using Suture.Agent.Platforms.Linux;
using Suture.Agent.Reports;
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
        JobPackage[] wanted = [Given.Package("libssl3", "3.0.22-1~deb12u2"), Given.Package("openssl", "3.0.22-1~deb12u2")];

        Assert.True(EnsureDecision.Judge(AptSimulation.Parse(Output), wanted, wanted, Installed()).IsPassed);
        var surplus = EnsureDecision.Judge(AptSimulation.Parse(Output), wanted[..1], wanted[..1], Installed());
        Assert.Equal(("unapproved-upgrade", "apt would also upgrade openssl 3.0.22-1~deb12u2, which the job does not name."), (surplus.Reason, surplus.Detail));
        Assert.Equal([new PackageChange { Package = "openssl", From = "3.0.20-1~deb12u2", To = "3.0.22-1~deb12u2" }], surplus.Unapproved);
    }

    [Theory]
    [InlineData("Inst a1 [1.0] (2.0 Debian:12/stable [amd64])", null)]
    [InlineData("Inst a1 [1.0] (2.0 Debian:12/stable [amd64])\nRemv b1 [1.0]", "removes-packages")]
    [InlineData("Inst a1 [1.0] (2.0 Debian:12/stable [amd64])\nPurg b1 [1.0]", "removes-packages")]
    [InlineData("Inst a1 [1.0] (2.0 Debian:12/stable [amd64])\nInst b1 [2.0] (1.0 Debian:12/stable [amd64])", "downgrade")]
    [InlineData("Inst a1 [1.0] (2.0 Debian:12/stable [amd64])\nInst b1 [1.0] (2.0 Debian:12/stable [amd64])", null)] // named, although it needs nothing by itself
    [InlineData("Inst a1 [1.0] (2.0 Debian:12/stable [amd64])\nInst b1 [1.0] (2.1 Debian:12/stable [amd64])", "unapproved-upgrade")] // named in another version
    [InlineData("Inst a1 [1.0] (2.0 Debian:12/stable [amd64])\nInst b1:i386 [1.0] (2.0 Debian:12/stable [i386])", "unapproved-upgrade")]
    [InlineData("Inst a1 [1.0] (2.0 Debian:12/stable [amd64])\nInst c1 [1.0] (2.0 Debian:12/stable [all])", "unapproved-upgrade")]
    [InlineData("Inst a1 [1.0] (2.1 Debian:12/stable [amd64])", "unapproved-upgrade")]
    [InlineData("", "not-offered")]
    [InlineData("Inst b1 [1.0] (2.0 Debian:12/stable [amd64])", "not-offered")]
    [InlineData("Inst a1 in a form of tomorrow", "simulation-unreadable")]
    [InlineData("Inst a1 [1.0] (2.0 Debian:12/stable [amd64])\nInst c1 (1.0 Debian:12/stable [all])", null)] // what comes along newly is judged by its origin
    public void Judge_Simulation_AllowsOnlyWhatWasApproved(string output, string? reason)
    {
        JobPackage[] wanted = [Given.Package("a1", "2.0"), Given.Package("b1", "2.0", "1.0")];

        var check = EnsureDecision.Judge(AptSimulation.Parse(output), wanted[..1], wanted, Installed(("a1", "1.0", "ii "), ("b1", "1.0", "ii ")));

        Assert.Equal(reason, check.Reason);
    }

    [Theory]
    [InlineData("2.0", "iU ", null)] // unpacked by an attempt that was cut off: apt only configures it
    [InlineData("2.0", "iF ", null)]
    [InlineData("2.0", "iHR", "not-offered")] // half installed: it must be unpacked again
    [InlineData("1.0", "iU ", "not-offered")]
    public void Judge_NoStepForATarget_PassesOnlyWhenItIsUnpacked(string version, string status, string? reason)
    {
        var wanted = Given.Package("a1", "2.0");

        Assert.Equal(reason, EnsureDecision.Judge(AptSimulation.Parse("Conf a1 (2.0 Debian:12/stable [amd64])"), [wanted], [wanted], Installed(("a1", version, status))).Reason);
    }

    [Theory]
    [InlineData("Inst a1 [2.0] (1.0 local-deb [amd64])", null)]
    [InlineData("Inst a1 [2.0] (1.0 local-deb [amd64])\nInst b1 [2.0] (1.0 local-deb [amd64])", "unapproved-upgrade")]
    [InlineData("Inst a1 [2.0] (1.0 local-deb [amd64])\nInst b1 (1.0 Debian:12/stable [amd64])", "unapproved-upgrade")]
    [InlineData("Inst a1 [2.0] (1.0 local-deb [amd64])\nRemv b1 [1.0]", "removes-packages")]
    public void JudgeRestore_Simulation_AllowsOnlyWhatIsNamed(string output, string? reason) =>
        Assert.Equal(reason, EnsureDecision.JudgeRestore(AptSimulation.Parse(output), [Given.Package("a1", "1.0")]).Reason);

    [Theory]
    [InlineData("Debian", "Debian", null)]
    [InlineData("Debian", "Acme", "unapproved-origin")]
    [InlineData("Debian", "Debian,Acme", "unapproved-origin")] // which of them apt takes is not said
    [InlineData("Debian,Acme", "Debian", "unapproved-origin")]
    [InlineData("Debian", null, "unapproved-origin")]
    [InlineData(null, "Debian", "unapproved-origin")]
    [InlineData("", "", "unapproved-origin")] // two repositories that state no origin need not be of one
    public void AreOfOneOrigin_NewPackage_ComesFromWhereTheApprovedComeFrom(string? approved, string? added, string? reason)
    {
        var step = new AptStep("c1", "all", null, "1.0");
        var target = new JobTarget("a1", "amd64", "2.0");
        var origins = new Dictionary<JobTarget, IReadOnlySet<string>>();
        foreach (var (package, text) in new[] { (target, approved), (step.Target, added) })
        {
            if (text is not null)
            {
                origins[package] = text.Split(',').ToHashSet();
            }
        }

        Assert.Equal(reason, EnsureDecision.AreOfOneOrigin([step], [target], origins).Reason);
    }

    [Theory]
    [InlineData("Debian", false, null)]
    [InlineData("Acme,Debian", false, null)] // the approved hash says which file it is
    [InlineData("Acme", false, "unapproved-origin")]
    [InlineData("", false, "unapproved-origin")]
    [InlineData(null, false, "unapproved-origin")] // apt does not answer, or no repository has it any more
    [InlineData("Acme", true, null)] // another's package goes on as another's
    [InlineData("Debian", true, null)]
    public void StaysWithTheDistribution_TargetOfAnUpgrade_ComesFromItsRepositories(string? offeredBy, bool isThirdParty, string? reason)
    {
        var target = new JobTarget("a1", "amd64", "2.0");
        var origins = new Dictionary<JobTarget, IReadOnlySet<string>>();
        if (offeredBy is not null)
        {
            origins[target] = offeredBy.Split(',').ToHashSet();
        }
        var known = new PackageOrigins("debian", isThirdParty ? new HashSet<string> { "a1:amd64=1.0" } : new HashSet<string> { "a1:amd64=0.9", "b1:amd64=1.0" });

        var check = EnsureDecision.StaysWithTheDistribution([target], Installed(("a1", "1.0", "ii ")), known, origins);

        Assert.Equal(reason, check.Reason);
        if (offeredBy == "Acme" && reason is not null)
        {
            Assert.Equal("a1 2.0 comes from Acme, and what is installed is not known to be a third party's: only repositories of debian may upgrade it.", check.Detail);
        }
    }

    [Theory]
    [InlineData("a1", "2.0", true)]
    [InlineData("a1", "2.1", false)] // not the approved version: its step is refused elsewhere, its file is any that the index names
    [InlineData("c1", "2.0", false)]
    public void Approved_FileOfANamedPackage_IsOnlyTheApprovedOne(string name, string version, bool isNamed)
    {
        AptRecord[] records = [new(new string('b', 64), 1, 1), new(Given.Hash, 1, 1)];

        var allowed = EnsureDecision.Approved(new AptStep(name, "amd64", "1.0", version), [Given.Package("a1", "2.0")], records);

        Assert.Equal(isNamed ? [records[1]] : records, allowed);
    }

    [Theory]
    [InlineData("iHR", "ii ", true)]  // cut off while it was unpacked
    [InlineData("iU ", "iF ", true)]
    [InlineData("ii ", "ii ", false)] // nothing is unfinished
    public void IsOwnWork_PackagesOfTheJob_AreWhatIsUnfinished(string first, string second, bool expected)
    {
        var job = new JobRecord { JobId = Given.Asset };
        job.Effects.Add(new JournalEntry
        {
            AtUtc = default, JobId = job.JobId, Kind = JournalKind.Effect, Before = new Dictionary<string, string> { ["a1:amd64"] = "1", ["b1:amd64"] = "1" },
        });

        Assert.Equal(expected, EnsureDecision.IsOwnWork(job, Installed(("a1", "1", first), ("b1", "1", second), ("c1", "1", "rc "))));
        Assert.False(EnsureDecision.IsOwnWork(job, Installed(("a1", "1", first), ("b1", "1", second), ("c1", "1", "iU "))));
        Assert.False(EnsureDecision.IsOwnWork(new JobRecord { JobId = job.JobId }, Installed(("a1", "1", first))));
        Assert.False(EnsureDecision.IsOwnWork(job, null));
    }

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
        var other = new string('b', 64);
        var records = Apt.ParseRecords($"Package: libssl3\nArchitecture: amd64\nVersion: 2\nSize: 10\nInstalled-Size: 20\nSHA256: {other}\n")[new("libssl3", "amd64", "2")];

        Assert.Equal("hash-mismatch", EnsureDecision.IsApprovedFile(Given.Package(version: "2"), records).Reason);
        Assert.Equal("version-not-available", EnsureDecision.IsApprovedFile(Given.Package(version: "2"), []).Reason);
        Assert.True(EnsureDecision.IsApprovedFile(Given.Package(version: "2") with { Sha256 = other }, records).IsPassed);
    }

    [Fact]
    public void ParseRecords_InstalledStanzaWithoutHash_IsNoRecord() =>
        Assert.Empty(Apt.ParseRecords("Package: libssl3\nStatus: install ok installed\nArchitecture: amd64\nVersion: 2\n"));

    [Fact]
    public void ParseRecords_OneVersionOfTwoArchitecturesAndRepositories_AreApart()
    {
        var (first, second, third) = (new string('1', 64), new string('2', 64), new string('3', 64));

        var records = Apt.ParseRecords(string.Join("\n\n", new[] { ("amd64", first), ("i386", second), ("amd64", third) }.Select(pair =>
            $"Package: libssl3\nArchitecture: {pair.Item1}\nVersion: 2\nInstalled-Size: 20\nSize: 10\nDescription: x\n SHA256: no field\nSHA256: {pair.Item2}")));

        Assert.Equal([new(first, 10, 20_480), new(third, 10, 20_480)], records[new("libssl3", "amd64", "2")]);
        Assert.Equal([new(second, 10, 20_480)], records[new("libssl3", "i386", "2")]);
    }

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
