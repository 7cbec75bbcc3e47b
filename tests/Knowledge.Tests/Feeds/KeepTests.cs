using System.Runtime.InteropServices;
using Suture.Knowledge.Feeds;
using Suture.Knowledge.Feeds.Keeping;
using Suture.Knowledge.Files;
using Suture.Knowledge.Intelligence;
using static Suture.Knowledge.Tests.Feeds.GivenKeep;

namespace Suture.Knowledge.Tests.Feeds;

/// <summary>What an import keeps: feed by feed, part by part, the last good content.</summary>
public sealed class KeepTests : IDisposable
{
    private readonly GivenKeep _given = new();

    public void Dispose() => _given.Dispose();

    [Fact]
    public void Import_GoodDsaBesideDamagedDla_KeepsTheOldDlaAndNamesItAlone()
    {
        _given.Import(("DSA_list.txt", List("DSA", 30)), ("DLA_list.txt", List("DLA", 40)));

        var import = _given.Import(("DSA_list.txt", List("DSA", 31)), ("DLA_list.txt", "<html>Moved</html>"));

        Assert.Equal([FeedNames.DebianDsa], import.Taken);
        Assert.StartsWith("debian-dla: DLA_list.txt, line 1: it is a web page", Assert.Single(import.Problems).ToString(), StringComparison.Ordinal);
        Assert.Equal([(FeedNames.DebianDla, 40, true), (FeedNames.DebianDsa, 31, false)], _given.Keep.ReadStatus().Select(row => (row.Feed, row.Records, row.Problem is not null)));
        Assert.Single(_given.Current.FixesOf("bookworm", "dla40"));
        Assert.Single(_given.Current.FixesOf("bookworm", "dsa31"));
    }

    [Fact]
    public void Import_FolderWithoutDla_KeepsTheOldOneWithoutAWord()
    {
        _given.Import(("DSA/list", List("DSA", 30)), ("DLA/list", List("DLA", 40)));

        var import = _given.Import(("DSA/list", List("DSA", 31)));

        Assert.Empty(import.Problems);
        Assert.Equal([40, 31], _given.Current.Feeds.Select(feed => feed.Records));
        Assert.All(_given.Keep.ReadStatus(), row => Assert.Null(row.Problem));
    }

    [Fact]
    public void Import_HalfOfOneListGone_NamesFileAndFeed()
    {
        _given.Import(("DSA_list.txt", List("DSA", 30)), ("DLA_list.txt", List("DLA", 40)));

        var import = _given.Import(("DSA_list.txt", List("DSA", 30)), ("DLA_list.txt", List("DLA", 19)));

        Assert.Equal([FeedNames.DebianDsa], import.Taken);
        var problem = Assert.Single(import.Problems).ToString();
        Assert.StartsWith("debian-dla: DLA_list.txt: it has 19 records and the content in force has 40; fewer than half", problem, StringComparison.Ordinal);
        Assert.EndsWith("import it with --accept debian-dla", problem, StringComparison.Ordinal);
        Assert.Equal([problem, null], _given.Keep.ReadStatus().Select(row => row.Problem));
    }

    [Fact]
    public void Import_PreparedAdvisoriesDamaged_IsRefusedUnderBothFeeds()
    {
        var import = _given.Import(("debian-advisories.jsonl", "{\"id\":"));

        Assert.Equal(
            ["debian-dla: debian-advisories.jsonl, line 1: it is no JSON", "debian-dsa: debian-advisories.jsonl, line 1: it is no JSON"],
            import.Problems.Select(problem => problem.ToString()[..(problem.ToString().IndexOf("JSON", StringComparison.Ordinal) + 4)]));
    }

    [Fact]
    public void Import_OneListOfExploitsCutOff_KeepsWhatItSaidAndTakesTheOther()
    {
        _given.Import(("patchthisapp.csv", Modules(30)), ("nuclei.txt", Templates(30)));

        var import = _given.Import(("patchthisapp.csv", "cve,source,first_seen\nCVE-2026-0001,Meta"), ("nuclei.txt", Templates(31)));

        Assert.Equal([FeedNames.ExploitEvidence], import.Taken);
        Assert.Contains("patchthisapp.csv, line 2", Assert.Single(import.Problems).ToString(), StringComparison.Ordinal);
        Assert.Equal([ExploitKind.Framework, ExploitKind.Template], _given.Current.Find("CVE-2026-0030").Exploits.Select(exploit => exploit.Value.Kind));
        Assert.Equal([ExploitKind.Template], _given.Current.Find("CVE-2026-0031").Exploits.Select(exploit => exploit.Value.Kind));
    }

