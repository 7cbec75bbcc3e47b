using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ZstdSharp;

namespace Suture.Inventory.Reports;

/// <summary>JSON as the store keeps it: zstd.</summary>
internal static class PackedJson
{
    private const int Level = 3;

    /// <summary>Largest text that is unpacked; no report that was accepted is larger.</summary>
    private const int UnpackedBytesMax = 64 * 1024 * 1024;

    public static byte[] Pack<T>(T value, JsonTypeInfo<T> type)
    {
        using var compressor = new Compressor(Level);
        return compressor.Wrap(JsonSerializer.SerializeToUtf8Bytes(value, type)).ToArray();
    }

    public static T Unpack<T>(byte[] packed, JsonTypeInfo<T> type)
    {
        using var decompressor = new Decompressor();
        return JsonSerializer.Deserialize(decompressor.Unwrap(packed, UnpackedBytesMax), type)
            ?? throw new InvalidOperationException($"Stored {typeof(T).Name} is null; the store was changed by something else.");
    }
}
