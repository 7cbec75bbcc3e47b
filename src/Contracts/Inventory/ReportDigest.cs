using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;

namespace Suture.Contracts.Inventory;

/// <summary>Content digests by which agent and server tell whether something changed.</summary>
public static class ReportDigest
{
    /// <summary>Puts packages in the order that digests and comparisons use: name, then architecture, both by code point.</summary>
    /// <param name="packages">Any order.</param>
    /// <returns>A new list.</returns>
    public static IReadOnlyList<InstalledPackage> Order(IEnumerable<InstalledPackage> packages)
    {
        InstalledPackage[] ordered = [.. packages];
        Array.Sort(ordered, Compare); // not stable, and need not be: no machine has a package of one architecture twice
        return ordered;
    }

    /// <summary>SHA-256 over the UTF-8 JSON of the packages in their order.</summary>
    /// <param name="packages">Ordered as by <see cref="Order"/>.</param>
    /// <returns>64 lower-case hex digits.</returns>
    public static string OfSoftware(IReadOnlyList<InstalledPackage> packages)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new ArrayBufferWriter<byte>(512);
        using var writer = new Utf8JsonWriter(buffer);
        foreach (var package in packages)
        {
            JsonSerializer.Serialize(writer, package, AgentMessagesJson.Default.InstalledPackage);
            writer.Flush();
            hash.AppendData(buffer.WrittenSpan);
            buffer.ResetWrittenCount();
            writer.Reset();
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>SHA-256 over the UTF-8 JSON of the state.</summary>
    /// <param name="state">The state.</param>
    /// <returns>64 lower-case hex digits.</returns>
    public static string OfState(MachineState state) =>
        Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(state, AgentMessagesJson.Default.MachineState)));

    private static int Compare(InstalledPackage left, InstalledPackage right)
    {
        var order = string.CompareOrdinal(left.Name, right.Name);
        return order != 0 ? order : string.CompareOrdinal(left.Architecture, right.Architecture);
    }
}