    [Fact]
    public void Import_OneSmallListOfALargeFeedShrinks_IsRefusedThoughTheFeedIsNot()
    {
        _given.Import(("poc-index.csv", Mentions(1_000)), ("nuclei.txt", Templates(40)));

        var import = _given.Import(("poc-index.csv", Mentions(1_001)), ("nuclei.txt", Templates(19)));

        Assert.StartsWith("exploit-evidence: nuclei.txt: it has 19 records and the content in force has 40", Assert.Single(import.Problems).ToString(), StringComparison.Ordinal);
        Assert.Equal(2, _given.Current.Find("CVE-2026-0040").Exploits.Count);
        Assert.Single(_given.Current.Find("CVE-2026-1001").Exploits);
    }

    [Fact]
    public void Import_FarMoreThanInForce_IsRefusedUntilAPersonAccepts()
    {
        _given.Import(("known_exploited.csv", Kev(1_000)));

        var refused = _given.Import(("known_exploited.csv", Kev(10_000)));
        Assert.Contains("more than 4 times as many", Assert.Single(refused.Problems).Reason, StringComparison.Ordinal);
        Assert.Equal(1_000, _given.Current.Feeds.Single().Records);

        var accepted = _given.Import(Now, [FeedNames.CisaKev], ("known_exploited.csv", Kev(10_000)));
        Assert.Empty(accepted.Problems);
        Assert.Equal(10_000, _given.Current.Feeds.Single().Records);
    }

    [Fact]
    public void Import_SmallFeed_MayGrowFreely()
    {
        _given.Import(("known_exploited.csv", Kev(FeedCheck.GrowthFloor - 1)));

        Assert.Empty(_given.Import(("known_exploited.csv", Kev(10_000))).Problems);
    }

