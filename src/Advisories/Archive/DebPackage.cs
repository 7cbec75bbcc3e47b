using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using SharpCompress.Compressors.Xz;
using ZstdSharp;

namespace Suture.Advisories.Archive;

/// <summary>Reads the changelog out of a binary package (deb(5): an ar archive with a packed tar).</summary>
internal static class DebPackage
{
    private const int ArHeaderBytes = 60;

    /// <summary>Unpacked bytes looked at, at the most: a package that unpacks to more is refused.</summary>
    internal const long UnpackedBytesMax = 1L << 30;

    /// <summary>Bytes of a changelog at the most.</summary>
    internal const int ChangelogBytesMax = 16 << 20;

    /// <summary>Finds the Debian changelog: <c>changelog.Debian.gz</c>, or <c>changelog.gz</c> of a native package.</summary>
    /// <param name="package">The package file from its start.</param>
    /// <returns>The text, or null when there is none (its documentation folder is a link to another package's).</returns>
    /// <exception cref="InvalidDataException">It is not a package, or over a bound.</exception>
    internal static string? ReadChangelog(Stream package)
    {
        Span<byte> magic = stackalloc byte[8];
        package.ReadExactly(magic);
        if (!magic.SequenceEqual("!<arch>\n"u8))
        {
            throw new InvalidDataException("not a Debian package: the ar signature is missing");
        }
        Span<byte> header = stackalloc byte[ArHeaderBytes];
        while (package.ReadAtLeast(header, ArHeaderBytes, throwOnEndOfStream: false) == ArHeaderBytes)
        {
            var name = Encoding.ASCII.GetString(header[..16]).TrimEnd(' ', '/');
            if (!long.TryParse(Encoding.ASCII.GetString(header[48..58]).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var size))
            {
                throw new InvalidDataException($"not a Debian package: the size of member '{name}' cannot be read");
            }
            if (name.StartsWith("data.tar", StringComparison.Ordinal))
            {
                using var unpacked = new BoundedStream(Unpack(name, package), UnpackedBytesMax);
                return FindChangelog(unpacked);
            }
            Skip(package, size + (size & 1));
        }
        throw new InvalidDataException("not a Debian package: it has no data.tar");
    }

    private static Stream Unpack(string member, Stream packed) => member switch
    {
        "data.tar.xz" => new XZStream(packed),
        "data.tar.zst" => new DecompressionStream(packed, leaveOpen: true),
        "data.tar.gz" => new GZipStream(packed, CompressionMode.Decompress, leaveOpen: true),
        "data.tar" => packed,
        _ => throw new InvalidDataException($"member {member} is packed in a way that is not read here (xz, zst and gz are)"),
    };

    private static string? FindChangelog(Stream tar)
    {
        using var reader = new TarReader(tar, leaveOpen: true);
        byte[]? native = null;
        while (reader.GetNextEntry() is { } entry)
        {
            if (entry.DataStream is null || !entry.Name.StartsWith("./usr/share/doc/", StringComparison.Ordinal))
            {
                continue;
            }
            if (entry.Name.EndsWith("/changelog.Debian.gz", StringComparison.Ordinal))
            {
                return Text(ReadBounded(entry.DataStream));
            }
            if (entry.Name.EndsWith("/changelog.gz", StringComparison.Ordinal))
            {
                // The upstream's own, unless the package is native and this is the only one.
                native = ReadBounded(entry.DataStream);
            }
        }
        return native is null ? null : Text(native);
    }

    private static string Text(byte[] packed)
    {
        using var unpacked = new BoundedStream(new GZipStream(new MemoryStream(packed), CompressionMode.Decompress), ChangelogBytesMax);
        using var reader = new StreamReader(unpacked, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    private static byte[] ReadBounded(Stream stream)
    {
        using var bounded = new BoundedStream(stream, ChangelogBytesMax);
        using var copy = new MemoryStream();
        bounded.CopyTo(copy);
        return copy.ToArray();
    }

    private static void Skip(Stream stream, long bytes)
    {
        Span<byte> buffer = stackalloc byte[4096];
        while (bytes > 0)
        {
            var read = stream.Read(buffer[..(int)Math.Min(buffer.Length, bytes)]);
            if (read == 0)
            {
                throw new InvalidDataException("the package ends in the middle of a member");
            }
            bytes -= read;
        }
    }
}

/// <summary>A stream that refuses to give more than a stated number of bytes.</summary>
internal sealed class BoundedStream(Stream inner, long most) : Stream
{
    private long _seen;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => Count(inner.Read(buffer, offset, count));

    public override int Read(Span<byte> buffer) => Count(inner.Read(buffer));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Count(await inner.ReadAsync(buffer, cancellationToken));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

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

    private int Count(int read)
    {
        _seen += read;
        return _seen > most ? throw new InvalidDataException($"more than {most:N0} bytes; refused") : read;
    }
}
