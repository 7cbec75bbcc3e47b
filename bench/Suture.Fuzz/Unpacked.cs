using System.IO.Compression;

namespace Suture.Fuzz;

/// <summary>How much an input unpacks to, as far as it is whole.</summary>
internal static class Unpacked
{
    /// <summary>What an entry of a zip archive costs whatever its size, as bytes of input: opening one makes an inflater, and that of Deflate64 has a window of 330 KB.</summary>
    private const long EntryBytes = 36 * 1024;

    private static readonly byte[] Block = new byte[64 * 1024];

    /// <summary>Of a gzip file; 0 of anything else.</summary>
    /// <param name="input">The input.</param>
    /// <param name="most">Where counting ends, as reading does.</param>
    public static long OfGzip(byte[] input, long most)
    {
        if (input is not [0x1f, 0x8b, ..])
        {
            return 0;
        }
        using var unzip = new GZipStream(new MemoryStream(input, writable: false), CompressionMode.Decompress);
        return Count(unzip, most);
    }

    /// <summary>Of all entries of a zip archive; 0 of anything else.</summary>
    /// <param name="input">The input.</param>
    /// <param name="most">Where counting ends, as reading does.</param>
    public static long OfZip(byte[] input, long most)
    {
        var bytes = 0L;
        try
        {
            using var archive = new ZipArchive(new MemoryStream(input, writable: false), ZipArchiveMode.Read);
            foreach (var entry in archive.Entries)
            {
                bytes += EntryBytes;
                using var content = entry.Open();
                bytes += Count(content, most - bytes);
            }
        }
        catch (Exception fault) when (fault is InvalidDataException or IOException)
        {
            // What was whole counts.
        }
        return bytes;
    }

    /// <summary>Of a stream.</summary>
    /// <param name="stream">The unpacked bytes.</param>
    /// <param name="most">Where counting ends.</param>
    public static long Count(Stream stream, long most)
    {
        var bytes = 0L;
        try
        {
            for (int read; bytes < most && (read = stream.Read(Block)) > 0;)
            {
                bytes += read;
            }
        }
        catch (Exception fault) when (fault is InvalidDataException or IOException)
        {
            // What was whole counts.
        }
        return bytes;
    }
}