    [Fact]
    public void Import_OlderContent_IsRefusedEvenWhenItsSizeIsAccepted()
    {
        _given.Import(("known_exploited.csv", Kev(40)));

        var import = _given.Import(Now, [FeedNames.CisaKev], ("known_exploited.csv", Kev(40, added: "2026-08-17")));

        Assert.StartsWith(
            "cisa-kev: known_exploited.csv: it is of 2026-08-17 and the content in force of 2026-08-18; a feed never goes back in time", Assert.Single(import.Problems).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Import_OneEntryFromTheFuture_LocksNothing()
    {
        _given.Import(("known_exploited.csv", Kev(40)));

        var import = _given.Import(("known_exploited.csv", Kev(40) + "CVE-2026-0041,Name,9999-01-02,,Known\n"));
        Assert.StartsWith("cisa-kev: known_exploited.csv, line 42: dateAdded of CVE-2026-0041 is 9999-01-02", Assert.Single(import.Problems).ToString(), StringComparison.Ordinal);

        Assert.Equal([FeedNames.CisaKev], _given.Import(("known_exploited.csv", Kev(41, added: "2026-08-19"))).Taken);
    }

    [Fact]
    public void Import_ContentInForceFromTheFuture_HoldsNothingUp()
    {
        _given.Import(new DateTimeOffset(9999, 1, 2, 0, 0, 0, TimeSpan.Zero), [], ("known_exploited.csv", Kev(40, added: "9999-01-02")));

        Assert.Equal([FeedNames.CisaKev], _given.Import(("known_exploited.csv", Kev(40))).Taken);
        Assert.Equal(new DateOnly(2026, 8, 18), _given.Current.Feeds.Single().ContentDate);
    }

    [Fact]
    public void Import_ListUnderAnotherName_TakesThePlaceOfTheOldOne()
    {
        _given.Import(("DSA_list_2026-08-18.txt", List("DSA", 30)));
        Assert.Single(_given.Current.FixesOf("bookworm", "dsa30"));

        _given.Import(("DSA_list_2026-08-19.txt", List("DSA", 29)));

        Assert.Empty(_given.Current.FixesOf("bookworm", "dsa30"));
        Assert.Single(_given.Current.FixesOf("bookworm", "dsa29"));
    }

    [Theory]
    [InlineData("cve-list-2026-08-18.zip", "cve-list_2026-08-19.ZIP", true)]
    [InlineData("cve-2024.zip", "cve-2025.zip", false)]
    [InlineData("bookworm-fixes.csv", "trixie-fixes.csv", false)]
    [InlineData("bookworm-fixes.csv", "a/bookworm-fixes.csv.gz", true)]
    [InlineData("DSA_list.txt", "debian-tracker-lists-raw-2025-02-13.zip", true)]
    [InlineData("known_exploited.csv", "known_exploited.json", true)]
    [InlineData("nuclei.txt", "poc-index.csv", false)]
    public void PartOf_TwoNames_IsTheSameForTheSameDelivery(string one, string other, bool isSame) =>
        Assert.Equal(isSame, FeedFiles.PartOf(FeedFiles.KindOf(one)!.Value, one) == FeedFiles.PartOf(FeedFiles.KindOf(other)!.Value, other));

    [Fact]
    public void Import_TablesWhereAdvisoriesAreInForce_AreRefused()
    {
        _given.Import(("DSA_list.txt", List("DSA", 30)));

        var import = _given.Import(("bookworm-fixes.csv", "source,cve,fixed_version,advisory_date,advisory\nopenssl,CVE-2026-0001,3.0-1,2026-01-02,DSA-1-1\n"));

        Assert.Contains("it is derived from the advisories", Assert.Single(import.Problems).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Import_SingleCveRecords_AreOnePartTogether()
    {
        var record = GivenReaders.CveRecord;

        _given.Import(("CVE-2026-0001.json", record), ("2026/CVE-2026-0002.json", record.Replace("0001", "0002", StringComparison.Ordinal)));
        Assert.Equal(9.8, _given.Current.Find("CVE-2026-0002").Cvss!.Value.Score);

        File.Delete(Directory.GetFiles(Path.Combine(_given.Folder, FeedNames.CveRecords), "*.snapshot").Single());
        Assert.Equal(2, _given.Current.Feeds.Single().Records);
    }

    [Fact]
    public void Import_SameFilesAgain_LeavesWhatIsInForceAsItIs()
    {
        _given.Import(("DSA_list.txt", List("DSA", 30)), ("known_exploited.csv", Kev(40)));
        using var before = _given.Current;

        var import = _given.Import(Now.AddDays(1), [], ("DSA_list.txt", List("DSA", 30)), ("known_exploited.csv", Kev(40)));

        Assert.Equal([FeedNames.CisaKev, FeedNames.DebianDsa], import.Taken);
        Assert.Equal(before.Digest, _given.Current.Digest);
        Assert.All(_given.Keep.ReadStatus(), row => Assert.Equal(Now.AddDays(1), row.LastSuccessUtc));
    }

    [Fact]
    public void Import_KeptFileDamagedOnTheDisk_HoldsUpOnlyItsOwnFeedUntilItComesAnew()
    {
        _given.Import(("poc-index.csv", Mentions(30)), ("nuclei.txt", Templates(30)), ("known_exploited.csv", Kev(30)));
        File.WriteAllText(_given.PathOf(FeedNames.ExploitEvidence, "mentions"), "");

        Assert.Equal("exploit-evidence: poc-index.csv: the kept file is damaged or gone; what is in force stays. Import or fetch it again", _given.Keep.FindDamage().Single().ToString());
        Assert.Null(_given.Keep.DigestOf(FeedNames.ExploitEvidence, "mentions"));
        Assert.NotNull(_given.Keep.DigestOf(FeedNames.ExploitEvidence, "templates"));
        var other = _given.Import(("nuclei.txt", Templates(31)), ("known_exploited.csv", Kev(31)));
        Assert.Equal([FeedNames.CisaKev], other.Taken);
        Assert.Contains("poc-index.csv: the kept file is damaged", Assert.Single(other.Problems).ToString(), StringComparison.Ordinal);
        Assert.Equal(2, _given.Current.Find("CVE-2026-0030").Exploits.Count);
        Assert.Contains("damaged", _given.Keep.ReadStatus().Single(row => row.Feed == FeedNames.ExploitEvidence).Problem, StringComparison.Ordinal);

        Assert.Equal([FeedNames.ExploitEvidence], _given.Import(("poc-index.csv", Mentions(30))).Taken);
        Assert.Empty(_given.Keep.FindDamage());
        Assert.Equal([FeedNames.ExploitEvidence], _given.Import(("nuclei.txt", Templates(31))).Taken);
    }

    [Fact]
    public void Import_KeptFileWithOneBitChanged_IsNoticedBeforeItIsUsed()
    {
        _given.Import(("poc-index.csv", Mentions(30)), ("nuclei.txt", Templates(30)));
        var path = _given.PathOf(FeedNames.ExploitEvidence, "mentions");
        File.WriteAllText(path, File.ReadAllText(path).Replace("CVE-2026-0007", "CVE-2026-9007", StringComparison.Ordinal));

        Assert.Contains("poc-index.csv: the kept file is damaged", Assert.Single(_given.Import(("nuclei.txt", Templates(31))).Problems).ToString(), StringComparison.Ordinal);
        Assert.Equal(2, _given.Current.Find("CVE-2026-0007").Exploits.Count);
    }

    [Fact]
    public void Load_CompiledContentDamaged_IsMadeAnewFromTheKeptFiles()
    {
        _given.Import(("DSA_list.txt", List("DSA", 30)));
        using var before = _given.Current;
        foreach (var path in Directory.GetFiles(_given.Folder, "*.snapshot", SearchOption.AllDirectories))
        {
            File.WriteAllText(path, "damaged");
        }

        Assert.Empty(_given.Keep.Load().Lost);
        Assert.Equal(before.Digest, _given.Current.Digest);
    }

    [Fact]
    public void Load_StateOfAFeedDamaged_SaysThatItIsLostAndLeavesItsFiles()
    {
        _given.Import(("DSA_list.txt", List("DSA", 30)), ("known_exploited.csv", Kev(30)));
        var before = _given.Current.Digest;
        File.WriteAllText(Path.Combine(_given.Folder, FeedNames.DebianDsa, "feed.json"), "{");

        Assert.Equal(FeedNames.DebianDsa, Assert.Single(_given.Keep.Load().Lost).Feed);
        Assert.Equal(before, _given.Keep.Open().Content!.Digest);
        Assert.Equal(2, _given.Import(("DSA_list.txt", "<html>")).Problems.Count);
        Assert.Equal(3, Directory.GetFiles(Path.Combine(_given.Folder, FeedNames.DebianDsa)).Length);

        Assert.Equal([FeedNames.DebianDsa], _given.Import(("DSA_list.txt", List("DSA", 30))).Taken);
        Assert.Equal(before, _given.Current.Digest);
    }

    [Fact]
    public void Import_ManyTurns_LeavesNothingBehind()
    {
        for (var turn = 30; turn < 34; turn++)
        {
            _given.Import(("DSA_list.txt", List("DSA", turn)));
            _given.Current.Dispose();
        }

        Assert.Equal(3, Directory.GetFiles(Path.Combine(_given.Folder, FeedNames.DebianDsa)).Length);
        Assert.Single(Directory.GetFiles(_given.Folder, "*.snapshot"));
    }

    [Fact]
    public void PutInForce_NothingChanged_OpensWhatIsThere()
    {
        _given.Import(("DSA_list.txt", List("DSA", 30)));
        _given.Current.Dispose();
        var written = File.GetLastWriteTimeUtc(Directory.GetFiles(_given.Folder, "*.snapshot").Single());

        using var again = _given.Current;

        Assert.Equal(written, File.GetLastWriteTimeUtc(Directory.GetFiles(_given.Folder, "*.snapshot").Single()));
    }

    [Fact]
    public void Import_WhileAnotherRuns_IsRefused()
    {
        Directory.CreateDirectory(_given.Folder);
        using var other = new FileStream(Path.Combine(_given.Folder, "import.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

        Assert.Contains("wait for it", Assert.Throws<IOException>(() => _given.Import(("DSA_list.txt", List("DSA", 30)))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Copy_FileThatChangedSinceItWasRead_IsRefused()
    {
        Directory.CreateDirectory(_given.Folder);
        var path = Path.Combine(_given.Folder, "known_exploited.csv");
        File.WriteAllText(path, Kev(30));
        var part = FeedFolder.Read(_given.Folder, GivenReaders.Latest).Parts.Single();
        File.WriteAllText(path, Kev(31));

        Assert.Contains("changed while it was read", new KeptFeed(_given.Folder, FeedNames.CisaKev).Copy(part).Fault!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Import_PipeWithAFeedsName_IsNotWaitedFor()
    {
        Directory.CreateDirectory(_given.Folder);
        Assert.Equal(0, MakePipe(Path.Combine(_given.Folder, "known_exploited.csv"), 0b110_000_000));

        Assert.Empty(FeedFiles.Find(_given.Folder));
        Assert.True(FileFacts.Of(Path.Combine(_given.Folder, "known_exploited.csv")) is { IsRegular: false });
    }

    [DllImport("libc", EntryPoint = "mkfifo", CharSet = CharSet.Ansi)]
    private static extern int MakePipe(string path, uint mode);
}
