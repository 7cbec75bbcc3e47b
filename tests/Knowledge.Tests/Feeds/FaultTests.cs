using System.Text;
using Suture.Knowledge.Feeds;
using Suture.Knowledge.Feeds.Readers;
using static Suture.Knowledge.Tests.Feeds.GivenReaders;

namespace Suture.Knowledge.Tests.Feeds;

/// <summary>What each reader refuses, and that the refusal names line and reason.</summary>
public sealed class FaultTests
{
    // More than any reader takes, as a second member of a gzip file.
    private static readonly Lazy<byte[]> BlankLines = new(() => Gzip(new string('\n', FeedLimits.VulnrichmentBytesMax + 1)));

    public static TheoryData<string> ReaderNames => Names;

    [Theory]
    [MemberData(nameof(ReaderNames))]
    public void Read_GoodText_IsTakenPlainAndPacked(string reader)
    {
        var (good, read) = All[reader];

        Assert.NotNull(read(Bytes(good)).Content);
        Assert.NotNull(read(new MemoryStream(Gzip(good))).Content);
        Assert.NotNull(read(Bytes("\uFEFF" + good)).Content);
    }

    [Theory]
    [MemberData(nameof(ReaderNames))]
    public void Read_EmptyInput_IsRefused(string reader)
    {
        Assert.Contains("empty", All[reader].Read(Bytes("")).Fault!.Reason);
        Assert.Contains("empty", All[reader].Read(Bytes(" \n\n")).Fault!.Reason);
        Assert.Contains("empty", All[reader].Read(new MemoryStream(Gzip(""))).Fault!.Reason);
    }

    [Theory]
    [MemberData(nameof(ReaderNames))]
    public void Read_WebPage_IsRefused(string reader) =>
        Assert.Contains("web page", All[reader].Read(Bytes("<!DOCTYPE html><html><body>Not Found</body></html>")).Fault!.Reason);

    [Theory]
    [MemberData(nameof(ReaderNames))]
    public void Read_BinaryInput_IsRefused(string reader) => Assert.NotNull(All[reader].Read(new MemoryStream([0x50, 0x4b, 3, 4, 0, 0, 0, 0])).Fault);

    [Theory]
    [MemberData(nameof(ReaderNames))]
    public void Read_NoUtf8_IsRefused(string reader) =>
        Assert.Contains("UTF-8", All[reader].Read(new MemoryStream([.. Encoding.UTF8.GetBytes(All[reader].Good), 0xff, 0xfe, 0x80])).Fault!.Reason);

    [Theory]
    [MemberData(nameof(ReaderNames))]
    public void Read_GzipCutAnywhere_IsRefused(string reader)
    {
        var packed = Gzip(All[reader].Good);

        for (var length = 2; length < packed.Length; length++)
        {
            Assert.NotNull(All[reader].Read(new MemoryStream(packed, 0, length)).Fault);
        }
    }

    [Theory]
    [MemberData(nameof(ReaderNames))]
    public void Read_UnpacksBeyondTheBound_IsRefused(string reader)
    {
        using var bytes = new MemoryStream([.. Gzip(All[reader].Good), .. BlankLines.Value]);

        Assert.Contains("larger than", All[reader].Read(bytes).Fault!.Reason);
    }

