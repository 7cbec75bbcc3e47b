using System.IO.Compression;
using System.Text;
using Suture.Knowledge.Feeds;
using Suture.Knowledge.Feeds.Readers;

namespace Suture.Knowledge.Tests.Feeds;

/// <summary>What each reader refuses, and that the refusal names line and reason.</summary>
public sealed class FaultTests
{
    private const string ListText = "[12 Feb 2025] DSA-5865-1 webkit2gtk - security update\n\t{CVE-2025-24143}\n\t[bookworm] - webkit2gtk 2.46.6-1~deb12u1\n";
    private const string Prepared = """{"id":"DSA-1-1","date":"2026-01-02","cves":["CVE-2026-0001"],"fixes":[{"release":"trixie","source":"x","fixed":"1.0-1"}]}""" + "\n";
    private const string Fixes = "source,cve,fixed_version,advisory_date,advisory\nopenssl,CVE-2026-0001,3.0-1,2026-01-02,DSA-1-1\n";
    private const string KevCsv = "cveID,vulnerabilityName,dateAdded,dueDate,knownRansomwareCampaignUse\nCVE-2026-0001,Name,2026-01-02,2026-01-05,Known\n";
    private const string KevJson = """{"dateReleased":"2026-01-02T00:00:00Z","count":1,"vulnerabilities":[{"cveID":"CVE-2026-0001","vulnerabilityName":"N","dateAdded":"2026-01-02","dueDate":"2026-01-05","knownRansomwareCampaignUse":"Unknown"}]}""";
    private const string Epss = "cve,epss,percentile\nCVE-2026-0001,0.5,0.9\n";
    private const string Meta = "cve,published,cvss,cvss_vector,cvss_source,ssvc_exploitation,cwe,description\nCVE-2026-0001,2026-01-02,9.8,,x,none,CWE-1,\"a \"\"b\"\"\"\n";
    private const string Vulnrichment = "cve,state,date_published,ssvc_exploitation,ssvc_timestamp,cvss_score,cvss_vector\nCVE-2026-0001,PUBLISHED,2026-01-02,none,2026-01-02,9.8,\n";
    private const string Mentions = "cve,first_seen,reference_links,github_links\nCVE-2026-0001,2026-01-02,1,2\n";
    private const string Templates = "CVE-2026-0001\n";
    private const string History = "cve,source,first_seen\nCVE-2026-0001,Metasploit,2026-01-02\n";

    private static readonly Dictionary<string, (string Good, Func<Stream, (object? Content, FeedFault? Fault)> Read)> Readers = new()
    {
        ["list"] = (ListText, s => Plain(DebianListReader.Read("DSA_list", s))),
        ["prepared"] = (Prepared, s => Plain(DebianAdvisoriesReader.Read("debian-advisories.jsonl", s))),
        ["fixes"] = (Fixes, s => Plain(DebianFixesReader.Read("bookworm-fixes.csv", s))),
        ["kev-csv"] = (KevCsv, s => Plain(KevReader.Read("kev.csv", s))),
        ["kev-json"] = (KevJson, s => Plain(KevReader.Read("kev.json", s))),
        ["epss"] = (Epss, s => Plain(EpssReader.Read("epss_scores-2026-08-16.csv", s))),
        ["meta"] = (Meta, s => Plain(CveTableReader.ReadMeta("cve-meta.csv", s))),
        ["vulnrichment"] = (Vulnrichment, s => Plain(CveTableReader.ReadVulnrichment("vulnrichment-2026-01-01.csv", s))),
        ["mentions"] = (Mentions, s => Plain(ExploitReader.Read(ExploitList.Mentions, "poc.csv", s))),
        ["templates"] = (Templates, s => Plain(ExploitReader.Read(ExploitList.Templates, "nuclei.txt", s))),
        ["history"] = (History, s => Plain(ExploitReader.Read(ExploitList.History, "patchthisapp.csv", s))),
    };

    // More than any reader takes, as a second member of a gzip file.
    private static readonly Lazy<byte[]> BlankLines = new(() => Gzip(new string('\n', FeedLimits.CveTableBytesMax + 1)));

    public static TheoryData<string> ReaderNames => [.. Readers.Keys];

    [Theory]
    [MemberData(nameof(ReaderNames))]
    public void Read_GoodText_IsTakenPlainAndPacked(string reader)
    {
        var (good, read) = Readers[reader];

        Assert.NotNull(read(Bytes(good)).Content);
        Assert.NotNull(read(new MemoryStream(Gzip(good))).Content);
        Assert.NotNull(read(Bytes("\uFEFF" + good)).Content);
    }

