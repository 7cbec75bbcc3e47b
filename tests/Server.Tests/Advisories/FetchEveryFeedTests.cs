using System.Globalization;
using Suture.Advisories.Fetching;
using Suture.Knowledge.Feeds;
using Suture.Tests;
using static Suture.Server.Tests.Advisories.GivenFeeds;

namespace Suture.Server.Tests.Advisories;

/// <summary>Every reader behind an address: taken, asked for conditionally, and refused for every reason that its validator has.</summary>
public sealed class FetchEveryFeedTests(StoreFixture stores)
{
    private const int InForce = 1_000;

    /// <summary>Feed, file name, content by number of records and day, and the faults that only this format can have.</summary>
    private static readonly (string Feed, string File, Func<int, DateOnly, byte[]> Content, (string Fault, byte[] Content, string Message)[] Faults)[] Formats =
    [
        (FeedNames.DebianDsa, "DSA_list.txt", (count, day) => AdvisoryList("DSA", count, day: Day(day)), [("nothing", Text("nothing"), "it holds no advisory")]),
        (FeedNames.DebianDla, "DLA_list.txt.gz", (count, day) => Gzip(AdvisoryList("DLA", count, day: Day(day))), [("other kind", AdvisoryList("DSA", InForce), "does not belong into the list")]),
        (FeedNames.DebianDsa, "debian-tracker.zip", (count, day) => Zip([("DSA_list", AdvisoryList("DSA", count, day: Day(day)))]), [("no list", Zip([("readme", [])]), "it holds no list")]),
        (FeedNames.DebianDsa, "debian-advisories.jsonl", Prepared, [("no JSON", Text("{\"id\":"), "line 1: it is no JSON object")]),
        (FeedNames.DebianDsa, "bookworm-fixes.csv", Table, [("columns", Text("a,b\n1,2\n"), "the header has no column 'source'")]),
        (FeedNames.CisaKev, "known_exploited_vulnerabilities.csv", (count, day) => Kev(count, $"{day:O}"), [("date", Kev(InForce, "soon"), "line 2: dateAdded of CVE-2026-0001 is 'soon'")]),
        (FeedNames.CisaKev, "known_exploited_vulnerabilities.json", KevJson, [("count", Text("{\"count\":\"5\",\"vulnerabilities\":[]}"), "states \"5\" entries and holds 0")]),
        (FeedNames.FirstEpss, "epss_scores-current.csv.gz", Scores,
            [("NaN", Gzip(Text("#model_version:v5,score_date:2026-08-18\ncve,epss,percentile\nCVE-2026-0001,NaN,0.9\n")), "line 3: epss is 'NaN'"), ("cut off", Scores(InForce, Now)[..^20], "cut off")]),
        (FeedNames.CveRecords, "cve-list.zip", Records, [("score", Zip([("CVE-2026-0001.json", Record("0001", Now, "99"))]), "CVE-2026-0001.json: the CVSS score is '99'"), ("cut off", Records(InForce, Now)[..^20], "cut off or damaged")]),
        (FeedNames.CveRecords, "CVE-2026-0001.json", (_, day) => Record("0001", day, "9.8"), [("cut off", Text("{\"cveMetadata\":{"), "cut off")]),
        (FeedNames.CveMeta, "cve-meta.csv", (count, _) => Lines(MetaHeading, count, cve => $"{cve},2026-01-02,9.8,,x,none,CWE-1,d"), [("score", Text(MetaHeading + "CVE-2026-0001,2026-01-02,10.1,,x,none,CWE-1,d\n"), "line 2: the CVSS score is '10.1'")]),
        (FeedNames.Vulnrichment, "vulnrichment.csv.gz", (count, _) => Gzip(Lines(EnrichedHeading, count, cve => $"{cve},PUBLISHED,2026-01-02,none,2026-01-02,9.8,")), [("score", Gzip(Text(EnrichedHeading + "CVE-2026-0001,PUBLISHED,2026-01-02,none,2026-01-02,-1,\n")), "line 2: the CVSS score is '-1'")]),
        (FeedNames.ExploitEvidence, "poc-index.csv", (count, day) => Lines("cve,first_seen,reference_links,github_links\n", count, cve => $"{cve},{day:O},1,2"), [("count", Text("cve,first_seen,reference_links,github_links\nCVE-2026-0001,2026-01-02,many,2\n"), "line 2: 'many' is no count")]),
        (FeedNames.ExploitEvidence, "nuclei.txt", (count, _) => Templates(count), [("nothing", Text("nothing\n"), "it holds no evidence")]),
        (FeedNames.ExploitEvidence, "patchthisapp.csv", (count, day) => Modules(count, $"{day:O}"), [("columns", Text("a,b\n1,2\n"), "the header has no column 'cve'")]),
    ];

    private const string MetaHeading = "cve,published,cvss,cvss_vector,cvss_source,ssvc_exploitation,cwe,description\n";
    private const string EnrichedHeading = "cve,state,date_published,ssvc_exploitation,ssvc_timestamp,cvss_score,cvss_vector\n";

    private static DateOnly Now { get; } = new(2026, 8, 18);

