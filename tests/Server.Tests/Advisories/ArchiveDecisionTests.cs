using Suture.Advisories.Archive;
using Suture.Knowledge.Feeds;

namespace Suture.Server.Tests.Advisories;

/// <summary>Changelogs, the index, and what follows from them: all pure.</summary>
public sealed class ArchiveDecisionTests
{
    private const string Log =
        """
        tool (1:1.0-3+deb12u3) bookworm-security; urgency=high

          * Fix CVE-2026-0003, cve-2026-0002 and (CVE-2026-123456789);
            again CVE-2026-0003. d/p/CVE-2026-0007_1.patch, CVE-2026-0008.patch
          * Not ids: CVE-2026-123, CVE-3026-0001, XCVE-2026-0001, CVE-2026-1234567890

         -- Anna <anna@example.org>  Tue, 18 Aug 2026 01:00:00 +0300

        tool (1:1.0-3+deb12u2) bookworm-security; urgency=high

          * Nothing named.

         -- Anna <anna@example.org>  some day

        tool (1:1.0-3) unstable; urgency=low

          * CVE-2026-0001

         -- Anna <anna@example.org>  Tue, 04 Aug 2026 01:00:00 +0000
        """;

    private static readonly PackageFile File1 = File("tool", "1:1.0-3+deb12u3");

    private static readonly ArchiveRead Read1 = new("tool", "1:1.0-3+deb12u3", "1:1.0-3", [File1]);

