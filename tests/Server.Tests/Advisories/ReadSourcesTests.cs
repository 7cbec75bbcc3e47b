using Suture.Advisories.Fetching;
using Suture.Knowledge.Feeds;
using Suture.Tests;

namespace Suture.Server.Tests.Advisories;

/// <summary>The file that says where feeds are fetched from.</summary>
public sealed class ReadSourcesTests
{
    [Fact]
    public void From_GoodFile_GivesEachSourceWithTheNameItsReaderKnows()
    {
        var (addresses, faults) = ReadSources.From("""
            archive: https://mirror.example/debian-security
            sources:
              - feed: cisa-kev
                url: https://mirror.example/kev/known_exploited_vulnerabilities.csv
              - feed: first-epss
                url: http://mirror.example:8080/today
                every: 6h
              - {feed: cve-records, url: "https://mirror.example/archive/develop.zip", file: cve-vulnrichment.zip, every: 1d}
              - feed: exploit-evidence
                url: https://mirror.example/nuclei.txt
              - feed: exploit-evidence
                url: https://mirror.example/history
                file: patchthisapp.csv
            """);

        Assert.Empty(faults);
        Assert.Equal(
            [
                (FeedNames.CisaKev, "known_exploited_vulnerabilities.csv", 15), (FeedNames.FirstEpss, "epss_scores-current.csv.gz", 360), (FeedNames.CveRecords, "cve-vulnrichment.zip", 1440),
                (FeedNames.ExploitEvidence, "nuclei.txt", 15), (FeedNames.ExploitEvidence, "patchthisapp.csv", 15),
            ],
            addresses.Sources.Select(source => (source.Feed, source.FileName, (int)source.Every.TotalMinutes)));
        Assert.Equal("http://mirror.example:8080/today", addresses.Sources[1].Url.ToString());
        Assert.Equal("https://mirror.example/debian-security/", addresses.Archive.ToString());
    }

    [Fact]
    public void From_ManyFaults_TellsAllWithLineAndRemedy()
    {
        var (_, faults) = ReadSources.From("""
            sources:
              - feed: kev
                url: ftp://mirror.example/kev
              - feed: cisa-kev
                url: https://anna:secret@mirror.example/kev
                every: 1s
                colour: red
              - url: https://mirror.example/x
              - feed: exploit-evidence
                url: https://mirror.example/x
              - feed: cisa-kev
                url: https://mirror.example/x
                file: nuclei.txt
              - cisa-kev
              - feed: [a]
                feed: cisa-kev
                feed: cisa-kev
                url: https://mirror.example/kev.json
              - feed: cisa-kev
                url: https://mirror.example/other.json
            extra: 1
            """);

        (int Line, string Reason)[] expected =
        [
            (2, "feed is 'kev'; wanted is one of cisa-kev, "), (3, "url is 'ftp://mirror.example/kev'; wanted is https://HOST/PATH"),
            (5, "url is 'https://anna:secret@mirror.example/kev'; wanted is https://HOST/PATH without a user name"), (6, "every is '1s'; wanted is a time such as 15m, 6h or 1d"),
            (7, "'colour' is not a member of a source; known are feed, url, file, every"), (8, "'feed' is missing; add it"),
            (9, "'file' is missing, and the address does not tell which file of exploit-evidence it is; add it"), (13, "file is 'nuclei.txt', which is no name of a file of cisa-kev"),
            (14, "a source is a mapping with feed, url, file, every"), (15, "'feed' has no plain value"), (17, "'feed' stands twice; remove one"), (21, "'extra' is not a member here"),
        ];
        Assert.Equal(expected.Select(one => one.Line), faults.Select(fault => fault.Line));
        Assert.All(faults.Zip(expected), pair => Assert.StartsWith(pair.Second.Reason, pair.First.Reason, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", 1, "wanted is 'sources:'")]
    [InlineData("- a", 1, "wanted is 'sources:'")]
    [InlineData("{}", 1, "neither 'sources' nor 'archive' is there")]
    [InlineData("archive: mirror", 1, "archive is 'mirror'; wanted is https://HOST/PATH without dists")]
    [InlineData("sources: []\narchive: []", 2, "archive is ''; wanted is https://HOST/PATH")]
    [InlineData("sources: 5", 1, "'sources' is no list")]
    [InlineData("sources:\n  - feed: \"cisa", 2, "it is not YAML here")]
    [InlineData("sources: []\nsources: []", 2, "stands twice")]
    public void From_NoFileOfSources_SaysWhatIsWanted(string yaml, int line, string reason)
    {
        var fault = Assert.Single(ReadSources.From(yaml).Faults);

        Assert.Equal((line, true), (fault.Line, fault.Reason.Contains(reason, StringComparison.Ordinal)));
    }

    [Fact]
    public void From_TwoSourcesOfOnePart_IsAFault()
    {
        var (_, faults) = ReadSources.From("""
            sources:
              - {feed: cisa-kev, url: "https://a.example/known_exploited.csv"}
              - {feed: cisa-kev, url: "https://b.example/known_exploited.json"}
            """);

        Assert.Equal((3, true), (faults.Single().Line, faults.Single().Reason.StartsWith("another source delivers the same part of cisa-kev", StringComparison.Ordinal)));
    }

    [Fact]
    public void From_NothingToFetch_IsNoFault() => Assert.Equal((0, 0), (ReadSources.From("sources: []").Addresses.Sources.Count, ReadSources.From("sources: []").Faults.Count));

    [Fact]
    public void From_ArchiveAlone_LeavesTheFeedsAsTheyAre() =>
        Assert.Equal(FeedOptions.PublicSources, ReadSources.From("archive: http://mirror.example/debian-security/").Addresses.Sources);

    [Fact]
    public void FromFile_Faults_AreOneMessage()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "sources:\n  - feed: kev\n    url: x\n");

            var fault = Assert.Throws<FeedSourcesException>(() => ReadSources.FromFile(path));

            Assert.StartsWith($"The feed sources in {path} have 2 faults:\n  line 2: feed is 'kev'", fault.Message, StringComparison.Ordinal);
            Assert.Contains("\n  line 3: url is 'x'", fault.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void FromFile_TheExampleThatIsShipped_IsGoodAndHasTheDefaults()
    {
        var addresses = ReadSources.FromFile(Path.Combine(TestPaths.Repository, "docs", "feeds.yaml"));

        Assert.Equal(FeedAddresses.Public, addresses with { Sources = FeedOptions.PublicSources });
        Assert.Equal(FeedOptions.PublicSources, addresses.Sources);
    }

    [Fact]
    public void PublicSources_EachFile_IsReadAsItsFeed() => Assert.All(FeedOptions.PublicSources, source =>
    {
        Assert.Contains(source.Feed, FeedFiles.FeedsOf(FeedFiles.KindOf(source.FileName)!.Value, source.FileName));
        Assert.Equal("https", source.Url.Scheme);
    });
}
