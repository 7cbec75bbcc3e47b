using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ZstdSharp;

namespace Suture.Inventory.Reports;

/// <summary>JSON as the store keeps it: zstd.</summary>
internal static class PackedJson
{
    private const int Level = 3;

    /// <summary>Largest text that is unpacked; no report that was accepted is larger.</summary>
    internal const int UnpackedBytesMax = 64 * 1024 * 1024;

    public static byte[] Pack<T>(T value, JsonTypeInfo<T> type)
    {
        using var compressor = new Compressor(Level);
        return compressor.Wrap(JsonSerializer.SerializeToUtf8Bytes(value, type)).ToArray();
    }

    /// <summary>Reads what <see cref="Pack"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    public static T Unpack<T>(byte[] packed, JsonTypeInfo<T> type)
    {
        using var decompressor = new Decompressor();
        try
        {
            return JsonSerializer.Deserialize(decompressor.Unwrap(packed, UnpackedBytesMax), type) ?? throw new JsonException("it is null");
        }
        catch (Exception fault) when (fault is ZstdException or JsonException)
        {
            throw new InvalidDataException($"A stored {typeof(T).Name} cannot be read ({fault.Message}): the store was changed by something else. Put it back from a backup.", fault);
        }
    }
}
