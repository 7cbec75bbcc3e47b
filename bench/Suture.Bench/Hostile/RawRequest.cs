using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Suture.Bench.Hostile;

/// <summary>A request byte by byte; nothing tidies it up.</summary>
internal sealed record RawRequest
{
    /// <summary>Bodies up to this length are written in one piece with their head.</summary>
    private const int ChunkBytes = 64 * 1024;

    /// <summary>Route below <c>/agent/v1/</c>.</summary>
    public required string Route { get; init; }

    /// <summary>Body as it travels.</summary>
    public required byte[] Body { get; init; }

    /// <summary>Content-Encoding; null for none.</summary>
    public string? Encoding { get; init; }

    /// <summary>True when the length is not told beforehand.</summary>
    public bool IsChunked { get; init; }

    /// <summary>The same body, packed.</summary>
    public RawRequest Packed() => this with { Body = Gzip(Body), Encoding = "gzip" };

    /// <summary>The bytes to write.</summary>
    public byte[] ToBytes()
    {
        var head = new StringBuilder();
        head.Append(CultureInfo.InvariantCulture, $"POST /agent/v1/{Route} HTTP/1.1\r\nHost: suture\r\nContent-Type: application/json\r\n");
        if (Encoding is not null)
        {
            head.Append(CultureInfo.InvariantCulture, $"Content-Encoding: {Encoding}\r\n");
        }
        head.Append(IsChunked ? "Transfer-Encoding: chunked\r\n\r\n" : string.Create(CultureInfo.InvariantCulture, $"Content-Length: {Body.Length}\r\n\r\n"));
        byte[] start = System.Text.Encoding.ASCII.GetBytes(head.ToString());
        return IsChunked ? [.. start, .. Chunks()] : [.. start, .. Body];
    }

    /// <summary>Packs bytes.</summary>
    public static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(bytes);
        }
        return packed.ToArray();
    }

    private byte[] Chunks()
    {
        using var chunked = new MemoryStream();
        for (var at = 0; at < Body.Length; at += ChunkBytes)
        {
            var length = Math.Min(ChunkBytes, Body.Length - at);
            chunked.Write(System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{length:x}\r\n")));
            chunked.Write(Body, at, length);
            chunked.Write("\r\n"u8);
        }
        chunked.Write("0\r\n\r\n"u8);
        return chunked.ToArray();
    }
}
