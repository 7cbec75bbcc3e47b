using System.IO.Compression;
using System.Text;
using Suture.Knowledge.Feeds;
using Suture.Knowledge.Feeds.Readers;

namespace Suture.Knowledge.Tests.Feeds;

/// <summary>Every reader with a small good text of its format.</summary>
internal static class GivenReaders
{
    public const string ListText = "[12 Feb 2025] DSA-5865-1 webkit2gtk - security update\n\t{CVE-2025-24143}\n\t[bookworm] - webkit2gtk 2.46.6-1~deb12u1\n";
    public const string CveRecord = """{"cveMetadata":{"cveId":"CVE-2026-0001","state":"PUBLISHED","datePublished":"2026-01-02","dateUpdated":"2026-01-03"},"containers":{"cna":{"providerMetadata":{"shortName":"x"},"metrics":[{"cvssV3_1":{"baseScore":9.8,"vectorString":"CVSS:3.1/AV:N"}}],"problemTypes":[{"descriptions":[{"cweId":"CWE-1"}]}],"descriptions":[{"lang":"en","value":"d"}]},"adp":[{"providerMetadata":{"shortName":"CISA-ADP"},"metrics":[{"other":{"type":"ssvc","content":{"timestamp":"2026-01-03","options":[{"Exploitation":"none"},{"Automatable":"no"},{"Technical Impact":"total"}]}}}]}]}}""";

    private const string Prepared = """{"id":"DSA-1-1","date":"2026-01-02","cves":["CVE-2026-0001"],"fixes":[{"release":"trixie","source":"x","fixed":"1.0-1"},{"release":"trixie","source":"y","note":"<unfixed>"}],"src":"list@2026-01-02"}""" + "\n";
    private const string Fixes = "source,cve,fixed_version,advisory_date,advisory\nopenssl,CVE-2026-0001,3.0-1,2026-01-02,DSA-1-1\n";
    private const string KevCsv = "cveID,vulnerabilityName,dateAdded,dueDate,knownRansomwareCampaignUse\nCVE-2026-0001,Name,2026-01-02,2026-01-05,Known\n";
    private const string KevJson = """{"dateReleased":"2026-01-02T00:00:00Z","count":1,"vulnerabilities":[{"cveID":"CVE-2026-0001","vulnerabilityName":"N","dateAdded":"2026-01-02","dueDate":"2026-01-05","knownRansomwareCampaignUse":"Unknown"}]}""";
    private const string Epss = "cve,epss,percentile\nCVE-2026-0001,0.5,0.9\n";
    private const string Meta = "cve,published,cvss,cvss_vector,cvss_source,ssvc_exploitation,cwe,description\nCVE-2026-0001,2026-01-02,9.8,,x,none,CWE-1,\"a \"\"b\"\"\"\n";
    private const string Vulnrichment = "cve,state,date_published,ssvc_exploitation,ssvc_timestamp,cvss_score,cvss_vector\nCVE-2026-0001,PUBLISHED,2026-01-02,none,2026-01-02,9.8,\n";
    private const string Mentions = "cve,first_seen,reference_links,github_links\nCVE-2026-0001,2026-01-02,1,2\n";
    private const string Templates = "CVE-2026-0001\n";
    private const string History = "cve,source,first_seen\nCVE-2026-0001,Metasploit,2026-01-02\n";

    /// <summary>Readers by name.</summary>
    public static IReadOnlyDictionary<string, (string Good, Func<Stream, (object? Content, FeedFault? Fault)> Read)> All { get; } =
        new Dictionary<string, (string, Func<Stream, (object?, FeedFault?)>)>
        {
            ["list"] = (ListText, s => Plain(DebianListReader.Read("DSA_list", s, Latest))),
            ["prepared"] = (Prepared, s => Plain(DebianAdvisoriesReader.Read("debian-advisories.jsonl", s, Latest))),
            ["fixes"] = (Fixes, s => Plain(DebianFixesReader.Read("bookworm-fixes.csv", s, Latest))),
            ["kev-csv"] = (KevCsv, s => Plain(KevReader.Read("kev.csv", s, Latest))),
            ["kev-json"] = (KevJson, s => Plain(KevReader.Read("kev.json", s, Latest))),
            ["epss"] = (Epss, s => Plain(EpssReader.Read("epss_scores-2026-08-16.csv", s, Latest))),
            ["meta"] = (Meta, s => Plain(CveTableReader.ReadMeta("cve-meta.csv", s, Latest))),
            ["vulnrichment"] = (Vulnrichment, s => Plain(CveTableReader.ReadVulnrichment("vulnrichment-2026-01-01.csv", s, Latest))),
            ["mentions"] = (Mentions, s => Plain(ExploitReader.Read(ExploitList.Mentions, "poc.csv", s, Latest))),
            ["templates"] = (Templates, s => Plain(ExploitReader.Read(ExploitList.Templates, "nuclei.txt", s, Latest))),
            ["history"] = (History, s => Plain(ExploitReader.Read(ExploitList.History, "patchthisapp.csv", s, Latest))),
            ["record"] = (CveRecord, s => Plain(CveRecordReader.Read("CVE-2026-0001.json", s, Latest))),
        };

    /// <summary>The last day that a feed may be of.</summary>
    public static DateOnly Latest { get; } = new(2026, 11, 1);

    public static TheoryData<string> Names => [.. All.Keys];

    public static MemoryStream Bytes(string text) => new(Encoding.UTF8.GetBytes(text));

    public static byte[] Gzip(string text)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }
        return bytes.ToArray();
    }

    /// <summary>A zip archive of texts.</summary>
    public static byte[] Zip(params ReadOnlySpan<(string Name, string Text)> entries)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, text) in entries)
            {
                using var entry = zip.CreateEntry(name).Open();
                entry.Write(Encoding.UTF8.GetBytes(text));
            }
        }
        return bytes.ToArray();
    }

    private static (object? Content, FeedFault? Fault) Plain<T>(FeedResult<T> result)
        where T : class => (result.Content, result.Fault);
}
