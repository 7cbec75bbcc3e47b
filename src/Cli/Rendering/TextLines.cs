using System.Globalization;

namespace Suture.Cli.Rendering;

/// <summary>Lines and words for people: calm, within the width, colours only on a terminal.</summary>
internal static class TextLines
{
    /// <summary>Age in words: <c>today</c>, <c>1 day</c>, <c>12 days</c>.</summary>
    public static string Age(DateOnly? date, DateOnly today) => date is not { } day ? "age not stated" : (today.DayNumber - day.DayNumber) switch
    {
        <= 0 => "today",
        1 => "1 day old",
        var days => string.Create(CultureInfo.InvariantCulture, $"{days} days old"),
    };

    /// <summary><c>1 finding</c>, <c>2 findings</c>.</summary>
    public static string Count(long count, string one, string many) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? one : many)}");

    /// <summary>Text without control characters, so that nothing a feed or a machine says can steer the terminal.</summary>
    public static string Plain(string text) =>
        text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c)) : text;

    /// <summary>Risk a day to four places; what is smaller is said to be.</summary>
    public static string Risk(double perDay) => perDay switch
    {
        >= 0.0001 => perDay.ToString("0.0000", CultureInfo.InvariantCulture),
        > 0 => "<0.0001",
        _ => "0",
    };

    /// <summary>An instant to the minute, UTC.</summary>
    public static string Instant(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);

    /// <summary>Prints a line as it is.</summary>
    public static void Line(CliConsole console, string text) => console.Out.Write(text + '\n');

    /// <summary>Prints text wrapped at the width.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="text">The text.</param>
    /// <param name="indent">Blanks before each line.</param>
    public static void Paragraph(CliConsole console, string text, int indent = 0)
    {
        foreach (var line in Wrapping.Lines(text, console.Width, indent))
        {
            Line(console, line);
        }
    }

    /// <summary>Prints a named value; what does not fit goes on below it.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="name">Name.</param>
    /// <param name="value">Value; control characters are blanked.</param>
    /// <param name="column">Column at which values begin.</param>
    public static void Field(CliConsole console, string name, string value, int column)
    {
        var lines = Wrapping.Lines(Plain(value), console.Width, column).ToList();
        Line(console, $"{name.PadRight(column)}{lines[0].TrimStart()}".TrimEnd());
        lines.Skip(1).ToList().ForEach(line => Line(console, line));
    }

    /// <summary>Says below a list that there is more.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="shown">Rows shown.</param>
    /// <param name="total">Rows in all; null when not counted.</param>
    /// <param name="isMore">True when not all are shown.</param>
    public static void More(CliConsole console, int shown, int? total, bool isMore)
    {
        if (isMore)
        {
            Line(console, total > shown
                ? string.Create(CultureInfo.InvariantCulture, $"and {total - shown} more; --limit {Math.Min(total.Value, Server.ApiClient.RowsMax)} shows them")
                : "and more; a higher --limit shows them");
        }
    }

    /// <summary>Text in red, for terminals.</summary>
    public static string Red(string text) => $"\u001b[31m{text}\u001b[0m";

    /// <summary>Time gone by in its largest unit: <c>3 s</c>, <c>5 min</c>, <c>4 h</c>, <c>12 d</c>; never below 0.</summary>
    /// <param name="span">The time.</param>
    /// <param name="isMost">True to round up, for "within".</param>
    public static string Span(TimeSpan span, bool isMost = false)
    {
        var (value, unit) = span switch
        {
            { TotalMinutes: < 1 } => (Math.Max(0, span.TotalSeconds), "s"),
            { TotalHours: < 1 } => (span.TotalMinutes, "min"),
            { TotalDays: < 2 } => (span.TotalHours, "h"),
            _ => (span.TotalDays, "d"),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{(isMost ? Math.Ceiling(value) : Math.Floor(value)):0} {unit}");
    }
}
