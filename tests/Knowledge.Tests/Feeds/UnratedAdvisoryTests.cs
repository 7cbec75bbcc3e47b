using Suture.Knowledge.Feeds;
using Suture.Knowledge.Matching;
using Suture.Knowledge.Tests.Matching;
using Suture.Tests;

namespace Suture.Knowledge.Tests.Feeds;

/// <summary>Advisories that name no CVE: a regression that is put right, or a flaw without a number.</summary>
public sealed class UnratedAdvisoryTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("suture-unrated-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Match_BelowAnAdvisoryWithoutCve_IsUnrated()
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "DSA_list.txt"), """
            [29 Nov 2024] DSA-5812-2 postgresql-15 - regression update
            	[bookworm] - postgresql-15 15.10-0+deb12u1
            	[bullseye] - postgresql-15 <not-affected>
            [14 Nov 2024] DSA-5812-1 postgresql-15 - security update
            	{CVE-2024-10976}
            	[bookworm] - postgresql-15 15.9-0+deb12u1

            """);
        var feeds = FeedFolder.Read(_folder.FullName, GivenReaders.Latest).ToSnapshot();

        var between = Matcher.Match(Given.Asset(Given.Package("postgresql-15", "15.9-0+deb12u1")), feeds).Findings;
        var below = Matcher.Match(Given.Asset(Given.Package("postgresql-15", "15.8-0+deb12u1")), feeds).Findings;

        var finding = Assert.Single(between);
        Assert.Equal(("UNRATED-postgresql-15-15.10-0+deb12u1", true, "15.10-0+deb12u1"), (finding.Vulnerability, finding.IsUnrated, finding.FixedVersion));
        Assert.Equal(("debian-dsa", "DSA-5812-2"), (finding.Evidence[0].Feed, finding.Evidence[0].Record));
        Assert.Equal(["CVE-2024-10976", "UNRATED-postgresql-15-15.10-0+deb12u1"], below.Select(found => found.Vulnerability));
        Assert.Empty(feeds.FixesOf("bullseye", "postgresql-15"));
    }

    [Fact]
    public void Read_RealAdvisories_HoldUnratedOnesOfBookworm()
    {
        File.Copy(Path.Combine(TestPaths.RequireData(), "debian", "debian-advisories.jsonl.gz"), Path.Combine(_folder.FullName, "debian-advisories.jsonl.gz"));
        var feeds = FeedFolder.Read(_folder.FullName, GivenReaders.Latest).ToSnapshot();

        var unrated = feeds.SourcesOf("bookworm").SelectMany(source => feeds.FixesOf("bookworm", source)).Where(fix => fix.IsUnrated).ToList();

        Assert.Contains(unrated, fix => fix.Records.Any(record => record.Record == "DSA-5812-2"));
        Assert.True(unrated.Count >= 12, $"{unrated.Count} unrated");
    }
}
