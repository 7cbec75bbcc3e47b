namespace Suture.Cli;

/// <summary>Reads lines from a stream that anybody may write, without ever holding more than one of bounded length.</summary>
/// <param name="input">The stream.</param>
/// <param name="charactersMax">Characters of a line at the most, its end left out.</param>
internal sealed class BoundedLines(TextReader input, int charactersMax)
{
    // A line with its end, "\r\n".
    private readonly char[] _buffer = new char[charactersMax + 2];
    private int _start;
    private int _end;

    /// <summary>Reads the next line.</summary>
    /// <returns>The line without its end; null after the last.</returns>
    /// <exception cref="InvalidDataException">It is longer than allowed.</exception>
    public async ValueTask<string?> ReadAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var length = _buffer.AsSpan(_start, _end - _start).IndexOf('\n');
            if (length >= 0)
            {
                return Take(length, end: 1);
            }
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
            if (_end == _buffer.Length)
            {
                throw new InvalidDataException($"it has more than {charactersMax} characters");
            }
            var read = await input.ReadAsync(_buffer.AsMemory(_end), cancellation);
            _end += read;
            if (read == 0)
            {
                return _end == 0 ? null : Take(_end, end: 0);
            }
        }
    }

    private string Take(int length, int end)
    {
        var line = _buffer.AsSpan(_start, length);
        _start += length + end;
        line = line is [.., '\r'] ? line[..^1] : line;
        return line.Length <= charactersMax ? line.ToString() : throw new InvalidDataException($"it has more than {charactersMax} characters");
    }
}
