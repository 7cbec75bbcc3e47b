using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using ZstdSharp;

namespace Suture.Advisories.Archive;

/// <summary>What a package holds of a changelog.</summary>
/// <param name="Text">The Debian changelog; null when it carries none.</param>
/// <param name="LinkedPackage">The package to whose documentation its own is a link, as the link's path says it; null when there is no such link.</param>
internal sealed record PackagedChangelog(string? Text, string? LinkedPackage);

/// <summary>Reads the changelog out of a binary package (deb(5): an ar archive with a packed tar).</summary>
internal static class DebPackage
{
    private const int ArSignatureBytes = 8;
    private const int ArHeaderBytes = 60;
    private const string Documents = "/usr/share/doc/";
    private const string DebiansName = "/changelog.Debian.gz";
    private const string NativeName = "/changelog.gz";

    /// <summary>Unpacked bytes looked at, at the most: a package that unpacks to more is refused.</summary>
    internal const long UnpackedBytesMax = 1L << 30;

    /// <summary>Bytes of a changelog at the most.</summary>
    internal const int ChangelogBytesMax = 16 << 20;

    /// <summary>Finds the Debian changelog: <c>changelog.Debian.gz</c>, or <c>changelog.gz</c> of a native package.</summary>
    /// <param name="package">The whole package file.</param>
    /// <returns>The text, or the package that its documentation is a link to.</returns>
    /// <exception cref="InvalidDataException">It is not a package, or over a bound.</exception>
    internal static PackagedChangelog ReadChangelog(byte[] package)
    {
        if (!package.AsSpan().StartsWith("!<arch>\n"u8))
        {
            throw new InvalidDataException("not a Debian package: the ar signature is missing");
        }
        for (var at = ArSignatureBytes; package.Length - at >= ArHeaderBytes;)
        {
            var header = package.AsSpan(at, ArHeaderBytes);
            var name = Encoding.ASCII.GetString(header[..16]).TrimEnd(' ', '/');
            at += ArHeaderBytes;
            if (!int.TryParse(Encoding.ASCII.GetString(header[48..58]).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var size) || size > package.Length - at)
            {
                throw new InvalidDataException($"not a Debian package: the size of member '{name}' cannot be read, or it is cut off");
            }
            if (name.StartsWith("data.tar", StringComparison.Ordinal))
            {
                using var unpacked = new BoundedStream(Unpack(name, new MemoryStream(package, at, size, writable: false)), UnpackedBytesMax);
                return FindChangelog(unpacked);
            }
            at += size + (size & 1);
        }
        throw new InvalidDataException("not a Debian package: it has no data.tar");
    }

    private static Stream Unpack(string member, MemoryStream packed) => member switch
    {
        "data.tar.xz" => new XzReader(packed),
        "data.tar.zst" => new DecompressionStream(packed, leaveOpen: true),
        "data.tar.gz" => new GZipStream(packed, CompressionMode.Decompress, leaveOpen: true),
        "data.tar" => packed,
        _ => throw new InvalidDataException($"member {member} is packed in a way that is not read here (xz, zst and gz are)"),
    };

    private static PackagedChangelog FindChangelog(Stream tar)
    {
        using var reader = new TarReader(tar, leaveOpen: true);
        byte[]? native = null;
        string? linked = null;
        while (Next(reader) is { } entry)
        {
            var path = entry.Name.TrimStart('.');
            if (!path.StartsWith(Documents, StringComparison.Ordinal))
            {
                continue;
            }
            if (entry.EntryType == TarEntryType.SymbolicLink)
            {
                linked ??= LinkedPackage(path, entry.LinkName);
            }
            else if (entry.DataStream is not null && path.EndsWith(DebiansName, StringComparison.Ordinal))
            {
                return new PackagedChangelog(Text(ReadBounded(entry.DataStream)), null);
            }
            else if (entry.DataStream is not null && path.EndsWith(NativeName, StringComparison.Ordinal))
            {
                // The upstream's own, unless the package is native and this is the only one.
                native = ReadBounded(entry.DataStream);
            }
        }
        return new PackagedChangelog(native is null ? null : Text(native), linked);
    }

    // A documentation folder that is a link, or a changelog in it that is one: the package whose folder it leads into.
    private static string? LinkedPackage(string path, string target)
    {
        var isFolder = path.IndexOf('/', Documents.Length) < 0;
        if (target.Contains('\0', StringComparison.Ordinal)
            || (!isFolder && !path.EndsWith(DebiansName, StringComparison.Ordinal) && !path.EndsWith(NativeName, StringComparison.Ordinal)))
        {
            return null;
        }
        var leads = Path.GetFullPath(target, Path.GetDirectoryName(path)!);
        return leads.StartsWith(Documents, StringComparison.Ordinal) ? leads[Documents.Length..].Split('/')[0] : null;
    }

    private static TarEntry? Next(TarReader reader)
    {
        try
        {
            return reader.GetNextEntry();
        }
        // What a hostile header makes of the reader.
        catch (Exception fault) when (fault is FormatException or ArgumentException or OverflowException)
        {
            throw new InvalidDataException($"not a Debian package: its tar archive is damaged ({fault.Message})", fault);
        }
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
}
