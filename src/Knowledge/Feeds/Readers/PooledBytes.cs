using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Suture.Knowledge.Feeds.Readers;

/// <summary>Bytes of a file in blocks of a pool: what is read grows without being copied, and a small file costs no memory of its own.</summary>
internal sealed class PooledBytes : IDisposable
{
    private const int BlockBytes = 64 * 1024;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly List<byte[]> _blocks = [];
    private int _lastLength = BlockBytes;

    /// <summary>Bytes read.</summary>
    public int Length { get; private set; }

    /// <summary>The first of them, of a longer file at least 512.</summary>
    public ReadOnlySpan<byte> Head => Block(0);

    /// <summary>Reads on.</summary>
    /// <returns>False at the end.</returns>
    public bool Fill(Stream content)
    {
        if (_lastLength == BlockBytes)
        {
            _blocks.Add(ArrayPool<byte>.Shared.Rent(BlockBytes));
            _lastLength = 0;
        }
        var read = content.Read(_blocks[^1], _lastLength, BlockBytes - _lastLength);
        _lastLength += read;
        Length += read;
        return read > 0;
    }

    /// <summary>True when the first block starts so.</summary>
    public bool StartsWith(ReadOnlySpan<byte> start) => Head.StartsWith(start);

    /// <summary>The last four bytes, little-endian; there are at least so many.</summary>
    public uint LastNumber()
    {
        Span<byte> number = stackalloc byte[sizeof(uint)];
        for (var index = 0; index < number.Length; index++)
        {
            var at = Length - number.Length + index;
            number[index] = _blocks[at / BlockBytes][at % BlockBytes];
        }
        return BinaryPrimitives.ReadUInt32LittleEndian(number);
    }

    /// <summary>Reads them again, as long as this is not disposed.</summary>
    public Stream Open() => new Reader(this);

    /// <summary>Decodes strict UTF-8, without its mark at the start.</summary>
    /// <param name="faultLine">Line of the first byte that is none, from 1; 0 when all is.</param>
    /// <returns>Null when a byte is none.</returns>
    public string? ToText(out int faultLine)
    {
        faultLine = 0;
        var skipped = Head.StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
        var (decoder, characters, lines) = (StrictUtf8.GetDecoder(), 0, 1);
        for (var block = 0; block < _blocks.Count; block++)
        {
            var bytes = Block(block)[(block == 0 ? skipped : 0)..];
            try
            {
                // A counter keeps no state between blocks, so that each is decoded to be counted.
                characters += Decode(decoder, bytes, block == _blocks.Count - 1, default);
            }
            catch (DecoderFallbackException fault)
            {
                faultLine = lines + bytes[..Math.Clamp(fault.Index, 0, bytes.Length)].Count((byte)'\n');
                return null;
            }
            lines += bytes.Count((byte)'\n');
        }
        decoder.Reset();
        return string.Create(characters, (Bytes: this, Decoder: decoder, Skipped: skipped), static (text, from) =>
        {
            for (var block = 0; block < from.Bytes._blocks.Count; block++)
            {
                var bytes = from.Bytes.Block(block)[(block == 0 ? from.Skipped : 0)..];
                text = text[Decode(from.Decoder, bytes, block == from.Bytes._blocks.Count - 1, text)..];
            }
        });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _blocks.ForEach(block => ArrayPool<byte>.Shared.Return(block));
        _blocks.Clear();
    }

    // Decodes into the target, or, when there is none, only counts.
    private static int Decode(Decoder decoder, ReadOnlySpan<byte> bytes, bool isLast, Span<char> target)
    {
        if (!target.IsEmpty)
        {
            return decoder.GetChars(bytes, target, isLast);
        }
        Span<char> counted = stackalloc char[CountedCharacters];
        var characters = 0;
        while (true)
        {
            decoder.Convert(bytes, counted, isLast, out var used, out var made, out var isDone);
            characters += made;
            bytes = bytes[used..];
            if (isDone)
            {
                return characters;
            }
        }
    }

    private const int CountedCharacters = 2_048;

    private ReadOnlySpan<byte> Block(int index) => _blocks[index].AsSpan(0, index == _blocks.Count - 1 ? _lastLength : BlockBytes);

    private sealed class Reader(PooledBytes bytes) : Stream
    {
        private int _at;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => bytes.Length;

        public override long Position { get => _at; set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            if (_at >= bytes.Length)
            {
                return 0;
            }
            var rest = bytes.Block(_at / BlockBytes)[(_at % BlockBytes)..];
            var taken = Math.Min(rest.Length, buffer.Length);
            rest[..taken].CopyTo(buffer);
            _at += taken;
            return taken;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
