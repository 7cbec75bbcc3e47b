using Suture.Knowledge.Feeds;
using Suture.Knowledge.Feeds.Readers;

namespace Suture.Knowledge.Tests.Feeds;

/// <summary>Of two records of one advisory the newer one wins, in whatever order they come.</summary>
public sealed class AdvisoryMergeTests
{
    private static readonly DateOnly Monday = new(2026, 8, 17);

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    public void ToContent_OneAdvisoryInTwoLists_TheLaterListHolds(int first, int second)
    {
        AdvisoryList[] lists = [List("1.0-1", Monday, isPrepared: true), List("1.0-2", Monday.AddDays(1), isPrepared: false)];

        var content = AdvisoryMerge.ToContent(FeedNames.DebianDsa, [lists[first], lists[second]]);

        Assert.Equal("1.0-2", Assert.Single(content.Fixes).FixedVersion);
        Assert.Equal(1, content.Records);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    public void ToContent_TwoListsOfOneDay_ThePreparedOneHolds(int first, int second)
    {
        AdvisoryList[] lists = [List("1.0-1", Monday, isPrepared: true), List("1.0-2", Monday, isPrepared: false)];

        var content = AdvisoryMerge.ToContent(FeedNames.DebianDsa, [lists[first], lists[second]]);

        Assert.Equal("1.0-1", Assert.Single(content.Fixes).FixedVersion);
    }

    [Fact]
    public void ToContent_AdvisoryOfOneListOnly_IsTaken()
    {
        var content = AdvisoryMerge.ToContent(FeedNames.DebianDsa, [List("1.0-1", Monday, isPrepared: true), List("2.0-1", Monday, isPrepared: false, id: "DSA-2-1")]);

        Assert.Equal(["1.0-1", "2.0-1"], content.Fixes.Select(fix => fix.FixedVersion).Order());
    }

    [Theory]
    [InlineData("2026-08-17", "1.0-2")]
    [InlineData("2026-08-19", "1.0-3")]
    public void ReadFolder_ListBesideNewerPreparedRecord_TheNewerHolds(string dayOfList, string expected)
    {
        var folder = Directory.CreateTempSubdirectory("suture-merge-");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, $"DSA_list_{dayOfList}.txt"), "[12 Aug 2026] DSA-1-1 x - security update\n\t{CVE-2026-0001}\n\t[bookworm] - x 1.0-3\n");
            File.WriteAllText(
                Path.Combine(folder.FullName, "debian-advisories.jsonl"),
                """{"id":"DSA-1-1","date":"2026-08-12","cves":["CVE-2026-0001"],"fixes":[{"release":"bookworm","source":"x","fixed":"1.0-2"}],"first_seen_public":"2026-08-18T00:00:00"}""");

            Assert.Equal(expected, Assert.Single(FeedFolder.Read(folder.FullName, GivenReaders.Latest).ToSnapshot().FixesOf("bookworm", "x")).FixedVersion);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static AdvisoryList List(string version, DateOnly asOf, bool isPrepared, string id = "DSA-1-1") => new(
        asOf, isPrepared, [new Advisory(id, Monday.AddDays(-5), asOf, ["CVE-2026-0001"], [new AdvisoryFix("bookworm", "x", version, null)])]);
}
