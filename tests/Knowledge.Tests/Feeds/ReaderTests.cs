using System.Text;
using Suture.Knowledge.Feeds.Readers;
using Suture.Knowledge.Intelligence;

namespace Suture.Knowledge.Tests.Feeds;

/// <summary>What readers take from good text.</summary>
public sealed class ReaderTests
{
    [Fact]
    public void DebianList_EveryLineForm_IsUnderstood()
    {
        const string text = """
            [12 Feb 2025] DSA-5865-1 webkit2gtk - security update
            	{CVE-2025-24143 CVE-2025-24150 }
            	[bookworm] - webkit2gtk 2.46.6-1~deb12u1
            	[trixie] - webkit2gtk <unfixed>
            [18 Apr 2018] DSA-4205-1 jessie end-of-life
                    NOTE: end of security support for jessie
            [21 Mar 2006] DSA-1011-1 kernel-patch-server, util-vserver - missing attribute support
            	{ CVE-2005-4347 CVE-2005-4418}
            	[sarge] - util-vserver 0.30.204-5sarge3 (bug #329087; medium)
            	[woody] - mantis <not-affected> (Vulnerable code not present)
                 [sarge] - kernel-patch-vserver <end-of-life> (too old)
            [27 Nov 2006] DSA-1220 pstotext
            	{CVE-2006-5869}
            	[sarge] - pstotext 1.9-1sarge2
            """;

        var list = DebianListReader.Read("DSA_list", Text(text), GivenReaders.Latest);

        Assert.Equal(0, list.SkippedCount);
        Assert.Equal(["DSA-5865-1", "DSA-4205-1", "DSA-1011-1", "DSA-1220"], list.Content!.Advisories.Select(a => a.Id));
        Assert.Equal(new DateOnly(2025, 2, 12), list.Content.AsOf);
        Assert.Equal(["CVE-2025-24143", "CVE-2025-24150"], list.Content.Advisories[0].Vulnerabilities);
        Assert.Equal(
            [new AdvisoryFix("bookworm", "webkit2gtk", "2.46.6-1~deb12u1", null), new AdvisoryFix("trixie", "webkit2gtk", null, "unfixed")],
            list.Content.Advisories[0].Fixes);
        Assert.Empty(list.Content.Advisories[1].Vulnerabilities);
        Assert.Equal(
            [
                new AdvisoryFix("sarge", "util-vserver", "0.30.204-5sarge3", null), new AdvisoryFix("woody", "mantis", null, "not-affected"),
                new AdvisoryFix("sarge", "kernel-patch-vserver", null, "end-of-life"),
            ],
            list.Content.Advisories[2].Fixes);
    }

    [Fact]
    public void DebianList_OddLines_AreSkippedAndNamed()
    {
        var list = DebianListReader.Read("DSA_list", Text("""
            [15 Jan 2004] DSA-423 linux-kernel-2.4.17-ia64 - several vulnerabilities
            	{CVE-2003-0001 CAN-2003-0018}
            	[woody] - kernel-image-2.4.17-ia64 kernel-image-2.4.17-ia64
            	free text
            """), GivenReaders.Latest);

        Assert.Equal([2, 3, 4], list.Skipped.Select(s => s.Line));
        Assert.Equal(["CVE-2003-0001"], list.Content!.Advisories[0].Vulnerabilities);
        Assert.Empty(list.Content.Advisories[0].Fixes);
    }

    [Theory]
    [InlineData("2025-03-16", "v3")]
    [InlineData("2025-03-17", "v4")]
    [InlineData("2026-06-14", "v4")]
    [InlineData("2026-06-15", "v5")]
    public void Epss_WithoutComment_TakesDateFromNameAndModelFromDate(string date, string model)
    {
        var scores = EpssReader.Read($"epss-full-{date}.csv", Text("cve,epss,percentile\nCVE-2026-0001,9e-05,0.9\n"), GivenReaders.Latest).Content!;

        Assert.Equal(DateOnly.Parse(date), scores.ContentDate);
        Assert.Equal(model, scores.Version);
        Assert.Equal(new EpssScore(0.00009, 0.9, model), scores.Scores["CVE-2026-0001"]);
    }

    [Fact]
    public void Epss_WithComment_TakesBothFromIt()
    {
        var scores = EpssReader.Read("epss.csv", Text("#model_version:v2025.03.14,score_date:2025-03-23T00:00:00+0000\ncve,epss,percentile\nCVE-2026-0001,0.5,0.9\n"), GivenReaders.Latest).Content!;

        Assert.Equal(new DateOnly(2025, 3, 23), scores.ContentDate);
        Assert.Equal("v2025.03.14", scores.Version);
    }