    public static TheoryData<string> Files => [.. Formats.Select(format => format.File)];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Fetch_ContentThenUnchangedThenMore_IsTakenAndAskedForConditionally(string file)
    {
        var (feed, _, content, _) = Formats.Single(format => format.File == file);
        await using var world = await AdvisoriesWorld.StartAsync(stores, "sqlite");
        await using var server = await LoopbackFiles.StartAsync();
        var source = new FeedSource { Feed = feed, FileName = file, Url = new Uri(server.Url, "feed") };
        (server.Files["feed"], server.ETag, server.LastModified) = (content(InForce, Now), "\"one\"", "Tue, 18 Aug 2026 07:00:00 GMT");

        await world.Fetcher.FetchAsync(source, CancellationToken.None);
        var (digest, taken) = (world.Digest, await world.StateAsync(feed));
        await world.Fetcher.FetchAsync(source, CancellationToken.None);
        server.ETag = null;
        await world.Fetcher.FetchAsync(source, CancellationToken.None);

        Assert.Equal([200, 304, 304], server.Asked.Select(asked => asked.Status));
        Assert.Equal((null, file == "CVE-2026-0001.json" ? 1 : InForce, digest), (taken.Problem, taken.Records, world.Digest));
        Assert.Contains(world.Current.Feeds, age => age.Feed == feed);

        (server.Files["feed"], server.ETag, server.LastModified) = (content(InForce + 1, Now.AddDays(1)), "\"two\"", null);
        await world.Fetcher.FetchAsync(source, CancellationToken.None);
        Assert.NotEqual(digest, world.Digest);
        Assert.Equal(200, server.Asked.Last().Status);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Fetch_RefusedForAnyReason_KeepsTheLastKnownGoodAndSaysWhy(string file)
    {
        var (feed, _, content, faults) = Formats.Single(format => format.File == file);
        await using var world = await AdvisoriesWorld.StartAsync(stores, "sqlite");
        await using var server = await LoopbackFiles.StartAsync();
        var source = new FeedSource { Feed = feed, FileName = file, Url = new Uri(server.Url, "feed") };
        server.Files["feed"] = content(InForce, Now);
        await world.Fetcher.FetchAsync(source, CancellationToken.None);
        var (digest, good) = (world.Digest, await world.StateAsync(feed));
        Assert.Null(good.Problem);

        foreach (var (fault, damaged, message) in faults.Concat(Common(file, content)))
        {
            server.Files["feed"] = damaged;
            await world.Fetcher.FetchAsync(source, CancellationToken.None);

            var state = await world.StateAsync(feed);
            Assert.True(state.Problem?.Contains(message, StringComparison.Ordinal), $"{fault}: {state.Problem}");
            Assert.StartsWith($"{feed}: ", state.Problem, StringComparison.Ordinal);
            Assert.Equal((digest, good.Records, good.SucceededUs), (world.Digest, state.Records, state.SucceededUs));
        }
    }

    // What every format can have, as far as it carries a date or has more than one record.
    private static IEnumerable<(string Fault, byte[] Content, string Message)> Common(string file, Func<int, DateOnly, byte[]> content)
    {
        yield return ("empty", [], file.EndsWith(".zip", StringComparison.Ordinal) ? "cut off or damaged" : "it is empty");
        yield return ("web page", Text("<!DOCTYPE html><html>"), file.EndsWith(".zip", StringComparison.Ordinal) ? "cut off or damaged" : "it is a web page");
        if (!file.StartsWith("CVE-2026", StringComparison.Ordinal))
        {
            yield return ("half gone", content(499, Now), "it has 499 records and the content in force has 1000; fewer than half");
            yield return ("ten times as many", content(10 * InForce, Now), "it has 10000 records and the content in force has 1000; more than 4 times");
        }
        if (!content(InForce, Now).AsSpan().SequenceEqual(content(InForce, Now.AddDays(-1))))
        {
            yield return ("older", content(InForce, Now.AddDays(-1)), "it is of 2026-08-17 and the content in force of 2026-08-18; a feed never goes back in time");
            yield return ("from the future", content(InForce, new DateOnly(9999, 1, 2)), "9999-01-02, which lies in the future");
        }
    }

    private static string Day(DateOnly day) => day.ToString("dd MMM yyyy", CultureInfo.InvariantCulture);

    private static byte[] Prepared(int count, DateOnly day) => Text(string.Concat(Enumerable.Range(1, count).Select(number =>
        $$"""{"id":"DSA-{{number}}-1","date":"{{day:O}}","cves":["CVE-2026-{{number:0000}}"],"fixes":[{"release":"bookworm","source":"x","fixed":"1.0-{{number}}"}]}""" + "\n")));

    private static byte[] Table(int count, DateOnly day) => Text("source,cve,fixed_version,advisory_date,advisory\n"
        + string.Concat(Enumerable.Range(1, count).Select(number => $"x,CVE-2026-{number:0000},1.0-{number},{day:O},DSA-{number}-1\n")));

    private static byte[] KevJson(int count, DateOnly day) => Text($$"""{"dateReleased":"{{day:O}}","count":{{count}},"vulnerabilities":["""
        + string.Join(',', Enumerable.Range(1, count).Select(number => $$"""{"cveID":"CVE-2026-{{number:0000}}","dateAdded":"2026-01-02"}""")) + "]}");

    private static byte[] Scores(int count, DateOnly day) => Gzip(Lines($"#model_version:v5,score_date:{day:O}T00:00:00+0000\ncve,epss,percentile\n", count, cve => $"{cve},0.25,0.9"));

    private static byte[] Records(int count, DateOnly day) =>
        Zip(Enumerable.Range(1, count).Select(number => ($"CVE-2026-{number:0000}.json", Record($"{number:0000}", day, "9.8"))));

    private static byte[] Record(string number, DateOnly day, string score) => Text(
        $$"""{"cveMetadata":{"cveId":"CVE-2026-{{number}}","state":"PUBLISHED","dateUpdated":"{{day:O}}"},"containers":{"cna":{"metrics":[{"cvssV3_1":{"baseScore": {{score}} } } ] } } }""");
}
