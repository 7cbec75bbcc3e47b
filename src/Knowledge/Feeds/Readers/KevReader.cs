using System.Text.Json;
using Suture.Knowledge.Intelligence;

namespace Suture.Knowledge.Feeds.Readers;

/// <summary>Reads CISA's catalogue of known exploited vulnerabilities, in both official forms.</summary>
/// <remarks>Due dates are those of the catalogue; none is ever computed. The CSV form carries no date of its own: its newest entry dates it.</remarks>
public static class KevReader
{
    private const int JsonDepthMax = 8;

    /// <summary>Reads one file, CSV or JSON.</summary>
    /// <param name="name">File name.</param>
    /// <param name="content">The bytes, plain or gzip.</param>
    /// <returns>The catalogue, or the fault. One entry with a bad date refuses the file: a missing entry would read as "not exploited".</returns>
    public static FeedResult<KevContent> Read(string name, Stream content) => FeedReading.Guard(FeedNames.CisaKev, name, skipped =>
    {
        var text = FeedReading.ReadText(content, FeedLimits.KevBytesMax);
        var read = text.AsSpan().TrimStart() is ['{', ..] ? ReadJson(text, skipped) : ReadCsv(text, skipped);
        skipped.Check(read.Records);
        return read.Records > 0 ? read : throw new FeedFaultException(null, "the catalogue holds no entry; fetch it again");
    });

    private static KevContent ReadCsv(string text, SkippedLines skipped)
    {
        var rows = new CsvRows(text, 0, 1, FeedLimits.KevEntriesMax, "cveID", "vulnerabilityName", "dateAdded", "dueDate", "knownRansomwareCampaignUse");
        var (cve, name, added) = (rows.Column("cveID"), rows.Column("vulnerabilityName"), rows.Column("dateAdded"));
        var (due, ransomware) = (rows.Column("dueDate"), rows.Column("knownRansomwareCampaignUse"));
        var entries = new Dictionary<string, KevEntry>(StringComparer.Ordinal);
        while (rows.MoveNext())
        {
            Add(entries, rows.Line, skipped, rows[cve].ToString(), rows[name].ToString(), rows[added], rows[due], rows[ransomware]);
        }
        return Make(entries, released: null);
    }

    private static KevContent ReadJson(string text, SkippedLines skipped)
    {
        using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = JsonDepthMax });
        var root = document.RootElement;
        if (FeedJson.Member(root, "vulnerabilities") is not { ValueKind: JsonValueKind.Array } list)
        {
            throw new FeedFaultException(null, "it has no list 'vulnerabilities'; wanted is CISA's catalogue");
        }
        if (list.GetArrayLength() > FeedLimits.KevEntriesMax)
        {
            throw new FeedFaultException(null, $"it has more than {FeedLimits.KevEntriesMax} entries; check what was delivered");
        }
        if (FeedJson.Member(root, "count") is { } count
            && (count.ValueKind != JsonValueKind.Number || !count.TryGetInt32(out var stated) || stated != list.GetArrayLength()))
        {
            throw new FeedFaultException(null, $"it states {FeedWords.Shorten(count.GetRawText())} entries and holds {list.GetArrayLength()}; fetch it again");
        }
        var entries = new Dictionary<string, KevEntry>(StringComparer.Ordinal);
        var number = 0;
        foreach (var row in list.EnumerateArray())
        {
            number++;
            try
            {
                Add(entries, number, skipped, FeedJson.Text(row, "cveID") ?? "", FeedJson.Text(row, "vulnerabilityName") ?? "",
                    FeedJson.Text(row, "dateAdded"), FeedJson.Text(row, "dueDate"), FeedJson.Text(row, "knownRansomwareCampaignUse"));
            }
            catch (JsonException)
            {
                throw new FeedFaultException(number, "the entry holds text that is no Unicode; fetch it again");
            }
        }
        return Make(entries, FeedReading.Date(FeedJson.Text(root, "dateReleased")));
    }

    private static void Add(Dictionary<string, KevEntry> entries, int line, SkippedLines skipped,
        string cve, string name, ReadOnlySpan<char> added, ReadOnlySpan<char> due, ReadOnlySpan<char> ransomware)
    {
        if (!FeedWords.IsCve(cve))
        {
            skipped.Add(line, $"'{cve}' is no CVE id");
            return;
        }
        var addedOn = FeedReading.Date(added) ?? throw new FeedFaultException(line, $"dateAdded of {cve} is '{added}'; wanted is a date like 2026-08-20");
        var dueOn = FeedReading.Date(due);
        if (dueOn is null && !due.IsWhiteSpace())
        {
            throw new FeedFaultException(line, $"dueDate of {cve} is '{due}'; wanted is a date like 2026-08-20");
        }
        entries[cve] = new KevEntry(addedOn, dueOn, ransomware.Equals("Known", StringComparison.OrdinalIgnoreCase), name);
    }

    private static KevContent Make(Dictionary<string, KevEntry> entries, DateOnly? released)
    {
        DateOnly? newest = entries.Count > 0 ? entries.Values.Max(entry => entry.Added) : null;
        return new KevContent { Feed = FeedNames.CisaKev, Entries = entries, ContentDate = released > newest || newest is null ? released : newest };
    }
}
