using Suture.Collect.Apt;
using Suture.Contracts.Inventory;
using static Suture.Collect.Tests.GivenMachine;

namespace Suture.Collect.Tests;

public sealed class OriginTests : IDisposable
{
    private readonly GivenMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Theory]
    [InlineData("1.22.1-9", VersionForm.Plain)]
    [InlineData("1.22.1-9+deb12u1", VersionForm.Distribution)]
    [InlineData("3.0.16-1~deb12u1", VersionForm.Distribution)]
    [InlineData("6.12.9-1~bpo12+1", VersionForm.Distribution)]
    [InlineData("2.31.18+debian0-2", VersionForm.Plain)] // how Debian marks repacked upstream tarballs
    [InlineData("2:16.3-1.pgdg120+1", VersionForm.ThirdParty)]
    [InlineData("20.20.2-1nodesource1", VersionForm.ThirdParty)]
    [InlineData("5:24.0.7-1~debian.12~bookworm", VersionForm.ThirdParty)]
    [InlineData("1.24.0-1~bookworm", VersionForm.ThirdParty)]
    [InlineData("1.0-1~deb12", VersionForm.ThirdParty)] // no update number
    [InlineData("1:10.11.6+maria~deb12", VersionForm.ThirdParty)]
    [InlineData("8.2.10-1+0~20230913.62+debian12~1.gbp5a8f4c", VersionForm.ThirdParty)]
    [InlineData("2.38-3ubuntu1", VersionForm.ThirdParty)]
    public void Of_Version_TellsTheForm(string version, object form) => Assert.Equal((VersionForm)form, VersionForms.Of(version, "debian"));

    [Fact]
    public void Collect_VersionInIndex_IsObservedWithItsRepository()
    {
        _machine.Status(Stanza("nginx", "1.22.1-9")).Index("bookworm", Entry("nginx", "1.22.1-9"));

        Assert.Equal((OriginKind.Distribution, OriginBasis.Observed, "Debian bookworm"), OriginOf("nginx"));
    }

    [Fact]
    public void Collect_SameVersionForAnotherArchitecture_IsNotObserved()
    {
        _machine.Status(Stanza("nginx", "1.22.1-9")).Index("bookworm", Entry("nginx", "1.22.1-9", "i386"));

        Assert.Equal((OriginKind.Distribution, OriginBasis.Inferred, null), OriginOf("nginx"));
    }

    [Fact]
    public void Collect_IndexMovedOn_RemembersOnlyWithAStateFolder()
    {
        _machine.Status(Stanza("nginx", "1.22.1-9")).Index("bookworm", Entry("nginx", "1.22.1-9"));
        MachineCollector.Collect(_machine.Remembering);

        _machine.Index("bookworm", Entry("nginx", "1.22.1-9+deb12u1"));

        Assert.Equal((OriginKind.Distribution, OriginBasis.Remembered, "Debian bookworm"), OriginOf("nginx", _machine.Remembering));
        Assert.Equal((OriginKind.Distribution, OriginBasis.Inferred, null), OriginOf("nginx"));
    }

    [Fact]
    public void Collect_UpgradedBetweenTwoReports_RemembersWhatTheIndexOffered()
    {
        _machine.Status(Stanza("nginx", "1.22.1-9")).OtherIndex(Entry("nginx", "1.24.0-1"));
        MachineCollector.Collect(_machine.Remembering);

        _machine.Status(Stanza("nginx", "1.24.0-1")).OtherIndex(Entry("nginx", "1.26.0-1"));

        Assert.Equal((OriginKind.ThirdParty, OriginBasis.Remembered, "nginx bookworm"), OriginOf("nginx", _machine.Remembering));
    }

    [Fact]
    public void Collect_MemoryDamaged_SaysSoAndInfers()
    {
        _machine.Status(Stanza("nginx", "1.22.1-9")).Index("bookworm", Entry("nginx", "1.22.1-9+deb12u1"));
        Directory.CreateDirectory(_machine.Remembering.StateDirectory!);
        File.WriteAllText(Path.Combine(_machine.Remembering.StateDirectory!, "origins.json"), "{\"schema\":1,");

        var collected = MachineCollector.Collect(_machine.Remembering);

        Assert.Equal(OriginBasis.Inferred, collected.Packages![0].OriginBasis);
        Assert.Contains(collected.State.Failures, failure => failure.Collector == "origin-memory" && failure.Reason.Contains("started over", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("1.22.1-5", "1.22.1-9", "1.24.0-1", OriginKind.Distribution)] // the distribution's upstream version
    [InlineData("1.24.0-0", "1.22.1-9", "1.24.0-1", OriginKind.ThirdParty)] // the other's
    [InlineData("1.20.0-1+deb12u3", "1.22.1-9", "1.24.0-1", OriginKind.Distribution)] // its form
    [InlineData("1.20.0-1~bookworm", "1.22.1-9", "1.24.0-1", OriginKind.ThirdParty)]
    [InlineData("1.20.0-1", "1.22.1-9", "1.24.0-1", OriginKind.Unknown)] // nothing tells
    public void Collect_NameOfferedByBoth_FollowsTheEvidence(string installed, string ours, string theirs, OriginKind expected)
    {
        _machine.Status(Stanza("nginx", installed)).Index("bookworm", Entry("nginx", ours)).OtherIndex(Entry("nginx", theirs));

        Assert.Equal((expected, OriginBasis.Inferred), (OriginOf("nginx").Kind, OriginOf("nginx").Basis));
    }

    [Theory]
    [InlineData("1.18.0-6, 1.18.0-6+deb11u3", OriginKind.Distribution)]
    [InlineData("1.18.0-1~bullseye, 1.20.0-1", OriginKind.ThirdParty)]
    public void Collect_NameOfferedByBothWithHistory_FollowsTheLog(string versions, OriginKind expected)
    {
        _machine.Status(Stanza("nginx", "1.20.0-1")).Index("bookworm", Entry("nginx", "1.22.1-9")).OtherIndex(Entry("nginx", "1.24.0-1"))
            .Write("/var/log/apt/history.log", $"Start-Date: x\nUpgrade: libx:amd64 (1, 2), nginx:amd64 ({versions})\n");

        Assert.Equal(expected, OriginOf("nginx").Kind);
    }

    [Fact]
    public void Collect_NameOnlyOthersOffer_IsTheirs()
    {
        _machine.Status(Stanza("docker-ce", "24.0-1")).Index("bookworm", Entry("nginx", "1")).OtherIndex(Entry("docker-ce", "25.0-1"));

        Assert.Equal((OriginKind.ThirdParty, OriginBasis.Inferred, "nginx bookworm"), OriginOf("docker-ce"));
    }

    [Fact]
    public void Collect_SourceTheIndexKnows_IsInferredAsTheDistributions()
    {
        _machine.Status(Stanza("linux-image-6.1.0-25-amd64", "6.1.106-3", more: "Source: linux-signed-amd64 (6.1.106+3)\n"), Stanza("chrome", "120-1"))
            .Index("bookworm", Entry("linux-image-6.1.0-40-amd64", "6.1.153-1", more: "Source: linux-signed-amd64 (6.1.153+1)\n"));

        Assert.Equal((OriginKind.Distribution, OriginBasis.Inferred, null), OriginOf("linux-image-6.1.0-25-amd64"));
        Assert.Equal((OriginKind.Unknown, OriginBasis.Inferred, null), OriginOf("chrome"));
    }

    [Theory]
    [InlineData("deb http://mirror.example/debian bookworm main contrib\n", true)]
    [InlineData("deb http://deb.debian.org/debian-security bookworm-security main\n# deb http://other.example x y\n", true)]
    [InlineData("deb http://deb.debian.org/debian bookworm main\ndeb [arch=amd64 signed-by=/k] https://download.docker.com/linux/debian bookworm stable\n", false)]
    [InlineData("deb https://packages.sury.org/php/ bookworm main\n", false)]
    public void Collect_NoIndexes_TellsWhetherOnlyTheDistributionIsConfigured(string sources, bool expected)
    {
        _machine.Status(Stanza("bash", "5.2.15-2+b2")).Write("/etc/apt/sources.list", sources);

        Assert.Equal(expected, MachineCollector.Collect(_machine.Options).State.IsOnlyDistributionConfigured);
    }

    [Theory]
    [InlineData("Debian OpenSSL Team <pkg-openssl-devel@alioth-lists.debian.net>", OriginKind.Distribution)]
    [InlineData("Matthias Klose <doko@debian.org>", OriginKind.Distribution)]
    [InlineData("Jonathan Nieder <jrnieder@gmail.com>", OriginKind.Unknown)] // Debian's, or anybody's: the feeds may know the source
    [InlineData("Docker <support@docker.com>", OriginKind.Unknown)]
    [InlineData("debian.org> <mallory@example.org>", OriginKind.Unknown)]
    [InlineData("Mallory <mallory@notdebian.org>", OriginKind.Unknown)]
    public void Collect_NoIndexes_AsksForTheMaintainer(string maintainer, OriginKind expected)
    {
        _machine.Status(Stanza("tool", "1.0-1", more: $"Maintainer: {maintainer}\n")).Write("/etc/apt/sources.list", "deb http://deb.debian.org/debian bookworm main\n");

        Assert.Equal((expected, OriginBasis.Inferred, null), OriginOf("tool"));
    }

    [Fact]
    public void ParseStanzas_Deb822_GivesEveryEnabledRepository()
    {
        const string Text = "# x\nTypes: deb deb-src\nURIs: http://deb.debian.org/debian\nSuites: bookworm\n bookworm-updates\nComponents: main\n\nTypes: deb\nURIs: http://x\nSuites: y\nEnabled: no\n";

        var found = SourcesList.ParseStanzas(Text).ToArray();

        Assert.Equal(["bookworm", "bookworm-updates"], found.Select(repository => repository.Suite));
        Assert.All(found, repository => Assert.True(SourcesList.IsDistribution(repository, "bookworm")));
    }

    private (OriginKind Kind, OriginBasis Basis, string? Label) OriginOf(string name, CollectOptions? options = null)
    {
        var package = MachineCollector.Collect(options ?? _machine.Options).Packages!.Single(p => p.Name == name);
        return (package.Origin, package.OriginBasis, package.OriginLabel);
    }
}
