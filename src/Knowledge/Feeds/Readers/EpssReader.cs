using System.Globalization;
using Suture.Knowledge.Intelligence;

namespace Suture.Knowledge.Feeds.Readers;

/// <summary>Reads FIRST's daily EPSS file: <c>cve,epss,percentile</c>, usually after a line <c>#model_version:v2025.03.14,score_date:2025-03-23T00:00:00+0000</c>.</summary>
/// <remarks>Scores are kept as published. Thresholds do not carry over between model versions, so every score keeps its model's version.</remarks>
public static class EpssReader
{
    private static readonly DateOnly Version4From = new(2025, 3, 17);
    private static readonly DateOnly Version5From = new(2026, 6, 15);

    /// <summary>Reads one file.</summary>
    /// <param name="name">File name; the date in it (<c>epss_scores-2026-08-16.csv.gz</c>) dates a file without the first line.</param>
    /// <param name="content">The bytes, plain or gzip.</param>
    /// <param name="latest">The last day that a date may name, <see cref="FeedLimits.LatestDay"/>.</param>
    /// <returns>The scores, or the fault. One score that is no number from 0 to 1 refuses the file.</returns>
    public static FeedResult<EpssContent> Read(string name, Stream content, DateOnly latest) => FeedReading.Guard(FeedNames.FirstEpss, name, skipped =>
    {
        var text = FeedReading.ReadText(content, FeedLimits.EpssBytesMax);
        var (start, model, date) = ReadComment(text);
        var day = date ?? FeedReading.DateInName(name)
            ?? throw new FeedFaultException(1, "neither its first line nor its name tells the day of the scores; name it like epss_scores-2026-08-16.csv.gz");
        FeedReading.NotLater(day, latest, date is null ? null : 1, "the day of the scores");
        model ??= ModelOf(day);
        var rows = new CsvRows(text, start, start == 0 ? 1 : 2, FeedLimits.EpssRowsMax, "cve", "epss", "percentile");
        var (cve, epss, percentile) = (rows.Column("cve"), rows.Column("epss"), rows.Column("percentile"));
        var scores = new Dictionary<string, EpssScore>(StringComparer.Ordinal);
        while (rows.MoveNext())
        {
            if (!FeedWords.IsCve(rows[cve]))
            {
                skipped.Add(rows.Line, $"'{rows[cve]}' is no CVE id");
                continue;
            }
            scores[rows[cve].ToString()] = new EpssScore(Share(rows, epss, "epss"), Share(rows, percentile, "percentile"), model);
        }
        skipped.Check(rows.Count);
        return scores.Count > 0
            ? new EpssContent { Feed = FeedNames.FirstEpss, ContentDate = day, Version = model, Scores = scores }
            : throw new FeedFaultException(null, "it holds no score; fetch it again");
    });

    /// <summary>Version of the model that scored a day, for files that do not state it.</summary>
    /// <param name="day">Day of the scores.</param>
    /// <returns><c>v3</c> until 2025-03-16, <c>v4</c> from 2025-03-17, <c>v5</c> from 2026-06-15.</returns>
    public static string ModelOf(DateOnly day) => day >= Version5From ? "v5" : day >= Version4From ? "v4" : "v3";

    private static double Share(CsvRows rows, int column, string name) =>
        double.TryParse(rows[column], NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value is >= 0 and <= 1
            ? value
            : throw new FeedFaultException(rows.Line, $"{name} is '{rows[column]}'; wanted is a number from 0 to 1. Fetch the file again");

    private static (int Start, string? Model, DateOnly? Date) ReadComment(string text)
    {
        if (text is not ['#', ..])
        {
            return (0, null, null);
        }
        var end = text.IndexOf('\n');
        end = end < 0 ? text.Length : end;
        string? model = null;
        DateOnly? date = null;
        foreach (var range in text.AsSpan(1, end - 1).Split(','))
        {
            var part = text.AsSpan(1, end - 1)[range].Trim();
            if (part.StartsWith("model_version:", StringComparison.Ordinal))
            {
                model = part["model_version:".Length..].Trim().ToString();
            }
            else if (part.StartsWith("score_date:", StringComparison.Ordinal))
            {
                date = FeedReading.Date(part["score_date:".Length..]);
            }
        }
        return (Math.Min(end + 1, text.Length), model is { Length: > 0 and <= 64 } ? model : null, date);
    }
}
