namespace Suture.Collect.Files;

/// <summary>The unpacked bytes of a file; every fault of the unpacker is told as one of the file.</summary>
/// <param name="inner">The unpacker; closed with this.</param>
/// <param name="name">The file, for faults.</param>
internal sealed class UnpackedStream(Stream inner, string name) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        try
        {
            return inner.Read(buffer);
        }
        // The unpackers' own types, and what damaged bytes make of their insides.
        catch (Exception fault) when (fault is InvalidDataException or EndOfStreamException or ArgumentException or IndexOutOfRangeException
                                          or InvalidOperationException or NotImplementedException or NotSupportedException or OverflowException)
        {
            throw new CollectException($"{name} cannot be decompressed ({fault.Message}); what it offers is unknown. Run apt-get update.");
        }
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
