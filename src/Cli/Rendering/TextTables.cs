using System.Globalization;
using Spectre.Console;

namespace Suture.Cli.Rendering;

/// <summary>Tables and words for people: calm, within the width, colours only on a terminal.</summary>
internal static class TextTables
{
    /// <summary>Writes a page to standard output. Without colours no line ends in blanks.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="write">Writes the page.</param>
    public static void Page(CliConsole console, Action<IAnsiConsole> write)
    {
        using var page = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var renderer = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = console.HasColours ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = console.HasColours ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(page),
        });
        renderer.Profile.Width = console.Width;
        renderer.Profile.Capabilities.Unicode = true;
        write(renderer);
        foreach (var line in page.ToString().TrimEnd('\n').Split('\n'))
        {
            console.Out.Write(console.HasColours ? line : line.TrimEnd());
            console.Out.Write('\n');
        }
    }

    /// <summary>Writes one paragraph, wrapped at the width.</summary>
    /// <param name="renderer">Where to.</param>
    /// <param name="text">The text.</param>
    public static void Line(IAnsiConsole renderer, string text)
    {
        renderer.Write(new Text(text));
        renderer.WriteLine();
    }

    /// <summary>A table without frames; columns in the order of the headings.</summary>
    public static Table Create(params ReadOnlySpan<(string Heading, bool IsNumber)> columns)
    {
        var table = new Table { Border = TableBorder.None, ShowHeaders = true };
        foreach (var (heading, isNumber) in columns)
        {
            var column = new TableColumn(new Text(heading, new Style(decoration: Decoration.Dim))) { Padding = new Padding(0, 0, 2, 0) };
            table.AddColumn(isNumber ? column.RightAligned().NoWrap() : column);
        }
        return table;
    }

    /// <summary>Age in words: <c>today</c>, <c>1 day</c>, <c>12 days</c>.</summary>
    public static string Age(DateOnly? date, DateOnly today) => date is not { } day ? "age not stated" : (today.DayNumber - day.DayNumber) switch
    {
        <= 0 => "today",
        1 => "1 day old",
        var days => string.Create(CultureInfo.InvariantCulture, $"{days} days old"),
    };

    /// <summary><c>1 finding</c>, <c>2 findings</c>.</summary>
    public static string Count(int count, string one, string many) =>
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

    /// <summary>Prints a table, or a sentence when it has no rows.</summary>
    public static void Write(CliConsole console, Table table, int rows, string whenEmpty)
    {
        if (rows == 0)
        {
            Line(console, whenEmpty);
            return;
        }
        Page(console, page => page.Write(table));
    }

    /// <summary>Prints a line as it is.</summary>
    public static void Line(CliConsole console, string text) => console.Out.WriteLine(text);
}
