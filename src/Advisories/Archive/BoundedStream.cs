using SharpCompress.Common;
using ZstdSharp;

namespace Suture.Advisories.Archive;

/// <summary>A stream of unpacked bytes that refuses to give more than a stated number of them, and tells every fault of the unpacker as <see cref="InvalidDataException"/>.</summary>
internal sealed class BoundedStream(Stream inner, long most) : Stream
{
    private long _seen;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        int read;
        try
        {
            read = inner.Read(buffer);
        }
        // The unpackers' own types, and what damaged bytes make of their insides.
        catch (Exception fault) when (fault is SharpCompressException or ZstdException or ArgumentException or IndexOutOfRangeException
                                          or ArithmeticException or NullReferenceException or InvalidOperationException or NotSupportedException)
        {
            throw new InvalidDataException($"the packed bytes are damaged ({fault.Message})", fault);
        }
        _seen += read;
        return _seen > most ? throw new InvalidDataException($"more than {most:N0} bytes unpacked; refused") : read;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }
        base.Dispose(disposing);
    }
}
