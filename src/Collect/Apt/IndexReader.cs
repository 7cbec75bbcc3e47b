using System.Buffers.Text;
using System.Text;
using Suture.Collect.Files;

namespace Suture.Collect.Apt;

/// <summary>Reads a package index (<c>Packages</c>) in one pass and keeps only what concerns the machine.</summary>
internal sealed class IndexReader
{
    private const int NameCharacters = 256;

    private readonly string _file;
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _names;
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _sources;
    private readonly List<IndexEntry> _entries = [];
    private readonly HashSet<string> _found = [];
    private readonly Dictionary<string, int> _perName = [];

    private bool _hasPackage;
    private string? _name, _version, _architecture, _sourceField, _sha256, _knownSource;
    private long _size;

    private IndexReader(string file, Wanted wanted)
    {
        _file = file;
        _names = wanted.Names.GetAlternateLookup<ReadOnlySpan<char>>();
        _sources = wanted.Sources.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Reads an index to its end.</summary>
    /// <param name="stream">Its text, decompressed; closed at the end.</param>
    /// <param name="file">Its name, for faults.</param>
    /// <param name="wanted">What to keep.</param>
    public static IndexContent Read(Stream stream, string file, Wanted wanted)
    {
        var reader = new IndexReader(file, wanted);
        using var lines = new LineReader(stream, file, CollectLimits.IndexBytes);
        while (lines.TryRead(out var line))
        {
            if (line.IsEmpty)
            {
                reader.EndStanza();
            }
            else if (line[0] is not ((byte)' ' or (byte)'\t'))
            {
                reader.TakeField(line);
            }
        }
        if (lines.IsCutShort)
        {
            throw new CollectException($"{file} ends within line {lines.LineNumber}; run apt-get update.");
        }
        reader.EndStanza();
        return new IndexContent(reader._entries, [.. reader._found.Order(StringComparer.Ordinal)]);
    }

    private void TakeField(ReadOnlySpan<byte> line)
    {
        switch (line[0])
        {
            case (byte)'P' when line.StartsWith("Package:"u8):
                TakePackage(Value(line, 8));
                break;
            case (byte)'S' when line.StartsWith("Source:"u8):
                TakeSource(Value(line, 7));
                break;
            case (byte)'V' when IsKept && line.StartsWith("Version:"u8):
                _version = Encoding.UTF8.GetString(Value(line, 8));
                break;
            case (byte)'A' when IsKept && line.StartsWith("Architecture:"u8):
                _architecture = Encoding.UTF8.GetString(Value(line, 13));
                break;
            case (byte)'S' when IsKept && line.StartsWith("SHA256:"u8):
                _sha256 = Encoding.UTF8.GetString(Value(line, 7)).ToLowerInvariant();
                break;
            case (byte)'S' when IsKept && line.StartsWith("Size:"u8):
                _size = Utf8Parser.TryParse(Value(line, 5), out long size, out _) && size >= 0 ? size : 0;
                break;
        }
    }

    /// <summary>True until it is known that the stanza does not concern us: the package's name usually comes first.</summary>
    private bool IsKept => _name is not null || !_hasPackage;

    private void TakePackage(ReadOnlySpan<byte> value)
    {
        _hasPackage = true;
        Span<char> characters = stackalloc char[NameCharacters];
        if (!Encoding.UTF8.TryGetChars(value, characters, out var length))
        {
            return;
        }
        _names.TryGetValue(characters[..length], out _name);
        if (_sourceField is null && _knownSource is null)
        {
            _sources.TryGetValue(characters[..length], out _knownSource);
        }
    }

    private void TakeSource(ReadOnlySpan<byte> value)
    {
        var space = value.IndexOf((byte)' ');
        Span<char> characters = stackalloc char[NameCharacters];
        _knownSource = null;
        if (Encoding.UTF8.TryGetChars(space < 0 ? value : value[..space], characters, out var length))
        {
            _sources.TryGetValue(characters[..length], out _knownSource);
        }
        _sourceField = IsKept ? Encoding.UTF8.GetString(value) : "";
    }

    private void EndStanza()
    {
        if (_knownSource is not null && _hasPackage)
        {
            _found.Add(_knownSource);
        }
        if (_name is not null && !string.IsNullOrEmpty(_version) && !string.IsNullOrEmpty(_architecture))
        {
            var count = _perName[_name] = _perName.GetValueOrDefault(_name) + 1;
            if (count > CollectLimits.VersionsPerName)
            {
                throw new CollectException($"{_file} has more than {CollectLimits.VersionsPerName} versions of {_name}.");
            }
            _entries.Add(new IndexEntry(_name, _version, _architecture, _sourceField, _sha256 is { Length: 64 } ? _sha256 : null, _size));
        }
        _name = _version = _architecture = _sourceField = _sha256 = _knownSource = null;
        _size = 0;
        _hasPackage = false;
    }

    private static ReadOnlySpan<byte> Value(ReadOnlySpan<byte> line, int start) => line[start..].Trim(" \t\r"u8);
}
