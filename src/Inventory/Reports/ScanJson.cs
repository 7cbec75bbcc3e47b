using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;

namespace Suture.Inventory.Reports;

internal enum ScanOutcome
{
    Good = 1,
    TooLarge = 2,
    TooLongToken = 3,
    TooManyMembers = 4,
    NotUtf8 = 5,
}

/// <summary>Reads JSON token by token and keeps nothing: two buffers of <see cref="InventoryLimits.JsonTokenBytesMax"/>, whatever comes. So that nothing is made of a message
/// before its size, its form and its counts are known.</summary>
/// <param name="most">Bytes.</param>
/// <param name="members">Members of one object and elements of one list.</param>
internal sealed class ScanJson(int most, int members)
{
    // As ContractsJson reads: deeper is a fault of the JSON.
    private const int DepthMax = 32;

    private readonly int[] _members = new int[DepthMax + 2];
    private byte[] _unescaped = [];
    private bool _isNamed;

    /// <summary>How it ended.</summary>
    public ScanOutcome Outcome { get; private set; } = ScanOutcome.Good;

    /// <summary>Bytes that were read.</summary>
    public int Bytes { get; private set; }

    /// <summary>Where the token begins that ended it.</summary>
    public long TokenAt { get; private set; }

    /// <summary>Reads to the end, or to the first fault.</summary>
    /// <exception cref="JsonException">It is not JSON, or too deep.</exception>
    public void Read(Stream stream)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(InventoryLimits.JsonTokenBytesMax);
        _unescaped = ArrayPool<byte>.Shared.Rent(buffer.Length);
        try
        {
            Read(stream, buffer);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            ArrayPool<byte>.Shared.Return(_unescaped);
        }
    }

    private void Read(Stream stream, byte[] buffer)
    {
        var state = new JsonReaderState(new JsonReaderOptions { MaxDepth = DepthMax, CommentHandling = JsonCommentHandling.Disallow, AllowTrailingCommas = false });
        var (held, isEnd) = (0, false);
        while (!isEnd)
        {
            var read = stream.Read(buffer, held, buffer.Length - held);
            (isEnd, held) = (read == 0, held + read);
            if (Bytes + read > most)
            {
                (Bytes, Outcome) = (most, ScanOutcome.TooLarge);
                return;
            }
            Bytes += read;
            var consumed = Tokens(buffer.AsSpan(0, held), isEnd, ref state);
            if (Outcome != ScanOutcome.Good)
            {
                return;
            }
            held -= consumed;
            if (held == buffer.Length)
            {
                (TokenAt, Outcome) = (Bytes - held, ScanOutcome.TooLongToken);
                return;
            }
            buffer.AsSpan(consumed, held).CopyTo(buffer);
        }
    }

    private int Tokens(ReadOnlySpan<byte> bytes, bool isEnd, ref JsonReaderState state)
    {
        var reader = new Utf8JsonReader(bytes, isEnd, state);
        while (reader.Read())
        {
            if (IsTooMany(ref reader))
            {
                return Stop(ScanOutcome.TooManyMembers, bytes.Length, reader.TokenStartIndex);
            }
            if (reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.String && !IsText(ref reader))
            {
                return Stop(ScanOutcome.NotUtf8, bytes.Length, reader.TokenStartIndex);
            }
        }
        state = reader.CurrentState;
        return (int)reader.BytesConsumed;
    }

    private bool IsText(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            return Utf8.IsValid(reader.ValueSpan);
        }
        try
        {
            reader.CopyString(_unescaped);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false; // Not UTF-8, or an escape for half of a pair.
        }
    }

    private bool IsTooMany(ref Utf8JsonReader reader)
    {
        var depth = reader.CurrentDepth;
        switch (reader.TokenType)
        {
            case JsonTokenType.EndObject or JsonTokenType.EndArray:
                return false;
            case JsonTokenType.PropertyName:
                _isNamed = true;
                return ++_members[depth] > members;
        }
        var isElement = !_isNamed;
        _isNamed = false;
        if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
        {
            _members[depth + 1] = 0;
        }
        return isElement && ++_members[depth] > members;
    }

    private int Stop(ScanOutcome outcome, int held, long at)
    {
        (TokenAt, Outcome) = (Bytes - held + at, outcome);
        return 0;
    }
}
