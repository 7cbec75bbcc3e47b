using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Suture.Contracts.Ledger;

/// <summary>The chain over the ledger's rows, in one place for who seals and who verifies.</summary>
/// <remarks>The hash of a row is SHA-256 over: the ASCII bytes <c>suture-ledger-v1</c>, one zero byte, the 32 bytes of the hash before it, then position, sequence and microseconds since
/// 1970 as 8 bytes each (big endian), then actor, action, subject and detail, each as its length in bytes (4, big endian) and its UTF-8, then one byte 1 and the 16 bytes of the group
/// (big endian), or one byte 0 for none. Every part has its length, so that no two rows have the same bytes.</remarks>
public static class LedgerChain
{
    /// <summary>Bytes of a hash.</summary>
    public const int HashBytes = 32;

    /// <summary>What stands before the first row.</summary>
    public static ReadOnlySpan<byte> Start => new byte[HashBytes];

    private static ReadOnlySpan<byte> Domain => "suture-ledger-v1\0"u8;

    /// <summary>Hash of a row behind another.</summary>
    /// <param name="previous">Hash of the row before it, 32 bytes; <see cref="Start"/> for the first.</param>
    /// <param name="row">The row; its own <see cref="SealedRow.Hash"/> is not read.</param>
    /// <returns>32 bytes.</returns>
    public static byte[] Hash(ReadOnlySpan<byte> previous, SealedRow row)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Domain);
        hash.AppendData(previous);
        Append(hash, row.Position);
        Append(hash, row.Sequence);
        Append(hash, Microseconds(row.AtUtc));
        Append(hash, row.Actor);
        Append(hash, row.Action);
        Append(hash, row.Subject);
        Append(hash, row.Detail);
        if (row.GroupId is { } group)
        {
            hash.AppendData([1, .. group.ToByteArray(bigEndian: true)]);
        }
        else
        {
            hash.AppendData([0]);
        }
        return hash.GetHashAndReset();
    }

    internal static long Microseconds(DateTimeOffset at) => (at.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;

    private static void Append(IncrementalHash hash, long value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        hash.AppendData(bytes);
    }

    private static void Append(IncrementalHash hash, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
