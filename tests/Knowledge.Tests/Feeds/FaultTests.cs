using System.Text;
using Suture.Knowledge.Feeds;
using Suture.Knowledge.Feeds.Readers;
using static Suture.Knowledge.Tests.Feeds.GivenReaders;

namespace Suture.Knowledge.Tests.Feeds;

/// <summary>What each reader refuses, and that the refusal names line and reason.</summary>
public sealed class FaultTests
{
    // More than any reader takes, as a second member of a gzip file.
    private static readonly Lazy<byte[]> BlankLines = new(() => Gzip(new string('\n', FeedLimits.CveTableBytesMax + 1)));

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

        var result = DebianListReader.Read("DSA_list", Bytes(ListText + noise));

        Assert.Equal(4, result.Fault!.Line);
        Assert.Contains("not understood", result.Fault.Reason);
    }

    [Fact]
    public void Read_CveArchiveCutOff_IsRefused()
    {
        var whole = Zip(("CVE-2026-0001.json", CveRecord));

        Assert.Single(CveRecordReader.Read("cve.zip", new MemoryStream(whole)).Content!.Cves);
        Assert.NotNull(CveRecordReader.Read("cve.zip", new MemoryStream(whole, 0, whole.Length / 2)).Fault);
        Assert.NotNull(CveRecordReader.Read("CVE-2026-0001.json", Bytes("""{"cveMetadata":{"cveId":"CVE-2026-0""")).Fault);
    }

    [Fact]
    public void ReadFolder_ArchiveWithoutAList_IsRefused()
    {
        var folder = Directory.CreateTempSubdirectory("suture-lists-");
        try
        {
            File.WriteAllBytes(Path.Combine(folder.FullName, "debian-tracker.zip"), Zip(("readme", "no list")));

            Assert.Contains("it holds no list", Assert.Single(FeedFolder.Read(folder.FullName).Problems).Reason, StringComparison.Ordinal);
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
        var read = CveRecordReader.Read("cve.zip", new MemoryStream(Zip(("2026/CVE-2026-0001.json", CveRecord), ("2026/CVE-2026-0002.json", text))));

        Assert.Equal("CVE-2026-0001", Assert.Single(read.Content!.Cves).Id);
        Assert.Equal((1, 2), (read.SkippedCount, Assert.Single(read.Skipped).Line));
        Assert.StartsWith("2026/CVE-2026-0002.json: it is ", read.Skipped[0].Reason, StringComparison.Ordinal);
        Assert.Contains(reason, read.Skipped[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_CveArchiveWithAScoreOutOfRange_IsRefusedAndNamesTheEntry()
    {
        var fault = CveRecordReader.Read(
            "cve.zip", new MemoryStream(Zip(("2026/CVE-2026-0001.json", CveRecord), ("2026/CVE-2026-0002.json", CveRecord.Replace("9.8", "99", StringComparison.Ordinal))))).Fault!;

        Assert.StartsWith("cve-records: cve.zip: 2026/CVE-2026-0002.json: the CVSS score is '99'", fault.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_CveArchiveOfManyUnreadableEntries_IsRefused()
    {
        var entries = Enumerable.Range(1, FeedLimits.SkippedLinesFree + 10).Select(number => ($"CVE-2026-{1000 + number}.json", "{")).Prepend(("CVE-2026-0001.json", CveRecord)).ToArray();

        Assert.Contains("files are not understood, the first one: CVE-2026-1001.json", CveRecordReader.Read("cve.zip", new MemoryStream(Zip(entries))).Fault!.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(49, 100, true)]
    [InlineData(50, 100, false)]
    [InlineData(0, 20, true)]
    [InlineData(0, 19, false)]
    [InlineData(5, 0, false)]
    public void AgainstPrevious_Counts_RefusesLessThanHalf(int newCount, int oldCount, bool isRefused) =>
        Assert.Equal(isRefused, FeedCheck.AgainstPrevious(newCount, oldCount) is not null);
}
