using SharpCompress.Compressors.Xz;

namespace Suture.Advisories.Archive;

/// <summary>Unpacks xz, also where several streams stand one after the other, as parallel packers write them: the library ends quietly after the first.</summary>
/// <param name="packed">The packed bytes from their start: the format aligns its parts by the position.</param>
internal sealed class XzReader(MemoryStream packed) : Stream
{
    private XZStream? _current;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count)
    {
        if (_current is null)
        {
            XzSizes.Check(packed);
            _current = new XZStream(packed);
        }
        while (count > 0)
        {
            var read = _current.Read(buffer, offset, count);
            if (read > 0 || !XzSizes.HasMore(packed))
            {
                return read;
            }
            _current = new XZStream(packed); // The one before owns nothing but the bytes that both read.
        }
        return 0;
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
            _current?.Dispose();
        }
        base.Dispose(disposing);
    }
}
