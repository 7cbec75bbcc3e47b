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
    /// <param name="latest">The last day that a date may name, <see cref="FeedLimits.LatestDay"/>; due dates may lie ahead.</param>
    /// <returns>The catalogue, or the fault. One entry with a bad date refuses the file: a missing entry would read as "not exploited".</returns>
    public static FeedResult<KevContent> Read(string name, Stream content, DateOnly latest) => FeedReading.Guard(FeedNames.CisaKev, name, skipped =>
    {
        var text = FeedReading.ReadText(content, FeedLimits.KevJsonBytesMax);
        var catalogue = new Catalogue(latest, skipped);
        if (text.AsSpan().TrimStart() is ['{', ..])
        {
            ReadJson(text, catalogue);
        }
        else
        {
            ReadCsv(text, catalogue);
        }
        return catalogue.Finish();
    });

    private static void ReadCsv(string text, Catalogue catalogue)
    {
        FeedReading.NotLarger(text, FeedLimits.KevCsvBytesMax);
        var rows = new CsvRows(text, 0, 1, FeedLimits.KevEntriesMax, "cveID", "vulnerabilityName", "dateAdded", "dueDate", "knownRansomwareCampaignUse");
        var (cve, name, added) = (rows.Column("cveID"), rows.Column("vulnerabilityName"), rows.Column("dateAdded"));
        var (due, ransomware) = (rows.Column("dueDate"), rows.Column("knownRansomwareCampaignUse"));
        while (rows.MoveNext())
        {
            catalogue.Add(rows.Line, rows[cve].ToString(), rows[name].ToString(), rows[added], rows[due], rows[ransomware]);
        }
    }

    private static void ReadJson(string text, Catalogue catalogue)
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
        catalogue.Released = FeedReading.Date(FeedJson.Text(root, "dateReleased"));
        var number = 0;
        foreach (var row in list.EnumerateArray())
        {
            AddEntry(row, ++number, catalogue);
        }
    }

    private static void AddEntry(JsonElement row, int number, Catalogue catalogue)
    {
        try
        {
            catalogue.Add(number, FeedJson.Text(row, "cveID") ?? "", FeedJson.Text(row, "vulnerabilityName") ?? "",
                FeedJson.Text(row, "dateAdded"), FeedJson.Text(row, "dueDate"), FeedJson.Text(row, "knownRansomwareCampaignUse"));
        }
        catch (JsonException)
        {
            throw new FeedFaultException(number, "the entry holds text that is no Unicode; fetch it again");
        }
    }

    private sealed class Catalogue(DateOnly latest, SkippedLines skipped)
    {
        private readonly Dictionary<string, KevEntry> _entries = new(StringComparer.Ordinal);

        /// <summary>Day the publisher states; null when it states none.</summary>
        public DateOnly? Released { get; set; }

        public void Add(int line, string cve, string name, ReadOnlySpan<char> added, ReadOnlySpan<char> due, ReadOnlySpan<char> ransomware)
        {
            if (!FeedWords.IsCve(cve))
            {
                skipped.Add(line, $"'{FeedWords.Shorten(cve)}' is no CVE id");
                return;
            }
            var addedOn = FeedReading.Date(added)
                ?? throw new FeedFaultException(line, $"dateAdded of {cve} is '{FeedWords.Shorten(added)}'; wanted is a date like 2026-08-20");
            FeedReading.NotLater(addedOn, latest, line, $"dateAdded of {cve}");
            var dueOn = FeedReading.Date(due);
            if (dueOn is null && !due.IsWhiteSpace())
            {
                throw new FeedFaultException(line, $"dueDate of {cve} is '{FeedWords.Shorten(due)}'; wanted is a date like 2026-08-20");
            }
            _entries[cve] = new KevEntry(addedOn, dueOn, ransomware.Equals("Known", StringComparison.OrdinalIgnoreCase), name);
        }

        public KevContent Finish()
        {
            skipped.Check(_entries.Count);
            if (_entries.Count == 0)
            {
                throw new FeedFaultException(null, "the catalogue holds no entry; fetch it again");
            }
            var newest = _entries.Values.Max(entry => entry.Added);
            var released = Released is { } day ? FeedReading.NotLater(day, latest, null, "dateReleased") : newest;
            return new KevContent { Feed = FeedNames.CisaKev, Entries = _entries, ContentDate = released > newest ? released : newest };
        }
    }
}