    [Theory]
    [MemberData(nameof(ReaderNames))]
    public void Read_EmptyInput_IsRefused(string reader)
    {
        Assert.Contains("empty", Readers[reader].Read(Bytes("")).Fault!.Reason);
        Assert.Contains("empty", Readers[reader].Read(Bytes(" \n\n")).Fault!.Reason);
        Assert.Contains("empty", Readers[reader].Read(new MemoryStream(Gzip(""))).Fault!.Reason);
    }

    [Theory]
    [MemberData(nameof(ReaderNames))]
    public void Read_WebPage_IsRefused(string reader) =>
        Assert.Contains("web page", Readers[reader].Read(Bytes("<!DOCTYPE html><html><body>Not Found</body></html>")).Fault!.Reason);

    [Theory]
    [MemberData(nameof(ReaderNames))]
    public void Read_BinaryInput_IsRefused(string reader) => Assert.NotNull(Readers[reader].Read(new MemoryStream([0x50, 0x4b, 3, 4, 0, 0, 0, 0])).Fault);

    [Theory]
    [MemberData(nameof(ReaderNames))]
    public void Read_NoUtf8_IsRefused(string reader) =>
        Assert.Contains("UTF-8", Readers[reader].Read(new MemoryStream([.. Encoding.UTF8.GetBytes(Readers[reader].Good), 0xff, 0xfe, 0x80])).Fault!.Reason);

    [Theory]
    [MemberData(nameof(ReaderNames))]
    public void Read_GzipCutAnywhere_IsRefused(string reader)
    {
        var packed = Gzip(Readers[reader].Good);

        for (var length = 2; length < packed.Length; length++)
        {
            Assert.NotNull(Readers[reader].Read(new MemoryStream(packed, 0, length)).Fault);
        }
    }

    [Theory]
    [MemberData(nameof(ReaderNames))]
    public void Read_UnpacksBeyondTheBound_IsRefused(string reader)
    {
        using var bytes = new MemoryStream([.. Gzip(Readers[reader].Good), .. BlankLines.Value]);

        Assert.Contains("larger than", Readers[reader].Read(bytes).Fault!.Reason);
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
    [InlineData("prepared", """{"id":"DSA-1-1","date":"2026-01-02","cves":["CVE-2026-0001"],"fix""", 1, "cut off")]
    [InlineData("mentions", "cve,first_seen,reference_links,github_links\nCVE-2026-0001,2026-01-02,many,2\n", 2, "many")]
    [InlineData("list", "nothing of the kind\n", null, "no advisory")]
    [InlineData("fixes", "source,cve,fixed_version,advisory_date\nopenssl,CVE-2026-0001,3.0-1,2026-01-02\n", 1, "no column 'advisory'")]
    public void Read_FaultyText_NamesLineAndReason(string reader, string text, int? line, string reason)
    {
        var (content, fault) = Readers[reader].Read(Bytes(text));

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
        using var whole = new MemoryStream();
        using (var zip = new ZipArchive(whole, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var entry = zip.CreateEntry("CVE-2026-0001.json").Open();
            entry.Write("""{"cveMetadata":{"cveId":"CVE-2026-0001","state":"PUBLISHED"},"containers":{"cna":{}}}"""u8);
        }

        Assert.Single(CveRecordReader.Read("cve.zip", new MemoryStream(whole.ToArray())).Content!.Cves);
        Assert.NotNull(CveRecordReader.Read("cve.zip", new MemoryStream(whole.ToArray(), 0, (int)whole.Length / 2)).Fault);
        Assert.NotNull(CveRecordReader.Read("CVE-2026-0001.json", Bytes("""{"cveMetadata":{"cveId":"CVE-2026-0""")).Fault);
    }

    [Theory]
    [InlineData(49, 100, true)]
    [InlineData(50, 100, false)]
    [InlineData(0, 20, true)]
    [InlineData(0, 19, false)]
    [InlineData(5, 0, false)]
    public void AgainstPrevious_Counts_RefusesLessThanHalf(int newCount, int oldCount, bool isRefused) =>
        Assert.Equal(isRefused, FeedCheck.AgainstPrevious(newCount, oldCount) is not null);

    private static (object? Content, FeedFault? Fault) Plain<T>(FeedResult<T> result)
        where T : class => (result.Content, result.Fault);

    private static MemoryStream Bytes(string text) => new(Encoding.UTF8.GetBytes(text));

    private static byte[] Gzip(string text)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }
        return bytes.ToArray();
    }
}
