using System.IO.Compression;
using Suture.Knowledge.Feeds;
using Suture.Knowledge.Feeds.Keeping;
using Suture.Knowledge.Feeds.Readers;
using Suture.Knowledge.Intelligence;
using Suture.Knowledge.Versions;
using Suture.Tests;

namespace Suture.Knowledge.Tests.Feeds;

/// <summary>The readers over the real files.</summary>
public sealed class RealFeedsTests
{
    private static readonly Lazy<FeedFolderContent> Everything = new(() => FeedFolder.Read(TestPaths.RequireData(), GivenReaders.Latest));

    [Fact]
    public void Read_WholeDataFolder_TakesEveryFeedWithoutProblem()
    {
        TestPaths.RequireData();

        var content = Everything.Value;

        Assert.Empty(content.Problems);
        Assert.Equal(
            [
                ("cisa-kev", "2026-08-20", 1673, null), ("cisa-vulnrichment", "2025-01-24", 62717, null), ("cve-meta", null, 15528, null),
                ("cve-records", "2025-01-24", 1693, null), ("debian-dla", "2026-08-21", 4890, null), ("debian-dsa", "2026-08-21", 6485, null),
                ("exploit-evidence", "2026-08-22", 168009, null), ("first-epss", "2026-08-16", 360142, "v5"),
            ],
            content.Ages.Select(a => (a.Feed, a.ContentDate?.ToString("O"), a.Records, a.Version)));
    }

