using System.Security.Cryptography;

namespace Suture.Contracts.Jobs;

/// <summary>The bytes that a job's signature covers, in one place for both sides.</summary>
public static class JobSignature
{
    private static ReadOnlySpan<byte> Domain => "suture-job-v1\0"u8;

    /// <summary>Signs payload bytes.</summary>
    /// <param name="payload">The exact bytes that will be transmitted.</param>
    /// <param name="key">An ECDSA P-256 private key.</param>
    /// <returns>64 bytes, r then s.</returns>
    public static byte[] Sign(ReadOnlySpan<byte> payload, ECDsa key) =>
        key.SignData(WithDomain(payload), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);

    /// <summary>Verifies a signature over payload bytes.</summary>
    /// <param name="payload">The exact bytes received.</param>
    /// <param name="signature">The signature received; any length.</param>
    /// <param name="key">An ECDSA P-256 public key known since enrolment.</param>
    /// <returns>True only when the signature is that key's over these bytes.</returns>
    public static bool Verify(ReadOnlySpan<byte> payload, ReadOnlySpan<byte> signature, ECDsa key) =>
        signature.Length == 64
        && key.VerifyData(WithDomain(payload), signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);

    private static byte[] WithDomain(ReadOnlySpan<byte> payload) => [.. Domain, .. payload];
}