    [Theory]
    [InlineData("epss", "cve,epss,percentile\nCVE-2026-0001,0.5,0.9\nCVE-2026-0002,NaN,0.9\n", 3, "NaN")]
    [InlineData("epss", "cve,epss,percentile\nCVE-2026-0001,1.5,0.9\n", 2, "1.5")]
    [InlineData("epss", "cve,epss,percentile\nCVE-2026-0001,0.5,-0.1\n", 2, "-0.1")]
    [InlineData("epss", "cve,epss,percentile\nCVE-2026-0001,0.5\n", 2, "2 fields")]
    [InlineData("epss", "cve,epss,epss\nCVE-2026-0001,0.5,0.9\n", 1, "twice")]
    [InlineData("epss", "cve,score\nCVE-2026-0001,0.5\n", 1, "no column 'epss'")]
    [InlineData("epss", "cve,epss,percentile\n", null, "no score")]
    [InlineData("meta", "cve,published,cvss,cvss_vector,cvss_source,ssvc_exploitation,cwe,description\nCVE-2026-0001,2026-01-02,10.1,,x,none,CWE-1,d\n", 2, "10.1")]
    [InlineData("meta", "cve,published,cvss,cvss_vector,cvss_source,ssvc_exploitation,cwe,description\nCVE-2026-0001,2026-01-02,9,,x,none,CWE-1,\"cut off\n", 2, "not closed")]
    [InlineData("kev-csv", "cveID,vulnerabilityName,dateAdded,dueDate,knownRansomwareCampaignUse\nCVE-2026-0001,N,soon,2026-01-05,Known\n", 2, "soon")]
    [InlineData("kev-csv", "cveID,vulnerabilityName,dateAdded,dueDate,knownRansomwareCampaignUse\nCVE-2026-0001,N,2026-01-02,2026-02-30,Known\n", 2, "2026-02-30")]
    [InlineData("kev-json", """{"count":2,"vulnerabilities":[{"cveID":"CVE-2026-0001","dateAdded":"2026-01-02"}]}""", null, "states 2 entries and holds 1")]
    [InlineData("kev-json", """{"vulnerabilities":[{"cveID":"CVE-2026-0001","dateAdded":""", 1, "cut off")]
    [InlineData("kev-json", """{"title":"another document"}""", null, "no list")]
    [InlineData("kev-json", """{"count":"5","vulnerabilities":[{"cveID":"CVE-2026-0001","dateAdded":"2026-01-02"}]}""", null, "states \"5\" entries and holds 1")]
    [InlineData("kev-json", """{"vulnerabilities":[{"cveID":"CVE-2026-0001","vulnerabilityName":"\ud800","dateAdded":"2026-01-02"}]}""", 1, "no Unicode")]
    [InlineData("prepared", """{"id":"\ud800","date":"2026-01-02","cves":[],"fixes":[]}""", 1, "no Unicode")]
    [InlineData("record", """{"cveMetadata":{"cveId":"CVE-2026-0001","state":"PUBLISHED"},"containers":{"cna":{"metrics":[{"cvssV3_1":{"baseScore":99}}]}}}""", null, "the CVSS score is '99'")]
    [InlineData("record", """{"cveMetadata":{"cveId":"CVE-2026-0001","state":"PUBLISHED"},"containers":{"cna":{"metrics":[{"cvssV3_1":{"baseScore":"9.8"}}]}}}""", null, "the CVSS score is '\"9.8\"'")]
    [InlineData("record", """{"cveMetadata":{"cveId":"CVE-2026-0001","state":"PUBLISHED"}}""", null, "no CVE record")]
    [InlineData("prepared", """{"id":"DSA-1-1","date":"2026-01-02","cves":["CVE-2026-0001"],"fix""", 1, "cut off")]
    [InlineData("mentions", "cve,first_seen,reference_links,github_links\nCVE-2026-0001,2026-01-02,many,2\n", 2, "many")]
    [InlineData("list", "nothing of the kind\n", null, "no advisory")]
    [InlineData("fixes", "source,cve,fixed_version,advisory_date\nopenssl,CVE-2026-0001,3.0-1,2026-01-02\n", 1, "no column 'advisory'")]
    public void Read_FaultyText_NamesLineAndReason(string reader, string text, int? line, string reason)
    {
        var (content, fault) = All[reader].Read(Bytes(text));

        Assert.Null(content);
        Assert.Equal(line, fault!.Line);
        Assert.Contains(reason, fault.Reason);
        Assert.False(string.IsNullOrEmpty(fault.File));
    }

