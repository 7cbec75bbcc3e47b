using Suture.Knowledge.Feeds;
using Suture.Knowledge.Feeds.Readers;
using Suture.Tests;

namespace Suture.Knowledge.Tests.Feeds;

/// <summary>The readers over the real files.</summary>
public sealed class RealFeedsTests
{
    private static readonly Lazy<FeedFolderContent> Everything = new(() => FeedFolder.Read(TestPaths.RequireData()));

    [Fact]
    public void Read_WholeDataFolder_TakesEveryFeedWithoutProblem()
    {
        TestPaths.RequireData();

        var content = Everything.Value;

        Assert.Empty(content.Problems);
        Assert.Equal(
            [
                ("cisa-kev", "2026-08-20", 1673, null), ("cisa-vulnrichment", "2025-01-24", 62717, null), ("cve-meta", null, 15528, null),
                ("cve-records", "2026-08-20", 1693, null), ("debian-dla", "2026-08-21", 4747, null), ("debian-dsa", "2026-08-21", 6628, null),
                ("exploit-evidence", "2026-08-22", 1, null), ("first-epss", "2026-08-16", 360142, "v5"),
            ],
            content.Ages.Select(a => (a.Feed, a.ContentDate?.ToString("O"), a.Records, a.Version)));
    }

    [Theory]
    [InlineData("bookworm", 8590)]
    [InlineData("bullseye", 12834)]
    [InlineData("trixie", 5244)]
    public void Read_PreparedAdvisories_GiveExactlyTheFixesOfTheTables(string release, int rows)
    {
        var table = DebianFixesReader.Read($"{release}-fixes.csv", File.OpenRead(Path.Combine(TestPaths.RequireData(), "debian", $"{release}-fixes.csv")));

        var derived = Everything.Value.Contents.OfType<FixContent>().SelectMany(c => c.Fixes).Where(f => f.Release == release).ToHashSet();

        Assert.Equal(rows, table.Content!.Count);
        Assert.Equal(0, table.SkippedCount);
        Assert.Empty(table.Content.ToHashSet().Except(derived));
        Assert.Empty(derived.Except(table.Content));
    }
}
