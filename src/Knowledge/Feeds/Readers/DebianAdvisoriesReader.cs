using System.Text.Json;

namespace Suture.Knowledge.Feeds.Readers;

/// <summary>Reads <c>debian-advisories.jsonl</c>: the same advisories as the lists, prepared, one JSON object a line.</summary>
/// <remarks>
/// <code>{"id": "DSA-6457-1", "date": "2026-08-21", "cves": ["CVE-2026-60589"], "fixes": [{"release": "trixie", "source": "openjdk-21", "fixed": "21.0.12.1+1-1~deb13u1"}],
/// "src": "debian-tracker-list@2025-02-13", "first_seen_public": "2026-08-22T01:02:18+00:00"}</code>
/// A record is as of the day in <c>src</c> after <c>@</c>, else of <c>first_seen_public</c>, else of the file.
/// </remarks>
public static class DebianAdvisoriesReader
{
    private const int JsonDepthMax = 8;

    /// <summary>Reads one file.</summary>
    /// <param name="name">File name.</param>
    /// <param name="content">The bytes, plain or gzip.</param>
    /// <param name="latest">The last day that a date may name, <see cref="FeedLimits.LatestDay"/>.</param>
    /// <returns>The advisories, or the fault. A line that is no JSON is a fault; one with an odd value is skipped and counted.</returns>
    public static FeedResult<AdvisoryList> Read(string name, Stream content, DateOnly latest) => FeedReading.Guard(FeedNames.DebianDsa, name, skipped =>
    {
        var text = FeedReading.ReadText(content, FeedLimits.PreparedBytesMax);
        var advisories = new Dictionary<string, Advisory>(StringComparer.Ordinal);
        var line = 0;
        foreach (var range in text.AsSpan().Split('\n'))
        {
            line++;
            var part = text.AsSpan()[range].Trim();
            if (part.Length > 0 && ReadLine(part, line, latest, skipped) is { } advisory)
            {
                KeepNewer(advisories, advisory, line);
            }
        }
        skipped.Check(line);
        if (advisories.Count == 0)
        {
            throw new FeedFaultException(null, "it holds no advisory; wanted is one JSON object a line with id, date, cves and fixes");
        }
        AdvisoryMerge.RefuseTooMany(advisories.Values);
        var newest = advisories.Values.Max(advisory => advisory.Published);
        return new AdvisoryList(FeedReading.DateInName(name, latest) ?? newest, IsPrepared: true,
            [.. advisories.Values.Select(a => a.AsOf == DateOnly.MinValue ? a with { AsOf = newest } : a)]);
    });

    private static void KeepNewer(Dictionary<string, Advisory> advisories, Advisory advisory, int line)
    {
        if (!advisories.TryGetValue(advisory.Id, out var held) || held.AsOf <= advisory.AsOf)
        {
            advisories[advisory.Id] = advisory;
        }
        if (advisories.Count > FeedLimits.AdvisoriesMax)
        {
            throw new FeedFaultException(line, $"it holds more than {FeedLimits.AdvisoriesMax} advisories; check what was delivered");
        }
    }

    private static Advisory? ReadLine(ReadOnlySpan<char> text, int line, DateOnly latest, SkippedLines skipped)
    {
        try
        {
            using var document = JsonDocument.Parse(text.ToString(), new JsonDocumentOptions { MaxDepth = JsonDepthMax });
            var advisory = ReadAdvisory(document.RootElement, line, skipped);
            if (advisory is not null)
            {
                FeedReading.NotLater(advisory.Published, latest, line, $"the date of {advisory.Id}");
                FeedReading.NotLater(advisory.AsOf, latest, line, $"the day on which {advisory.Id} was taken");
            }
            return advisory;
        }
        catch (JsonException)
        {
            throw new FeedFaultException(line, "it is no JSON object, or holds text that is no Unicode; the file is cut off or damaged, fetch it again");
        }
    }

    private static Advisory? ReadAdvisory(JsonElement row, int line, SkippedLines skipped)
    {
        if (row.ValueKind != JsonValueKind.Object
            || FeedJson.Text(row, "id") is not { } id || !FeedWords.IsAdvisory(id)
            || FeedReading.Date(FeedJson.Text(row, "date")) is not { } published
            || FeedJson.Member(row, "cves") is not { ValueKind: JsonValueKind.Array } cves
            || FeedJson.Member(row, "fixes") is not { ValueKind: JsonValueKind.Array } fixes)
        {
            skipped.Add(line, "it has no good id, date, cves and fixes");
            return null;
        }
        if (cves.GetArrayLength() > FeedLimits.VulnerabilitiesPerAdvisoryMax || fixes.GetArrayLength() > FeedLimits.FixesPerAdvisoryMax)
        {
            throw new FeedFaultException(line, $"{id} names more CVEs or fixes than any advisory can; check what was delivered");
        }
        return new Advisory(id, published, AsOf(row), Vulnerabilities(cves, line, skipped), Fixes(fixes, line, skipped));
    }

    private static DateOnly AsOf(JsonElement row)
    {
        var source = FeedJson.Text(row, "src") ?? "";
        var at = source.LastIndexOf('@');
        return (at >= 0 ? FeedReading.Date(source.AsSpan(at + 1)) : null)
            ?? FeedReading.Date(FeedJson.Text(row, "first_seen_public"))
            ?? DateOnly.MinValue;
    }

    private static List<string> Vulnerabilities(JsonElement cves, int line, SkippedLines skipped)
    {
        var read = new List<string>(cves.GetArrayLength());
        foreach (var cve in cves.EnumerateArray())
        {
            var id = FeedJson.Text(cve) ?? "";
            if (!FeedWords.IsCve(id))
            {
                skipped.Add(line, $"'{FeedWords.Shorten(id)}' is no CVE id");
            }
            else if (!read.Contains(id))
            {
                read.Add(id);
            }
        }
        return read;
    }

    private static List<AdvisoryFix> Fixes(JsonElement fixes, int line, SkippedLines skipped)
    {
        var read = new List<AdvisoryFix>(fixes.GetArrayLength());
        foreach (var fix in fixes.EnumerateArray())
        {
            var (release, source, version) = (FeedJson.Text(fix, "release"), FeedJson.Text(fix, "source"), FeedJson.Text(fix, "fixed"));
            if (!FeedWords.IsName(release) || !FeedWords.IsName(source) || (version is not null && !FeedWords.IsVersion(version)))
            {
                skipped.Add(line, $"'{FeedWords.Shorten($"{release} {source} {version}")}' is no fixed version of a source in a release");
                continue;
            }
            read.Add(new AdvisoryFix(string.Intern(release!), source!, version, version is null ? Statement(FeedJson.Text(fix, "note")) : null));
        }
        return read;
    }

    private static string? Statement(string? note) =>
        note is ['<', ..] && note.IndexOf('>') is var end and > 0 ? note[1..end] : null;
}