    [Fact]
    public void Read_ManyUnknownLines_RefusesTheList()
    {
        var noise = string.Concat(Enumerable.Range(0, FeedLimits.SkippedLinesFree + 10).Select(i => $"\tsomething else {i}\n"));

        var result = DebianListReader.Read("DSA_list", Bytes(ListText + noise), Latest);

        Assert.Equal(4, result.Fault!.Line);
        Assert.Contains("not understood", result.Fault.Reason);
    }

    [Fact]
    public void Read_CveArchiveCutOff_IsRefused()
    {
        var whole = Zip(("CVE-2026-0001.json", CveRecord));

        Assert.Single(CveRecordReader.Read("cve.zip", new MemoryStream(whole), Latest).Content!.Cves);
        Assert.NotNull(CveRecordReader.Read("cve.zip", new MemoryStream(whole, 0, whole.Length / 2), Latest).Fault);
        Assert.NotNull(CveRecordReader.Read("CVE-2026-0001.json", Bytes("""{"cveMetadata":{"cveId":"CVE-2026-0"""), Latest).Fault);
    }

    [Fact]
    public void ReadFolder_ArchiveWithoutAList_IsRefused()
    {
        var folder = Directory.CreateTempSubdirectory("suture-lists-");
        try
        {
            File.WriteAllBytes(Path.Combine(folder.FullName, "debian-tracker.zip"), Zip(("readme", "no list")));

            var problems = FeedFolder.Read(folder.FullName, Latest).Problems;

            Assert.Equal([FeedNames.DebianDla, FeedNames.DebianDsa], problems.Select(problem => problem.Feed));
            Assert.All(problems, problem => Assert.Contains("it holds no list", problem.Reason, StringComparison.Ordinal));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("{\"cveMetadata\":", "not JSON")]
    [InlineData("{\"cveMetadata\":{\"cveId\":\"\\ud800\"}}", "no Unicode")]
    [InlineData("{}", "no CVE record")]
    [InlineData("", "empty")]
    public void Read_CveArchiveWithAnEntryThatCannotBeRead_LeavesItOutAndNamesIt(string text, string reason)
    {
        var read = CveRecordReader.Read("cve.zip", new MemoryStream(Zip(("2026/CVE-2026-0001.json", CveRecord), ("2026/CVE-2026-0002.json", text))), Latest);

        Assert.Equal("CVE-2026-0001", Assert.Single(read.Content!.Cves).Id);
        Assert.Equal((1, 2), (read.SkippedCount, Assert.Single(read.Skipped).Line));
        Assert.StartsWith("2026/CVE-2026-0002.json: it is ", read.Skipped[0].Reason, StringComparison.Ordinal);
        Assert.Contains(reason, read.Skipped[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_CveArchiveWithAScoreOutOfRange_IsRefusedAndNamesTheEntry()
    {
        var fault = CveRecordReader.Read(
            "cve.zip", new MemoryStream(Zip(("2026/CVE-2026-0001.json", CveRecord), ("2026/CVE-2026-0002.json", CveRecord.Replace("9.8", "99", StringComparison.Ordinal)))), Latest).Fault!;

        Assert.StartsWith("cve-records: cve.zip: 2026/CVE-2026-0002.json: the CVSS score is '99'", fault.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_CveArchiveOfManyUnreadableEntries_IsRefused()
    {
        var entries = Enumerable.Range(1, FeedLimits.SkippedLinesFree + 10).Select(number => ($"CVE-2026-{1000 + number}.json", "{")).Prepend(("CVE-2026-0001.json", CveRecord)).ToArray();

        Assert.Contains("files are not understood, the first one: CVE-2026-1001.json", CveRecordReader.Read("cve.zip", new MemoryStream(Zip(entries)), Latest).Fault!.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(49, 100, "fewer than half")]
    [InlineData(50, 100, null)]
    [InlineData(0, 20, "fewer than half")]
    [InlineData(0, 19, null)]
    [InlineData(5, 0, null)]
    [InlineData(4_001, 1_000, "more than 4 times")]
    [InlineData(4_000, 1_000, null)]
    [InlineData(9_990, 999, null)]
    [InlineData(int.MaxValue, 1_000_000_000, null)]
    public void Size_Counts_RefusesLessThanHalfAndFarMore(int newCount, int oldCount, string? reason)
    {
        var fault = FeedCheck.Size(newCount, oldCount);

        Assert.Equal(reason is null, fault is null);
        Assert.Contains(reason ?? "", fault ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kev-csv", "cveID,vulnerabilityName,dateAdded,dueDate,knownRansomwareCampaignUse\nCVE-2026-0001,N,2026-01-02,,Known\nCVE-2026-0002,N,9999-01-02,,Known\n", 3)]
    [InlineData("kev-json", """{"vulnerabilities":[{"cveID":"CVE-2026-0001","dateAdded":"9999-01-02"}]}""", 1)]
    [InlineData("kev-json", """{"dateReleased":"2026-11-02","vulnerabilities":[{"cveID":"CVE-2026-0001","dateAdded":"2026-01-02"}]}""", null)]
    [InlineData("list", "[12 Feb 9999] DSA-5865-1 webkit2gtk - security update\n\t{CVE-2025-24143}\n", 1)]
    [InlineData("prepared", """{"id":"DSA-1-1","date":"9999-01-02","cves":[],"fixes":[]}""", 1)]
    [InlineData("prepared", """{"id":"DSA-1-1","date":"2026-01-02","cves":[],"fixes":[],"src":"list@9999-01-02"}""", 1)]
    [InlineData("fixes", "source,cve,fixed_version,advisory_date,advisory\nopenssl,CVE-2026-0001,3.0-1,9999-01-02,DSA-1-1\n", 2)]
    [InlineData("epss", "#model_version:v5,score_date:9999-01-02T00:00:00\ncve,epss,percentile\nCVE-2026-0001,0.5,0.9\n", 1)]
    [InlineData("mentions", "cve,first_seen,reference_links,github_links\nCVE-2026-0001,9999-01-02,1,2\n", 2)]
    [InlineData("history", "cve,source,first_seen\nCVE-2026-0001,Metasploit,2026-11-02\n", 2)]
    [InlineData("record", """{"cveMetadata":{"cveId":"CVE-2026-0001","state":"PUBLISHED","dateUpdated":"9999-01-02"},"containers":{"cna":{}}}""", null)]
    public void Read_DateInTheFuture_IsRefusedWithItsLine(string reader, string text, int? line)
    {
        var (content, fault) = All[reader].Read(Bytes(text));

        Assert.Null(content);
        Assert.Equal(line, fault!.Line);
        Assert.Contains("lies in the future (the latest taken is 2026-11-01)", fault.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_FileNamedAfterTheFuture_IsRefused()
    {
        const string table = "cve,published,cvss,cvss_vector,cvss_source,ssvc_exploitation,cwe,description\nCVE-2026-0001,2026-01-02,9.8,,x,none,CWE-1,d\n";

        Assert.Contains("the date in its name is 2026-11-02", CveTableReader.ReadMeta("cve-meta-2026-11-02.csv", Bytes(table), Latest).Fault!.Reason, StringComparison.Ordinal);
        Assert.NotNull(CveTableReader.ReadMeta("cve-meta-2026-11-01.csv", Bytes(table), Latest).Content);
        Assert.NotNull(EpssReader.Read("epss_scores-9999-01-01.csv", Bytes("cve,epss,percentile\nCVE-2026-0001,0.5,0.9\n"), Latest).Fault);
        Assert.NotNull(DebianListReader.Read("DSA_list_9999-01-01.txt", Bytes(ListText), Latest).Fault);
    }

    [Fact]
    public void Read_ListOfTheOtherKind_IsRefused() =>
        Assert.Contains("it holds no advisory", DebianListReader.Read("DLA_list", Bytes(ListText), Latest).Fault!.Reason, StringComparison.Ordinal);
}
