namespace Suture.Knowledge.Feeds.Readers;

/// <summary>Reads <c>RELEASE-fixes.csv</c>, a table derived from the advisories: <c>source,cve,fixed_version,advisory_date,advisory</c>.</summary>
public static class DebianFixesReader
{
    /// <summary>Ending of the file name; what stands before it is the release.</summary>
    public const string NameEnding = "-fixes.csv";

    /// <summary>Reads one table.</summary>
    /// <param name="name">File name, <c>bookworm-fixes.csv</c>; the release is taken from it.</param>
    /// <param name="content">The bytes, plain or gzip.</param>
    /// <param name="latest">The last day that a date may name, <see cref="FeedLimits.LatestDay"/>.</param>
    /// <returns>The advisories it was derived from, as far as it tells them, or the fault.</returns>
    public static FeedResult<IReadOnlyList<FixRecord>> Read(string name, Stream content, DateOnly latest) =>
        FeedReading.Guard<IReadOnlyList<FixRecord>>(FeedNames.DebianDsa, name, skipped =>
    {
        var release = ReleaseOf(name) ?? throw new FeedFaultException(null, $"the name tells no release; wanted is a name like bookworm{NameEnding}");
        var text = FeedReading.ReadText(content, FeedLimits.FixTableBytesMax);
        var rows = new CsvRows(text, 0, 1, FeedLimits.FixRecordsMax, "source", "cve", "fixed_version", "advisory_date", "advisory");
        var (source, cve, version) = (rows.Column("source"), rows.Column("cve"), rows.Column("fixed_version"));
        var (date, advisory) = (rows.Column("advisory_date"), rows.Column("advisory"));
        var read = new List<FixRecord>();
        while (rows.MoveNext())
        {
            if (!FeedWords.IsName(rows[source]) || !FeedWords.IsCve(rows[cve]) || !FeedWords.IsVersion(rows[version]) || !FeedWords.IsAdvisory(rows[advisory]))
            {
                skipped.Add(rows.Line, $"'{rows[source]},{rows[cve]},{rows[version]},{rows[advisory]}' is no source, CVE, version and advisory");
                continue;
            }
            var before = read.Count > 0 ? read[^1] : null;
            var id = FeedWords.Again(rows[advisory], before?.Record);
            DateOnly? published = FeedReading.Date(rows[date]) is { } day ? FeedReading.NotLater(day, latest, rows.Line, $"the date of {id}") : null;
            read.Add(new FixRecord(release, FeedWords.Again(rows[source], before?.Source), rows[cve].ToString(), FeedWords.Again(rows[version], before?.FixedVersion), id, published, FeedNames.OfAdvisory(id)));
        }
        skipped.Check(rows.Count);
        return read.Count > 0 ? read : throw new FeedFaultException(null, "it holds no row; fetch it again");
    });

    /// <summary>Release of a table by its name; null when the name tells none.</summary>
    internal static string? ReleaseOf(string name)
    {
        var file = Path.GetFileName(name);
        file = file.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? file[..^3] : file;
        var release = file.EndsWith(NameEnding, StringComparison.OrdinalIgnoreCase) ? file[..^NameEnding.Length] : "";
        return FeedWords.IsName(release) ? string.Intern(release) : null;
    }
}
