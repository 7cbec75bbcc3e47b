using System.Buffers;

namespace Suture.Collect.Files;

/// <summary>Lines of a stream as bytes, without a string for each; memory is one line, time is one pass.</summary>
/// <param name="stream">Read to its end; closed with this reader.</param>
/// <param name="name">What it is, for faults.</param>
/// <param name="bytesMax">Bytes it may have; more is a fault.</param>
internal sealed class LineReader(Stream stream, string name, long bytesMax) : IDisposable
{
    private const int StartBytes = 32 * 1024;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(StartBytes);
    private int _start;
    private int _end;
    private long _total;
    private bool _atEnd;

    /// <summary>Number of the line last read, from 1.</summary>
    public int LineNumber { get; private set; }

    /// <summary>True when the stream ended within a line.</summary>
    public bool IsCutShort { get; private set; }

    /// <summary>Reads the next line.</summary>
    /// <param name="line">The line without its newline; valid until the next call.</param>
    /// <returns>False at the end.</returns>
    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        var searched = 0;
        while (true)
        {
            var newline = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (newline >= 0)
            {
                line = _buffer.AsSpan(_start, searched + newline);
                _start += searched + newline + 1;
                LineNumber++;
                return true;
            }
            searched = _end - _start;
            if (_atEnd)
            {
                line = _buffer.AsSpan(_start, searched);
                _start = _end;
                IsCutShort |= searched > 0; // stays true when asked again at the end
                LineNumber += searched > 0 ? 1 : 0;
                return searched > 0;
            }
            Fill();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        stream.Dispose();
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private void Fill()
    {
        var kept = _end - _start;
        if (kept > CollectLimits.LineBytes)
        {
            throw new CollectException($"{name} line {LineNumber + 1} is longer than {CollectLimits.LineBytes} bytes.");
        }
        if (kept == _buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
            _buffer.AsSpan(_start, kept).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }
        else if (_start > 0)
        {
            _buffer.AsSpan(_start, kept).CopyTo(_buffer);
        }
        (_start, _end) = (0, kept);
        var read = stream.Read(_buffer, _end, _buffer.Length - _end);
        _end += read;
        _total += read;
        _atEnd = read == 0;
        if (_total > bytesMax)
        {
            throw new CollectException($"{name} is larger than {bytesMax} bytes.");
        }
    }
}
