using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Suture.Contracts.Ledger;

/// <summary>The server's signed word on how far the ledger's chain went at some time. Whoever keeps one can later show that rows up to there were changed or removed.</summary>
/// <remarks>The signature is ECDSA P-256 with SHA-256 (r and s, 32 bytes each) over the ASCII bytes <c>suture-checkpoint-v1</c>, one zero byte, position and microseconds since 1970 as 8 bytes
/// each (big endian), and the 32 bytes of the hash.</remarks>
public sealed record Checkpoint
{
    /// <summary>Position of the last sealed row; at least 1.</summary>
    public required long Position { get; init; }

    /// <summary>Its hash, 64 lower-case hex digits.</summary>
    public required string Hash { get; init; }

    /// <summary>When it was signed, to the microsecond.</summary>
    public required DateTimeOffset AtUtc { get; init; }

    /// <summary>Which key signed: the first 16 hex digits of the SHA-256 of its SubjectPublicKeyInfo.</summary>
    public required string KeyId { get; init; }

    /// <summary>64 bytes, base64.</summary>
    public required string Signature { get; init; }

    private static ReadOnlySpan<byte> Domain => "suture-checkpoint-v1\0"u8;

    /// <summary>Signs.</summary>
    /// <param name="position">Position of the last sealed row.</param>
    /// <param name="hash">Its hash, 32 bytes.</param>
    /// <param name="at">Now.</param>
    /// <param name="key">An ECDSA P-256 private key.</param>
    public static Checkpoint Sign(long position, ReadOnlySpan<byte> hash, DateTimeOffset at, ECDsa key)
    {
        var rounded = at.AddTicks(-(at.UtcTicks % TimeSpan.TicksPerMicrosecond)).ToUniversalTime();
        return new Checkpoint
        {
            Position = position, Hash = Convert.ToHexStringLower(hash), AtUtc = rounded, KeyId = KeyIdOf(key),
            Signature = Convert.ToBase64String(key.SignData(Covered(position, rounded, hash), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)),
        };
    }

    /// <summary>Id of a key.</summary>
    /// <param name="key">Public or private.</param>
    public static string KeyIdOf(ECDsa key) => Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()))[..16];

    /// <summary>True only when this is the key's signature over exactly this position, hash and time.</summary>
    /// <param name="key">The key that <see cref="KeyId"/> names.</param>
    public bool IsSignedBy(ECDsa key)
    {
        Span<byte> signature = stackalloc byte[64];
        Span<byte> hash = stackalloc byte[LedgerChain.HashBytes];
        return Convert.TryFromBase64String(Signature, signature, out var written) && written == signature.Length
            && Hash.Length == 2 * LedgerChain.HashBytes
            && Convert.FromHexString(Hash, hash, out _, out var bytes) == System.Buffers.OperationStatus.Done && bytes == LedgerChain.HashBytes
            && key.VerifyData(Covered(Position, AtUtc, hash), signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    private static byte[] Covered(long position, DateTimeOffset at, ReadOnlySpan<byte> hash)
    {
        var numbers = new byte[2 * sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(numbers, position);
        BinaryPrimitives.WriteInt64BigEndian(numbers.AsSpan(sizeof(long)), LedgerChain.Microseconds(at));
        return [.. Domain, .. numbers, .. hash];
    }
}