    [Fact]
    public void Changelog_RealForms_GivesEntriesUntilTheFirstThatIsNotNewer()
    {
        var entries = DebianChangelog.Read(new StringReader(Log), version => version != "1:1.0-3");

        Assert.Equal(2, entries.Count);
        Assert.Equal(("tool", "1:1.0-3+deb12u3", "bookworm-security", new DateOnly(2026, 8, 17)), (entries[0].Source, entries[0].Version, entries[0].Distributions, entries[0].Date!.Value));
        Assert.Equal(["CVE-2026-0002", "CVE-2026-0003", "CVE-2026-0007", "CVE-2026-0008", "CVE-2026-123456789"], entries[0].Vulnerabilities);
        Assert.Null(entries[1].Date);
        Assert.Empty(entries[1].Vulnerabilities);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>\n -- x  y\n")]
    [InlineData("tool (1.0) unstable; urgency=low\n\n  * CVE-2026-0001\n")] // cut off before its trailer
    public void Changelog_NoWholeEntry_IsEmpty(string text) => Assert.Empty(DebianChangelog.Read(new StringReader(text), _ => true));

    [Fact]
    public void Index_ParagraphsOfAllKinds_GivesWholeOnesMappedToTheirSource()
    {
        const string index =
            """
            Package: libtool
            Source: tool (2.0-1)
            Version: 2.0-1+b1
            Description: first: line
             Version: 9
            Filename: pool/a.deb
            Size: 10
            SHA256: aa

            Package: incomplete
            Version: 1

            Package: linux-image-amd64
            Source: linux-signed-amd64 (6.1.192+2)
            Version: 6.1.192-2
            Filename: pool/b.deb
            Size: 20
            SHA256: bb
            """;

        var files = PackageFile.ReadIndex(new StringReader(index)).ToList();

        Assert.Equal([("libtool", "tool", "2.0-1", "pool/a.deb", 10L, "aa"), ("linux-image-amd64", "linux", "6.1.192-2", "pool/b.deb", 20L, "bb")],
            files.Select(file => (file.Package, file.Source, file.SourceVersion, file.Path, file.SizeBytes, file.Sha256)));
    }

    [Fact]
    public void Wanted_ManyFiles_IsTheSmallestOfTheNewestVersionThatTheFleetLacks()
    {
        PackageFile[] index =
        [
            File("zlib", "2.0", 30), File("zlib", "2.0", 20), File("zlib", "1.9", 1), File("current", "1.0"), File("newer", "1.0"), File("absent", "9"), File("apt", "1.10"),
        ];

        var wanted = DecideArchiveReads.Wanted(index, new Dictionary<string, string> { ["zlib"] = "1.8", ["current"] = "1.0", ["newer"] = "1.1", ["apt"] = "1.9" });

        Assert.Equal([("apt", "1.10", "1.9", 10L), ("zlib", "2.0", "1.8", 20L)], wanted.Select(read => (read.Source, read.Version, read.OldestInstalled, read.Files[0].SizeBytes)));
        Assert.Equal([20L, 30L], wanted[1].Files.Select(file => file.SizeBytes));
    }

    [Theory]
    [InlineData(new long[] { 10, 20, 900 }, null, new long[] { 10, 20, 900 })] // no links: by size
    [InlineData(new long[] { 10, 20, 25, 900 }, 25L, new long[] { 10, 25 })] // the linked one costs less than the next two
    [InlineData(new long[] { 10, 20, 500, 900 }, 900L, new long[] { 10, 20, 500, 900 })]
    [InlineData(new long[] { 10, 1001, 1002 }, 1002L, new long[] { 10 })] // over the bound
    [InlineData(new long[] { 600, 700, 800, 900 }, null, new long[] { 600, 700 })] // together over the bound
    [InlineData(new long[] { 2000 }, null, new long[0])]
    public void Next_UntilNoneIsLeft_IsTheCheapestWay(long[] sizes, long? linkedSize, long[] expected)
    {
        var read = new ArchiveRead("tool", "2.0", "1.0", [.. sizes.Select(size => File("tool", "2.0", size))]);
        var asked = new AskedPackages();

        while (DecideArchiveReads.Next(read, asked, 1000) is { } file)
        {
            asked.Add(file, linkedSize is { } size ? $"tool{size}" : null);
        }

        Assert.Equal(expected, asked.Files.Select(file => file.SizeBytes).TakeWhile(size => size != linkedSize || expected.Contains(size)).Take(expected.Length));
        Assert.True(expected.Length == asked.Files.Count || expected[^1] == linkedSize);
    }

    [Fact]
    public void Next_ManySmallLinks_AsksTheLinkedOneBeforeTheBoundOfRequests()
    {
        var read = new ArchiveRead("tool", "2.0", "1.0", [.. Enumerable.Range(1, 500).Select(size => File("tool", "2.0", size)), File("tool", "2.0", 1_000_000)]);
        var asked = new AskedPackages();

        PackageFile? file;
        while ((file = DecideArchiveReads.Next(read, asked, 2_000_000)) is { SizeBytes: < 1_000_000 })
        {
            asked.Add(file, "tool1000000");
        }

        Assert.Equal(1_000_000, file?.SizeBytes);
        Assert.Equal(DecideArchiveReads.PackagesAskedMax / 2, asked.Files.Count);
    }

    [Fact]
    public void Records_EntriesOfAChangelog_AreFixedInTheirOwnVersion()
    {
        ChangelogEntry[] entries =
        [
            Entry("1:1.0-9", "CVE-2026-0009"), // above what the suite has
            Entry("1:1.0-3+deb12u3", "CVE-2026-0003"), Entry("1:1.0-3+deb12u2", "CVE-2026-0002"),
        ];

        Assert.Equal([("CVE-2026-0003", "1:1.0-3+deb12u3", "tool 1:1.0-3+deb12u3"), ("CVE-2026-0002", "1:1.0-3+deb12u2", "tool 1:1.0-3+deb12u2")],
            DecideArchiveReads.Records("bookworm", Read1, entries).Select(record => (record.Vulnerability, record.FixedVersion, record.Record)));
    }

    [Fact]
    public void Records_NewestNamesNoCve_IsUnratedToo()
    {
        var named = DecideArchiveReads.Records("bookworm", Read1, [Entry("1:1.0-3+deb12u3"), Entry("1:1.0-3+deb12u2", "CVE-2026-0002")]);

        Assert.Equal(["CVE-2026-0002", "UNRATED-tool-1:1.0-3+deb12u3"], named.Select(record => record.Vulnerability).Order());
    }

    [Fact]
    public void Merge_ReadAgain_ReplacesThatVersionOnly()
    {
        FixRecord[] known = [Fix("CVE-2026-0001", "1.0"), Fix("CVE-2026-0002", "2.0"), Fix("CVE-2026-0003", "2.0", "other")];

        var merged = DecideArchiveReads.Merge(known, [new ArchiveRead("tool", "2.0", "0.9", [File1])], [Fix("CVE-2026-0004", "2.0")]);

        Assert.Equal(["1.0 CVE-2026-0001", "2.0 CVE-2026-0003", "2.0 CVE-2026-0004"], merged.Select(record => $"{record.FixedVersion} {record.Vulnerability}").Order());
    }

    [Fact]
    public void Merge_UnratedVersionWhoseCvesBecomeKnown_GivesWayToThem()
    {
        var unrated = Fix(FixRecord.UnratedId("tool", "1.0"), "1.0");

        // Version 2.0 was read since, and its changelog tells what 1.0 fixed.
        var merged = DecideArchiveReads.Merge([unrated], [new ArchiveRead("tool", "2.0", "0.9", [File1])], [Fix("CVE-2026-0002", "2.0"), Fix("CVE-2026-0001", "1.0")]);

        Assert.Equal(["CVE-2026-0001", "CVE-2026-0002"], merged.Select(record => record.Vulnerability).Order());
    }

    [Fact]
    public void Merge_NotReadThisTime_StandsBesideTheCvesThatAreKnown()
    {
        var merged = DecideArchiveReads.Merge([Fix("CVE-2026-0001", "1.0")], [], [FixRecord.Unread("bookworm", "tool", "1.0", "the run is used up")]);

        Assert.Equal(["CVE-2026-0001", "UNREAD-tool-1.0"], merged.Select(record => record.Vulnerability).Order());
    }

    [Fact]
    public void Merge_NotReadBefore_HoldsOnlyWhenItIsSaidAgain()
    {
        var merged = DecideArchiveReads.Merge([FixRecord.Unread("bookworm", "tool", "1.0", "the run is used up"), Fix("CVE-2026-0001", "0.9")], [], []);

        Assert.Equal("CVE-2026-0001", Assert.Single(merged).Vulnerability);
    }

    private static PackageFile File(string source, string version, long bytes = 10) =>
        new() { Package = $"{source}{bytes}", Source = source, SourceVersion = version, Path = $"pool/{source}{bytes}.deb", SizeBytes = bytes, Sha256 = "aa" };

    private static ChangelogEntry Entry(string version, params string[] cves) => new("tool", version, "bookworm-security", new DateOnly(2026, 8, 18), cves);

    private static FixRecord Fix(string vulnerability, string version, string source = "tool") =>
        new("bookworm", source, vulnerability, version, $"{source} {version}", null, FeedNames.DebianArchive);
}
