namespace Suture.Cli.Rendering;

/// <summary>A column of a <see cref="Listing"/>.</summary>
/// <param name="Heading">What stands above it.</param>
internal sealed record Column(string Heading)
{
    /// <summary>True to align to the right.</summary>
    public bool IsNumber { get; init; }

    /// <summary>How its cell reads in the lines below, where the row is too wide, empty to leave it out; null when it always stands beside the others.</summary>
    public Func<string, string>? Below { get; init; }
}

/// <summary>Rows under headings, one line each. What does not fit beside, and what is said of a row, follows in indented lines.</summary>
/// <remarks>Cells are never cut: ids and keys are there to be copied. Where the columns are wider than the terminal, those that may move go below, the last first.</remarks>
internal sealed class Listing(params IReadOnlyList<Column> columns)
{
    private const int Gap = 2;
    private const int IndentMax = 10;

    private readonly List<Row> _rows = [];

    private sealed record Row(IReadOnlyList<string> Cells, IReadOnlyList<string> Details, IReadOnlyList<string> Last, bool IsCritical);

    /// <summary>Adds a row.</summary>
    /// <param name="cells">One for each column; control characters are blanked.</param>
    /// <param name="details">What is said of it first below, each a phrase; empty ones are left out.</param>
    /// <param name="last">What is said of it after the cells that did not fit.</param>
    /// <param name="isCritical">True to show its first cell in red on a terminal.</param>
    public void Add(IReadOnlyList<string> cells, IReadOnlyList<string?>? details = null, IReadOnlyList<string?>? last = null, bool isCritical = false) =>
        _rows.Add(new Row([.. cells.Select(TextLines.Plain)], Phrases(details), Phrases(last), isCritical));

    /// <summary>Prints the rows, or a sentence when there is none.</summary>
    public void Write(CliConsole console, string whenEmpty)
    {
        if (_rows.Count == 0)
        {
            TextLines.Line(console, whenEmpty);
            return;
        }
        var widths = columns.Select((column, at) => Math.Max(column.Heading.Length, _rows.Max(row => row.Cells[at].Length))).ToList();
        var beside = Beside(widths, console.Width);
        TextLines.Line(console, Line(beside, widths, at => columns[at].Heading));
        var indent = Math.Min(IndentMax, widths[0] + Gap);
        foreach (var row in _rows)
        {
            TextLines.Line(console, Paint(console, row, Line(beside, widths, at => row.Cells[at])));
            var moved = Enumerable.Range(0, columns.Count).Except(beside).Select(at => columns[at].Below!(row.Cells[at])).Where(text => text.Length > 0);
            var below = row.Details.Concat(moved).Concat(row.Last).ToList();
            if (below.Count > 0)
            {
                TextLines.Paragraph(console, string.Join("; ", below), indent);
            }
        }
    }

    private static List<string> Phrases(IReadOnlyList<string?>? texts) => [.. (texts ?? []).Where(text => !string.IsNullOrEmpty(text)).Select(text => TextLines.Plain(text!))];

    private List<int> Beside(List<int> widths, int width)
    {
        var beside = Enumerable.Range(0, columns.Count).ToList();
        while (beside.Sum(at => widths[at]) + Gap * (beside.Count - 1) > width && beside.FindLastIndex(at => columns[at].Below is not null) is >= 0 and var last)
        {
            beside.RemoveAt(last);
        }
        return beside;
    }

    private string Line(List<int> beside, List<int> widths, Func<int, string> cell) =>
        string.Join(new string(' ', Gap), beside.Select(at => columns[at].IsNumber ? cell(at).PadLeft(widths[at]) : cell(at).PadRight(widths[at]))).TrimEnd();

    private static string Paint(CliConsole console, Row row, string line)
    {
        if (!console.HasColours || !row.IsCritical)
        {
            return line;
        }
        var end = line.IndexOf(row.Cells[0], StringComparison.Ordinal) + row.Cells[0].Length;
        return TextLines.Red(line[..end]) + line[end..];
    }
}
