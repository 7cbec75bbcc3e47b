using Suture.Knowledge.Feeds;
using Suture.Knowledge.Intelligence;

namespace Suture.Knowledge.Tests.Feeds;

/// <summary>Building, compiling and opening snapshots.</summary>
public sealed class SnapshotTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("suture-snapshot-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Build_SeveralRecordsOfOneVulnerability_HighestVersionHolds()
    {
        var snapshot = Small();

        var fixes = snapshot.FixesOf("bookworm", "openssl");

        Assert.Equal([("CVE-2026-0002", "3.0.9-1"), ("CVE-2026-0001", "3.0.10-1")], fixes.Select(f => (f.Vulnerability, f.FixedVersion)));
        Assert.Equal(["DSA-2-1", "DSA-1-1"], fixes[1].Records.Select(r => r.Record));
        Assert.True(snapshot.Covers("bookworm"));
        Assert.True(snapshot.Covers("forky"), "a release that the feed speaks of without a fix is covered");
        Assert.False(snapshot.Covers("woody"));
        Assert.Equal(["curl", "openssl"], snapshot.SourcesOf("bookworm"));
        Assert.Empty(snapshot.FixesOf("bookworm", "nginx"));
        Assert.Empty(snapshot.FixesOf("woody", "openssl"));
    }

    [Fact]
    public void Find_UnknownVulnerability_HasNullSignals()
    {
        var unknown = Small().Find("CVE-1999-9999");

        Assert.Equal(new Vulnerability { Id = "CVE-1999-9999", KevKnown = true }, unknown);
        Assert.Equal("UNRATED-tzdata-2025b", Small().Find("UNRATED-tzdata-2025b").Id);
    }

    [Fact]
    public void Find_SeveralFeedsTell_TakesByPrecedence()
    {
        var found = Small().Find("CVE-2026-0001");

        Assert.Equal("3.1", found.Cvss!.Value.Version);
        Assert.Equal(new DateOnly(2026, 2, 1), found.Ssvc!.Date);
        Assert.Equal("from the record", found.Description);
        Assert.Equal(new EpssScore(0.5, 0.97531, "v5"), found.Epss!.Value);
        Assert.Equal(new DateOnly(2026, 1, 9), found.Kev!.Value.Added);
        Assert.True(found.KevKnown);
    }

    [Fact]
    public void Find_Signals_CarryTheDateOfTheirFeedBesideTheirOwn()
    {
        var added = new DateOnly(2023, 9, 13);
        var found = new FeedSnapshotBuilder()
            .Add(new KevContent { Feed = FeedNames.CisaKev, ContentDate = new DateOnly(2026, 8, 20), Entries = new Dictionary<string, KevEntry> { ["CVE-2026-0001"] = new(added, null, false, "Name") } })
            .Add(new CveContent
            {
                Feed = FeedNames.CveRecords, ContentDate = new DateOnly(2026, 8, 19),
                Cves = [new CveFacts { Id = "CVE-2026-0001", Cvss = new(new CvssScore(5, null, "3.1"), $"{FeedNames.CveRecords}: redhat", added) }],
            })
            .Build().Find("CVE-2026-0001");

        Assert.Equal((added, new DateOnly(2026, 8, 20)), (found.Kev!.Date, found.Kev.FeedDate));
        Assert.Equal((added, new DateOnly(2026, 8, 19)), (found.Cvss!.Date, found.Cvss.FeedDate));
    }

    [Fact]
    public void Digest_SameContentInAnotherOrder_IsTheSame()
    {
        var (one, other) = (Small(), Small(reversed: true));

        Assert.Equal(one.Digest, other.Digest);
        Assert.Matches("^[0-9a-f]{64}$", one.Digest);
        Assert.NotEqual(one.Digest, new FeedSnapshotBuilder().Build().Digest);
    }

    [Fact]
    public void Build_FeedsCompiledBefore_IsTheSameAsFromTheirContents()
    {
        var kept = Contents().Select((content, number) =>
        {
            var path = Path.Combine(_folder, $"{number}.snapshot");
            CompiledSnapshot.Write(path, FeedSnapshotBuilder.Compile(content));
            return CompiledSnapshot.Open(path).Content!;
        });

        var merged = kept.Aggregate(new FeedSnapshotBuilder(), (builder, feed) => builder.Add(feed)).Build();

        Assert.Equal(Small().Digest, merged.Digest);
        SnapshotEquality.AssertSame(Small(), merged, ["CVE-2026-0001", "CVE-2026-0002", "CVE-2026-0003"]);
    }

    [Fact]
    public void Open_WrittenFile_TellsTheSame()
    {
        var path = Path.Combine(_folder, "a.snapshot");
        var built = Small();
        CompiledSnapshot.Write(path, built, "a note");

        using var opened = CompiledSnapshot.Open(path).Content!;

        Assert.Equal(built.Digest, opened.Digest);
        Assert.Equal("a note", opened.Note);
        Assert.Equal(built.Feeds, opened.Feeds);
        SnapshotEquality.AssertSame(built, opened, ["CVE-2026-0001", "CVE-2026-0002", "CVE-2026-0003"]);
        Assert.Single(Directory.GetFiles(_folder));
    }

    [Fact]
    public void Open_DroppedWithoutDispose_FreesItsMapping()
    {
        var path = Path.Combine(_folder, "dropped.snapshot");
        CompiledSnapshot.Write(path, Small());
        OpenAndDrop(path);

        GC.Collect();
        GC.WaitForPendingFinalizers();

        Assert.DoesNotContain(path, File.ReadAllText("/proc/self/maps"), StringComparison.Ordinal);
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static void OpenAndDrop(string path)
    {
        for (var turn = 0; turn < 3; turn++)
        {
            Assert.True(CompiledSnapshot.Open(path).Content!.Covers("bookworm"));
        }
        Assert.Contains(path, File.ReadAllText("/proc/self/maps"), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_AnyByteDamaged_IsRefused()
    {
        var path = Path.Combine(_folder, "a.snapshot");
        CompiledSnapshot.Write(path, Small());
        var whole = File.ReadAllBytes(path);
        var survivors = new List<int>();

        for (var at = 0; at < whole.Length; at++)
        {
            var damaged = (byte[])whole.Clone();
            damaged[at] ^= 0x10;
            File.WriteAllBytes(path, damaged);
            if (CompiledSnapshot.Open(path) is { Content: { } opened })
            {
                opened.Dispose();
                survivors.Add(at);
            }
        }

        Assert.Empty(survivors);
    }

    [Fact]
    public void Open_CutOffMissingOrOther_IsRefusedWithReason()
    {
        var path = Path.Combine(_folder, "a.snapshot");
        CompiledSnapshot.Write(path, Small());
        var whole = File.ReadAllBytes(path);

        File.WriteAllBytes(path, whole[..(whole.Length / 2 / 8 * 8)]);
        Assert.Contains("length", CompiledSnapshot.Open(path).Fault!.Reason);
        File.WriteAllBytes(path, whole[..10]);
        Assert.Contains("cut off", CompiledSnapshot.Open(path).Fault!.Reason);
        File.WriteAllBytes(path, []);
        Assert.NotNull(CompiledSnapshot.Open(path).Fault);
        whole[8]++;
        File.WriteAllBytes(path, whole);
        Assert.Contains("version 2", CompiledSnapshot.Open(path).Fault!.Reason);
        Assert.Contains("compile it anew", CompiledSnapshot.Open(Path.Combine(_folder, "none")).Fault!.Reason);
    }

    private static CompiledSnapshot Small(bool reversed = false)
    {
        var contents = Contents(reversed);
        return (reversed ? contents.Reverse() : contents).Aggregate(new FeedSnapshotBuilder(), (builder, content) => builder.Add(content)).Build();
    }

    private static FeedContent[] Contents(bool reversed = false)
    {
        FixRecord[] fixes =
        [
            new("bookworm", "openssl", "CVE-2026-0001", "3.0.9-1", "DSA-1-1", new DateOnly(2026, 1, 1), FeedNames.DebianDsa),
            new("bookworm", "openssl", "CVE-2026-0001", "3.0.10-1", "DSA-2-1", new DateOnly(2025, 2, 1), FeedNames.DebianDsa),
            new("bookworm", "openssl", "CVE-2026-0002", "3.0.9-1", "DSA-1-1", null, FeedNames.DebianDsa),
            new("bookworm", "curl", "CVE-2026-0003", "8.0-1", "DSA-3-1", null, FeedNames.DebianDsa),
        ];
        return
        [
            new FixContent { Feed = FeedNames.DebianDsa, ContentDate = new DateOnly(2026, 2, 1), Advisories = 3, Releases = ["bookworm", "forky"], Fixes = reversed ? [.. fixes.Reverse()] : fixes },
            new KevContent { Feed = FeedNames.CisaKev, ContentDate = null, Entries = new Dictionary<string, KevEntry> { ["CVE-2026-0001"] = new(new DateOnly(2026, 1, 9), null, true, "Näme") } },
            new EpssContent { Feed = FeedNames.FirstEpss, ContentDate = new DateOnly(2026, 8, 16), Version = "v5", Scores = new Dictionary<string, EpssScore> { ["CVE-2026-0001"] = new(0.5, 0.97531, "v5"), ["CVE-2026-0003"] = new(0.1, 0.2, "v5") } },
            new CveContent { Feed = FeedNames.CveMeta, ContentDate = null, Cves = [new CveFacts { Id = "CVE-2026-0001", Cvss = new(new CvssScore(7.5, null, "3.1"), "nvd", null), Description = "from the table" }] },
            new CveContent
            {
                Feed = FeedNames.CveRecords, ContentDate = null,
                Cves = [new CveFacts { Id = "CVE-2026-0001", Cvss = new(new CvssScore(5, "AV:N", "2.0"), "cna", null), Description = "from the record", Ssvc = new(new SsvcPoints("none", null, false), "cisa", new DateOnly(2026, 1, 1)) }],
            },
            new CveContent { Feed = FeedNames.Vulnrichment, ContentDate = null, Cves = [new CveFacts { Id = "CVE-2026-0001", Ssvc = new(new SsvcPoints("active", true, true), "cisa", new DateOnly(2026, 2, 1)) }] },
            new ExploitContent
            {
                Feed = FeedNames.ExploitEvidence, ContentDate = null,
                Evidence = new Dictionary<string, IReadOnlyList<Signal<ExploitEvidence>>> { ["CVE-2026-0002"] = [new(new ExploitEvidence(ExploitKind.Framework, null, 2), "msf", null)] },
            },
        ];
    }
}

/// <summary>Deep comparison of snapshots.</summary>
internal static class SnapshotEquality
{
    public static void AssertSame(FeedSnapshot one, FeedSnapshot other, IEnumerable<string> vulnerabilities)
    {
        foreach (var release in ((CompiledSnapshot)one).Releases)
        {
            Assert.Equal(one.SourcesOf(release), other.SourcesOf(release));
            foreach (var source in one.SourcesOf(release))
            {
                AssertSame(one.FixesOf(release, source), other.FixesOf(release, source));
            }
        }
        foreach (var id in vulnerabilities)
        {
            AssertSame(one.Find(id), other.Find(id));
        }
    }

    public static void AssertSame(IReadOnlyList<SourceFix> one, IReadOnlyList<SourceFix> other)
    {
        Assert.Equal(one.Count, other.Count);
        for (var index = 0; index < one.Count; index++)
        {
            Assert.Equal((one[index].Vulnerability, one[index].FixedVersion), (other[index].Vulnerability, other[index].FixedVersion));
            Assert.True(one[index].Records.SequenceEqual(other[index].Records));
        }
    }

    public static void AssertSame(Vulnerability one, Vulnerability other)
    {
        Assert.True(one.Exploits.SequenceEqual(other.Exploits), one.Id);
        Assert.True(one with { Exploits = [] } == other with { Exploits = [] } || (one with { Exploits = other.Exploits }) == other, $"{one} is not {other}");
    }
}