    [Fact]
    public void CveRecord_SeveralContainers_TakesNewestCvssAndCisasSsvc()
    {
        var facts = CveRecordReader.Read("CVE-2024-3094.json", Text("""
            {"cveMetadata":{"cveId":"CVE-2024-3094","state":"PUBLISHED","datePublished":"2024-03-29T16:51:12Z","dateUpdated":"2024-08-19T01:00:00Z"},
             "containers":{
              "cna":{"providerMetadata":{"shortName":"redhat","dateUpdated":"2024-04-01T00:00:00Z"},
               "metrics":[{"cvssV3_1":{"baseScore":10,"vectorString":"CVSS:3.1/AV:N"}},{"other":{"type":"Red Hat severity rating"}}],
               "problemTypes":[{"descriptions":[{"lang":"en","description":"n/a"}]},{"descriptions":[{"lang":"en","cweId":"CWE-506"}]}],
               "descriptions":[{"lang":"de","value":"Nein"},{"lang":"en","value":"Malicious code was discovered."}]},
              "adp":[{"providerMetadata":{"shortName":"CISA-ADP","dateUpdated":"2024-08-02T00:00:00Z"},
               "metrics":[{"cvssV4_0":{"baseScore":9.3,"vectorString":"CVSS:4.0/AV:N"}},
                {"other":{"type":"ssvc","content":{"timestamp":"2024-05-23T19:01:12Z","options":[{"Exploitation":"PoC"},{"Automatable":"Yes"},{"Technical Impact":"total"}]}}}]}]}}
            """), GivenReaders.Latest).Content!.Cves[0];

        Assert.Equal(new Signal<DateOnly>(new DateOnly(2024, 3, 29), "cve-records", new DateOnly(2024, 8, 19)), facts.Published);
        Assert.Equal(new Signal<CvssScore>(new CvssScore(9.3, "CVSS:4.0/AV:N", "4.0"), "cve-records: CISA-ADP", new DateOnly(2024, 8, 2)), facts.Cvss);
        Assert.Equal(new Signal<SsvcPoints>(new SsvcPoints("poc", true, true), "cve-records: CISA-ADP", new DateOnly(2024, 5, 23)), facts.Ssvc);
        Assert.Equal("CWE-506", facts.Cwe!.Value);
        Assert.Equal("Malicious code was discovered.", facts.Description);
    }

    [Fact]
    public void Exploits_SeveralLists_AreOneEntryAKindStrongestFirst()
    {
        var merged = ExploitReader.Merge([
            ExploitReader.Read(ExploitList.Mentions, "poc-index.csv", Text("cve,first_seen,reference_links,github_links\nCVE-2026-0001,2026-01-09,3,4\nCVE-2026-0002,2026-01-09,0,0\n"), GivenReaders.Latest).Content!,
            ExploitReader.Read(ExploitList.Templates, "nuclei.txt", Text("CVE-2026-0001\n"), GivenReaders.Latest).Content!,
            ExploitReader.Read(ExploitList.History, "patchthisapp.csv", Text("cve,source,first_seen\nCVE-2026-0001,Nuclei,2026-01-05\nCVE-2026-0001,Metasploit,2026-01-07\nCVE-2026-0001,EPSS,2026-01-01\n"), GivenReaders.Latest).Content!,
        ]);

        Assert.Equal(["CVE-2026-0001"], merged.Evidence.Keys);
        Assert.Equal(
            [
                new ExploitEvidence(ExploitKind.Framework, new DateOnly(2026, 1, 7), 1), new ExploitEvidence(ExploitKind.Template, new DateOnly(2026, 1, 5), 1),
                new ExploitEvidence(ExploitKind.Mention, new DateOnly(2026, 1, 9), 7),
            ],
            merged.Evidence["CVE-2026-0001"].Select(s => s.Value));
    }

    [Fact]
    public void Kev_BothForms_TellTheSame()
    {
        var csv = KevReader.Read("kev.csv", Text("cveID,vulnerabilityName,dateAdded,dueDate,knownRansomwareCampaignUse\nCVE-2026-0001,\"A, B\",2026-01-02,2026-01-05,Known\n"), GivenReaders.Latest).Content!;
        var json = KevReader.Read("kev.json", Text("""{"dateReleased":"2026-01-03T00:00:00Z","vulnerabilities":[{"cveID":"CVE-2026-0001","vulnerabilityName":"A, B","dateAdded":"2026-01-02","dueDate":"2026-01-05","knownRansomwareCampaignUse":"Known"}]}"""), GivenReaders.Latest).Content!;

        Assert.Equal(csv.Entries, json.Entries);
        Assert.Equal(new KevEntry(new DateOnly(2026, 1, 2), new DateOnly(2026, 1, 5), true, "A, B"), csv.Entries["CVE-2026-0001"]);
        Assert.Equal(new DateOnly(2026, 1, 2), csv.ContentDate);
        Assert.Equal(new DateOnly(2026, 1, 3), json.ContentDate);
    }

    [Theory]
    [InlineData("CVE-2026-0001", true)]
    [InlineData("CVE-2026-12345", true)]
    [InlineData("CVE-2026-01234", false)]
    [InlineData("CVE-2026-123", false)]
    [InlineData("cve-2026-0001", false)]
    [InlineData("CAN-2003-0001", false)]
    public void IsCve_Form_IsTheOnlyOne(string text, bool expected) => Assert.Equal(expected, FeedWords.IsCve(text));

    private static MemoryStream Text(string text) => new(Encoding.UTF8.GetBytes(text));
}
