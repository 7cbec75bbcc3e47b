using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Suture.Platform.Api;

namespace Suture.Inventory.Reports;

/// <summary>Reads bodies of agents within bounds; a fault comes back as the answer to give.</summary>
internal static class ReadBody
{
    private const int Chunk = 64 * 1024;

    /// <summary>Bytes as they travel, at most <paramref name="most"/>.</summary>
    public static async Task<(byte[]? Bytes, IResult? Fault)> WireAsync(HttpContext context, int most, CancellationToken cancellation)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = most;
        }
        if (context.Request.ContentLength > most)
        {
            return (null, TooLarge(most));
        }
        try
        {
            using var bytes = new MemoryStream();
            return await CopyAsync(context.Request.Body, bytes, most, cancellation) ? (bytes.ToArray(), null) : (null, TooLarge(most));
        }
        catch (BadHttpRequestException fault)
        {
            return (null, fault.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? TooLarge(most)
                : Problems.Of(fault.StatusCode, "The request cannot be understood", "The body broke off or came too slowly; send it again."));
        }
    }

    /// <summary>A report's bytes, unpacked within <see cref="InventoryLimits.ReportBytesMax"/> and <see cref="InventoryLimits.ReportRatioMax"/>.</summary>
    public static async Task<(byte[]? Bytes, IResult? Fault)> UnpackAsync(byte[] wire, string encoding, CancellationToken cancellation)
    {
        if (encoding is "" or "identity")
        {
            return (wire, null);
        }
        if (encoding != "gzip")
        {
            return (null, Problems.Of(
                StatusCodes.Status415UnsupportedMediaType, "Wrong content encoding", "The body has an encoding that is not read here; wanted gzip or none."));
        }
        var most = (int)Math.Min(InventoryLimits.ReportBytesMax, InventoryLimits.ReportRatioFreeBytes + (long)wire.Length * InventoryLimits.ReportRatioMax);
        try
        {
            await using var gzip = new GZipStream(new MemoryStream(wire, writable: false), CompressionMode.Decompress);
            using var bytes = new MemoryStream();
            return await CopyAsync(gzip, bytes, most, cancellation)
                ? (bytes.ToArray(), null)
                : (null, Problems.Of(
                    StatusCodes.Status413PayloadTooLarge, "The body is too large",
                    $"{wire.Length} bytes unpack to more than {most}; wanted at most {InventoryLimits.ReportBytesMax} and {InventoryLimits.ReportRatioMax} for each byte sent."));
        }
        catch (InvalidDataException)
        {
            return (null, Problems.BadRequest("The body is not gzip", "Content-Encoding says gzip and the body is not, or is cut off; send it again."));
        }
    }

    /// <summary>Reads JSON strictly: UTF-8, no member twice, bounded depth (see <c>ContractsJson</c>).</summary>
    public static (T? Value, IResult? Fault) Json<T>(byte[] bytes, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, type) is { } value
                ? (value, null)
                : (null, Problems.BadRequest("The request is not the JSON that is wanted", "The body is null; wanted an object."));
        }
        catch (JsonException fault)
        {
            return (null, Problems.BadRequest(
                "The request is not the JSON that is wanted",
                $"At {fault.Path ?? "$"}, line {(fault.LineNumber ?? 0) + 1}, byte {(fault.BytePositionInLine ?? 0) + 1}: wanted UTF-8 JSON by the published contract, each member once."));
        }
    }

    private static async Task<bool> CopyAsync(Stream from, MemoryStream to, int most, CancellationToken cancellation)
    {
        var buffer = new byte[Chunk];
        int read;
        while ((read = await from.ReadAsync(buffer, cancellation)) > 0)
        {
            if (to.Length + read > most)
            {
                return false;
            }
            await to.WriteAsync(buffer.AsMemory(0, read), cancellation);
        }
        return true;
    }

    private static IResult TooLarge(int most) =>
        Problems.Of(StatusCodes.Status413PayloadTooLarge, "The body is too large", $"The body is larger than {most} bytes, which is the most this address takes.");
}