    [Theory]
    [InlineData("bookworm", 8590)]
    [InlineData("bullseye", 12834)]
    [InlineData("trixie", 5244)]
    public void Read_PreparedAdvisories_GiveExactlyTheFixesOfTheTables(string release, int rows)
    {
        var table = DebianFixesReader.Read($"{release}-fixes.csv", File.OpenRead(Path.Combine(TestPaths.RequireData(), "debian", $"{release}-fixes.csv")), GivenReaders.Latest);

        var derived = Everything.Value.Contents.OfType<FixContent>().SelectMany(c => c.Fixes).Where(f => f.Release == release && !f.IsUnrated).ToHashSet();

        Assert.Equal(rows, table.Content!.Count);
        Assert.Equal(0, table.SkippedCount);
        Assert.Empty(table.Content.ToHashSet().Except(derived));
        Assert.Empty(derived.Except(table.Content));
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("bullseye")]
    [InlineData("trixie")]
    public void Read_OnlyTheTables_GivesTheSameFixes(string release)
    {
        var folder = Directory.CreateTempSubdirectory("suture-tables-");
        try
        {
            File.Copy(Path.Combine(TestPaths.RequireData(), "debian", $"{release}-fixes.csv"), Path.Combine(folder.FullName, $"{release}-fixes.csv"));

            var (tables, everything) = (FeedFolder.Read(folder.FullName, GivenReaders.Latest).ToSnapshot(), Everything.Value.ToSnapshot());

            Assert.Equal([release], tables.Releases);
            Assert.Equal(everything.SourcesOf(release).Where(source => Rated(source).Count > 0), tables.SourcesOf(release));
            Assert.All(tables.SourcesOf(release), source => SnapshotEquality.AssertSame(Rated(source), tables.FixesOf(release, source)));

            // The tables hold CVEs only.
            List<SourceFix> Rated(string source) => [.. everything.FixesOf(release, source).Where(fix => !fix.IsUnrated)];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void DebianLists_RealLists_SayTheSameAsThePreparedAdvisories()
    {
        var debian = Path.Combine(TestPaths.RequireData(), "debian");
        var prepared = DebianAdvisoriesReader.Read("debian-advisories.jsonl.gz", File.OpenRead(Path.Combine(debian, "debian-advisories.jsonl.gz")), GivenReaders.Latest).Content!
            .Advisories.ToDictionary(a => a.Id);
        using var zip = ZipFile.OpenRead(Path.Combine(debian, "debian-tracker-lists-raw-2025-02-13.zip"));
        var lists = zip.Entries.Select(entry =>
        {
            using var stream = entry.Open();
            return DebianListReader.Read(entry.FullName, stream, GivenReaders.Latest);
        }).ToList();

        Assert.All(lists, list => Assert.Null(list.Fault));
        Assert.Equal(1, lists.Sum(list => list.SkippedCount));
        Assert.Equal(10133, lists.Sum(list => list.Content!.Advisories.Count));
        Assert.All(lists.SelectMany(list => list.Content!.Advisories), advisory =>
        {
            var same = prepared[advisory.Id];
            Assert.Equal((same.Published, same.AsOf), (advisory.Published, advisory.AsOf));
            Assert.Equal(same.Vulnerabilities, advisory.Vulnerabilities);
            Assert.Equal(same.Fixes, advisory.Fixes);
        });
    }

    [Theory]
    [InlineData("debian", "DSA_list_2025-02-13.txt")]
    [InlineData("debian", "DLA_list_2025-02-13.txt")]
    [InlineData("debian", "debian-advisories.jsonl.gz")]
    [InlineData("debian", "bullseye-fixes.csv")]
    [InlineData("debian", "bookworm-fixes.csv")]
    [InlineData("kev", "known_exploited_vulnerabilities-2026-08-20.csv")]
    [InlineData("kev", "known_exploited_vulnerabilities-2026-08-07.json")]
    [InlineData("epss", "epss-full-2026-08-16.csv.gz")]
    [InlineData("cve", "cve-meta.csv.gz")]
    [InlineData("cve", "vulnrichment-2025-01-24.csv.gz")]
    [InlineData("exploit", "poc-index-trickest.csv.gz")]
    [InlineData("exploit", "nuclei-cve-list.txt")]
    [InlineData("exploit", "patchthisapp-history.csv.gz")]
    public void Read_TenTimesTheRealFile_IsTooLarge(string folder, string name)
    {
        var temporary = Directory.CreateTempSubdirectory("suture-tenfold-");
        try
        {
            var plain = Path.Combine(temporary.FullName, name.EndsWith(".gz", StringComparison.Ordinal) ? name[..^3] : name);
            using (var to = File.Create(plain))
            {
                var whole = Whole(folder, name);
                for (var turn = 0; turn < 10; turn++)
                {
                    to.Write(whole);
                }
            }

            var read = FeedFolder.Read(temporary.FullName, GivenReaders.Latest);

            Assert.Empty(read.Contents);
            Assert.All(read.Problems, problem => Assert.Contains("is larger than", problem.Reason, StringComparison.Ordinal));
            Assert.NotEmpty(read.Problems);
        }
        finally
        {
            temporary.Delete(recursive: true);
        }
    }

    [Fact]
    public void Import_TenTimesTheRealRecords_AreTooMany()
    {
        using var given = new GivenKeep();
        var real = Path.Combine(TestPaths.RequireData(), "cve");
        Directory.CreateDirectory(Path.Combine(given.Folder, "from"));
        File.Copy(Path.Combine(real, "cve-records-v5.zip"), Path.Combine(given.Folder, "from", "cve-records-v5.zip"));
        var options = new FeedImportOptions { From = Path.Combine(given.Folder, "from"), Now = GivenKeep.Now };
        Assert.Equal([FeedNames.CveRecords], given.Keep.Import(options).Taken);

        File.WriteAllBytes(Path.Combine(options.From, "cve-records-v5.zip"), GivenReaders.Zip(
            [.. Enumerable.Range(10_000, 16_930).Select(number => ($"CVE-2026-{number}.json", GivenReaders.CveRecord.Replace("0001", $"{number}", StringComparison.Ordinal)))]));

        Assert.Contains("it has 16930 records and the content in force has 1693; more than 4 times", Assert.Single(given.Keep.Import(options).Problems).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void ToSnapshot_RealFeeds_TellsWhatTheContentsTellAlsoFromTheFile()
    {
        TestPaths.RequireData();
        var path = Path.GetTempFileName();
        try
        {
            var built = Everything.Value.ToSnapshot();
            CompiledSnapshot.Write(path, built);
            using var opened = CompiledSnapshot.Open(path).Content!;

            Assert.Equal(built.Digest, opened.Digest);
            AssertFixes(opened);
            AssertSignals(opened);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static byte[] Whole(string folder, string name)
    {
        var data = Path.Combine(TestPaths.RequireData(), folder);
        if (name.Contains("list_", StringComparison.Ordinal))
        {
            using var zip = ZipFile.OpenRead(Path.Combine(data, "debian-tracker-lists-raw-2025-02-13.zip"));
            using var entry = zip.GetEntry(name)!.Open();
            return Drained(entry);
        }
        using var file = File.OpenRead(Path.Combine(data, name));
        using var plain = name.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : (Stream)file;
        return Drained(plain);
    }

    private static byte[] Drained(Stream stream)
    {
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    // The plain reading of the contents, by dictionaries, against the compiled form.
    private static void AssertFixes(CompiledSnapshot snapshot)
    {
        var plain = Everything.Value.Contents.OfType<FixContent>().SelectMany(c => c.Fixes).GroupBy(f => (f.Release, f.Source)).ToDictionary(g => g.Key, g => g.ToHashSet());
        var seen = 0;
        foreach (var release in snapshot.Releases)
        {
            foreach (var source in snapshot.SourcesOf(release))
            {
                var fixes = snapshot.FixesOf(release, source);
                Assert.True(plain[(release, source)].SetEquals(fixes.SelectMany(f => f.Records)));
                Assert.All(fixes, fix => Assert.All(fix.Records, record => Assert.True(DebianVersion.Compare(record.FixedVersion, fix.FixedVersion) <= 0)));
                Assert.All(fixes.Zip(fixes.Skip(1)), pair => Assert.True(DebianVersion.Compare(pair.First.FixedVersion, pair.Second.FixedVersion) <= 0));
                Assert.All(fixes, fix => Assert.Equal(fix.FixedVersion, fix.Records[0].FixedVersion));
                seen++;
            }
        }
        Assert.Equal(plain.Count, seen);
    }

    // As the reader told it, without the date of the feed that the snapshot adds.
    private static Signal<T>? Plain<T>(Signal<T>? signal) => signal is null ? null : signal with { FeedDate = null };

    private static void AssertSignals(CompiledSnapshot snapshot)
    {
        var kev = Everything.Value.Contents.OfType<KevContent>().Single().Entries;
        var epss = Everything.Value.Contents.OfType<EpssContent>().Single();
        var exploits = Everything.Value.Contents.OfType<ExploitContent>().Single().Evidence;
        var facts = Everything.Value.Contents.OfType<CveContent>().SelectMany(c => c.Cves).ToLookup(c => c.Id);
        var ids = epss.Scores.Keys.Concat(kev.Keys).Concat(exploits.Keys).Concat(facts.Select(f => f.Key)).ToHashSet();
        Assert.Equal(ids.Count, snapshot.Vulnerabilities);
        foreach (var id in ids)
        {
            var found = snapshot.Find(id);
            Assert.True(found.Kev is null || found.Kev.FeedDate == new DateOnly(2026, 8, 20));
            Assert.Equal(kev.GetValueOrDefault(id), found.Kev?.Value);
            Assert.Equal(epss.Scores.GetValueOrDefault(id), found.Epss?.Value);
            Assert.True(exploits.GetValueOrDefault(id, []).SequenceEqual(found.Exploits.Select(exploit => Plain(exploit)!)));
            Assert.True(found.Cvss is null ? facts[id].All(f => f.Cvss is null) : facts[id].Any(f => f.Cvss == Plain(found.Cvss)));
            Assert.True(found.Ssvc is null ? facts[id].All(f => f.Ssvc is null) : facts[id].Any(f => f.Ssvc == Plain(found.Ssvc)));
            Assert.True(found.Description is null ? facts[id].All(f => f.Description is null) : facts[id].Any(f => f.Description == found.Description));
            Assert.True(found.Cwe is null ? facts[id].All(f => f.Cwe is null) : facts[id].Any(f => f.Cwe == Plain(found.Cwe)));
            Assert.True(found.Published is null ? facts[id].All(f => f.Published is null) : facts[id].Any(f => f.Published == Plain(found.Published)));
        }
    }
}
