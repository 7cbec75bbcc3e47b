using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Suture.Agent.Transport;

/// <summary>Whom the agent takes for its server: the holder of a certificate under the one stored authority, and nobody the system trusts besides.</summary>
internal static class ServerTrust
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <summary>Rules for a chain that may end at this authority only.</summary>
    /// <param name="authority">The authority.</param>
    /// <returns>A policy of its own.</returns>
    public static X509ChainPolicy PolicyFor(X509Certificate2 authority)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
            VerificationFlags = X509VerificationFlags.NoFlag,
        };
        policy.CustomTrustStore.Add(authority);
        policy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        return policy;
    }

    /// <summary>SHA-256 of the certificate's DER, by which an authority is pinned.</summary>
    /// <param name="certificate">Certificate.</param>
    /// <returns>64 lower-case hex digits.</returns>
    public static string FingerprintOf(X509Certificate2 certificate) => Convert.ToHexStringLower(SHA256.HashData(certificate.RawDataMemory.Span));

    /// <summary>Reads a fingerprint as people write it: hex digits, colons allowed.</summary>
    /// <param name="text">Any text.</param>
    /// <returns>64 lower-case hex digits; null when it is none.</returns>
    public static string? ParseFingerprint(string text)
    {
        var digits = text.Replace(":", "", StringComparison.Ordinal).ToLowerInvariant();
        return digits.Length == 64 && digits.All(char.IsAsciiHexDigitLower) ? digits : null;
    }

    /// <summary>The pinned authority among certificates that a server presented.</summary>
    /// <param name="presented">What came over the wire; nothing of it is trusted yet.</param>
    /// <param name="fingerprint">The pin, 64 lower-case hex digits.</param>
    /// <returns>The authority; null when it is not among them or is no authority.</returns>
    public static X509Certificate2? FindPinned(IEnumerable<X509Certificate2> presented, string fingerprint) =>
        presented.FirstOrDefault(certificate => IsAuthority(certificate)
            && CryptographicOperations.FixedTimeEquals(Convert.FromHexString(fingerprint), SHA256.HashData(certificate.RawDataMemory.Span)));

    private static bool IsAuthority(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(constraints => constraints.CertificateAuthority);
}
