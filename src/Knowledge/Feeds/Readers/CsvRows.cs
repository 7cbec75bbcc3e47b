using System.Globalization;

namespace Suture.Knowledge.Feeds.Readers;

/// <summary>Rows of a CSV text (RFC 4180) with a named header. Every row must have the header's columns; anything else is a fault with its line.</summary>
internal sealed class CsvRows
{
    private const int FieldsMax = 256;

    private readonly string _text;
    private readonly int _rowsMax;
    private readonly List<(int Start, int Length, bool IsEscaped)> _fields = [];
    private readonly Dictionary<string, int> _columns = new(StringComparer.Ordinal);
    private int _at;
    private int _nextLine = 1;

    /// <summary>Reads the header and holds the columns that must be there.</summary>
    public CsvRows(string text, int start, int firstLine, int rowsMax, params ReadOnlySpan<string> wanted)
    {
        (_text, _at, _nextLine, _rowsMax) = (text, start, firstLine, rowsMax);
        if (!ReadRow())
        {
            throw new FeedFaultException(firstLine, "the header line is missing; fetch it again");
        }
        for (var column = 0; column < _fields.Count; column++)
        {
            if (!_columns.TryAdd(this[column].ToString(), column))
            {
                throw new FeedFaultException(Line, $"the header names the column '{this[column]}' twice; check what was delivered");
            }
        }
        foreach (var name in wanted)
        {
            if (!_columns.ContainsKey(name))
            {
                throw new FeedFaultException(Line, $"the header has no column '{name}'; wanted are {string.Join(", ", wanted.ToArray())}");
            }
        }
    }

    /// <summary>Line on which the current row starts, from 1.</summary>
    public int Line { get; private set; }

    /// <summary>Rows read, without the header.</summary>
    public int Count { get; private set; }

    /// <summary>Field of the current row.</summary>
    public ReadOnlySpan<char> this[int column]
    {
        get
        {
            var (start, length, isEscaped) = _fields[column];
            var raw = _text.AsSpan(start, length);
            return isEscaped ? raw.ToString().Replace("\"\"", "\"", StringComparison.Ordinal) : raw;
        }
    }

    /// <summary>Column of a name; -1 when the header has none.</summary>
    public int Column(string name) => _columns.GetValueOrDefault(name, -1);

    /// <summary>Field by name; empty when the header has no such column.</summary>
    public ReadOnlySpan<char> Optional(int column) => column < 0 ? default : this[column];

    /// <summary>Moves to the next row.</summary>
    public bool MoveNext()
    {
        if (!ReadRow())
        {
            return false;
        }
        if (_fields.Count != _columns.Count)
        {
            throw new FeedFaultException(Line, string.Create(CultureInfo.InvariantCulture,
                $"the row has {_fields.Count} fields and the header {_columns.Count}; the file is cut off or damaged, fetch it again"));
        }
        if (++Count > _rowsMax)
        {
            throw new FeedFaultException(Line, string.Create(CultureInfo.InvariantCulture,
                $"it has more than {_rowsMax} rows, the most that is read of this feed; check what was delivered"));
        }
        return true;
    }

    private bool ReadRow()
    {
        while (_at < _text.Length && _text[_at] is '\n' or '\r')
        {
            Step();
        }
        if (_at >= _text.Length)
        {
            return false;
        }
        _fields.Clear();
        Line = _nextLine;
        do
        {
            ReadField();
            if (_fields.Count > FieldsMax)
            {
                throw new FeedFaultException(Line, "the row has far too many fields; check what was delivered");
            }
        }
        while (Take(','));
        if (_at < _text.Length && _text[_at] is not ('\n' or '\r'))
        {
            throw new FeedFaultException(_nextLine, "text follows a closing quote; the file is damaged, fetch it again");
        }
        return true;
    }

    private void ReadField()
    {
        if (_at < _text.Length && _text[_at] == '"')
        {
            ReadQuoted();
            return;
        }
        var rest = _text.AsSpan(_at);
        var length = rest.IndexOfAny(',', '\n', '\r');
        length = length < 0 ? rest.Length : length;
        _fields.Add((_at, length, false));
        _at += length;
    }

    private void ReadQuoted()
    {
        var start = ++_at;
        var isEscaped = false;
        while (true)
        {
            var quote = _text.AsSpan(_at).IndexOf('"');
            if (quote < 0)
            {
                throw new FeedFaultException(Line, "a quoted field is not closed; the file is cut off, fetch it again");
            }
            _nextLine += _text.AsSpan(_at, quote).Count('\n');
            _at += quote + 1;
            if (_at >= _text.Length || _text[_at] != '"')
            {
                break;
            }
            isEscaped = true;
            _at++;
        }
        _fields.Add((start, _at - 1 - start, isEscaped));
    }

    private bool Take(char wanted)
    {
        if (_at >= _text.Length || _text[_at] != wanted)
        {
            return false;
        }
        _at++;
        return true;
    }

    private void Step()
    {
        if (_text[_at++] == '\n')
        {
            _nextLine++;
        }
    }
}
