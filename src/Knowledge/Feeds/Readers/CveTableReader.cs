using Suture.Knowledge.Intelligence;

namespace Suture.Knowledge.Feeds.Readers;

/// <summary>Reads tables with one row a CVE: <c>cve-meta.csv</c> and <c>vulnrichment-DATE.csv</c>.</summary>
public static class CveTableReader
{
    /// <summary>Reads <c>cve-meta.csv</c>, the fallback where there is no CVE record.</summary>
    /// <param name="name">File name.</param>
    /// <param name="content">The bytes, plain or gzip.</param>
    /// <param name="latest">The last day that a date may name, <see cref="FeedLimits.LatestDay"/>.</param>
    /// <returns>The facts, or the fault. A score out of 0 to 10 refuses the table.</returns>
    public static FeedResult<CveContent> ReadMeta(string name, Stream content, DateOnly latest) => FeedReading.Guard(FeedNames.CveMeta, name, skipped =>
        Read(FeedNames.CveMeta, FeedReading.ReadText(content, FeedLimits.CveMetaBytesMax), FeedReading.DateInName(name, latest), skipped, ["cve", "published", "cvss", "cvss_vector", "cvss_source", "ssvc_exploitation", "cwe", "description"],
            new Columns("published", "published_source", "cvss", "", "cvss_vector", "cvss_source", "", "", "description")));

    /// <summary>Reads CISA's Vulnrichment as a table.</summary>
    /// <param name="name">File name; a date in it dates the content.</param>
    /// <param name="content">The bytes, plain or gzip.</param>
    /// <param name="latest">The last day that a date may name, <see cref="FeedLimits.LatestDay"/>.</param>
    /// <returns>The facts, or the fault. A score out of 0 to 10 refuses the table; rejected CVEs are left out.</returns>
    public static FeedResult<CveContent> ReadVulnrichment(string name, Stream content, DateOnly latest) => FeedReading.Guard(FeedNames.Vulnrichment, name, skipped =>
        Read(FeedNames.Vulnrichment, FeedReading.ReadText(content, FeedLimits.VulnrichmentBytesMax), FeedReading.DateInName(name, latest), skipped, ["cve", "state", "date_published", "ssvc_exploitation", "ssvc_timestamp", "cvss_score", "cvss_vector"],
            new Columns("date_published", "", "cvss_score", "cvss_version", "cvss_vector", "cvss_source", "ssvc_timestamp", "state", "")));

    private sealed record Columns(
        string Published, string PublishedSource, string Score, string Version, string Vector, string ScoreSource, string SsvcTime, string State, string Description);

    private static CveContent Read(string feed, string text, DateOnly? date, SkippedLines skipped, string[] wanted, Columns columns)
    {
        var rows = new CsvRows(text, 0, 1, FeedLimits.CveTableRowsMax, wanted);
        var table = new Table(feed, rows, columns);
        var read = new Dictionary<string, CveFacts>(StringComparer.Ordinal);
        while (rows.MoveNext())
        {
            if (!FeedWords.IsCve(rows[table.Cve]))
            {
                skipped.Add(rows.Line, $"'{rows[table.Cve]}' is no CVE id");
            }
            else if (!table.IsRejected())
            {
                read[rows[table.Cve].ToString()] = table.Facts();
            }
        }
        skipped.Check(rows.Count);
        return read.Count > 0
            ? new CveContent { Feed = feed, Cves = [.. read.Values], ContentDate = date }
            : throw new FeedFaultException(null, "it holds no CVE; fetch it again");
    }

    private sealed class Table(string feed, CsvRows rows, Columns columns)
    {
        private readonly int _published = rows.Column(columns.Published);
        private readonly int _publishedSource = rows.Column(columns.PublishedSource);
        private readonly int _score = rows.Column(columns.Score);
        private readonly int _version = rows.Column(columns.Version);
        private readonly int _vector = rows.Column(columns.Vector);
        private readonly int _scoreSource = rows.Column(columns.ScoreSource);
        private readonly int _exploitation = rows.Column("ssvc_exploitation");
        private readonly int _automatable = rows.Column("ssvc_automatable");
        private readonly int _impact = rows.Column("ssvc_technical_impact");
        private readonly int _ssvcTime = rows.Column(columns.SsvcTime);
        private readonly int _cwe = rows.Column("cwe");
        private readonly int _state = rows.Column(columns.State);
        private readonly int _description = rows.Column(columns.Description);

        public int Cve { get; } = rows.Column("cve");

        public bool IsRejected() => rows.Optional(_state).Equals("REJECTED", StringComparison.OrdinalIgnoreCase);

        public CveFacts Facts() => new()
        {
            Id = rows[Cve].ToString(),
            Published = FeedReading.Date(rows.Optional(_published)) is { } day ? new Signal<DateOnly>(day, Source(_publishedSource), null) : null,
            Cvss = Cvss(),
            Ssvc = CveValues.Ssvc(rows.Optional(_exploitation), rows.Optional(_automatable), rows.Optional(_impact)) is { } points
                ? new Signal<SsvcPoints>(points, feed, FeedReading.Date(rows.Optional(_ssvcTime)))
                : null,
            Cwe = CveValues.Cwe(rows.Optional(_cwe)) is { } cwe ? new Signal<string>(cwe, feed, null) : null,
            Description = CveValues.Description(rows.Optional(_description).ToString()),
        };

        private Signal<CvssScore>? Cvss()
        {
            if (CveValues.Score(rows[_score], rows.Line) is not { } score)
            {
                return null;
            }
            var vector = CveValues.Vector(rows.Optional(_vector).ToString());
            var version = rows.Optional(_version).ToString() is { Length: > 0 and <= 8 } stated ? string.Intern(stated) : VersionOf(vector);
            return new Signal<CvssScore>(new CvssScore(score, vector, version), Source(_scoreSource), null);
        }

        private string Source(int column) => rows.Optional(column) is { Length: > 0 and <= 64 } source ? string.Intern($"{feed}: {source}") : feed;

        private static string? VersionOf(string? vector) =>
            vector is not null && vector.StartsWith("CVSS:", StringComparison.Ordinal) && vector.IndexOf('/') is > 5 and <= 9 and var end
                ? string.Intern(vector[5..end])
                : null;
    }
}
