using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Suture.Inventory.Certificates;

/// <summary>Limits and parts of certificates.</summary>
internal static class Certificate
{
    public const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    public const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    /// <summary>How long an agent's certificate is valid (design decision 7); the agent renews at a third.</summary>
    public static readonly TimeSpan AgentLifetime = TimeSpan.FromDays(30);

    /// <summary>How long after its end a certificate may still ask for renewal, and for nothing else (design decision 7).</summary>
    public static readonly TimeSpan RenewalGrace = TimeSpan.FromDays(180);

    /// <summary>How long the server's own certificate is valid; it is made anew at a third.</summary>
    public static readonly TimeSpan ServerLifetime = TimeSpan.FromDays(90);

    /// <summary>How far before now certificates begin, for clocks that are slow.</summary>
    public static readonly TimeSpan ClockSlack = TimeSpan.FromMinutes(5);

    /// <summary>Largest certificate request, DER.</summary>
    public const int RequestBytesMax = 4 * 1024;

    private const int SerialBytes = 16;

    /// <summary>A random positive serial number of 127 bits, shortest form (RFC 5280, 4.1.2.2).</summary>
    public static byte[] NewSerial()
    {
        var serial = RandomNumberGenerator.GetBytes(SerialBytes);
        serial[0] = (byte)((serial[0] & 0x7f) | 0x40);
        return serial;
    }

    /// <summary>The public key of a certificate request whose own signature holds.</summary>
    /// <returns>The key, or a fault for the caller.</returns>
    public static (PublicKey? Key, string? Fault) ReadRequest(string base64)
    {
        if (base64.Length > RequestBytesMax * 4 / 3 + 4)
        {
            return (null, $"certificateRequest has {base64.Length} characters, wanted base64 of at most {RequestBytesMax} bytes.");
        }
        try
        {
            var request = CertificateRequest.LoadSigningRequest(Convert.FromBase64String(base64), HashAlgorithmName.SHA256);
            return IsP256(request.PublicKey)
                ? (request.PublicKey, null)
                : (null, "certificateRequest has another kind of key, wanted ECDSA on the named curve P-256.");
        }
        catch (Exception fault) when (fault is CryptographicException or FormatException or NotSupportedException or ArgumentException)
        {
            return (null, "certificateRequest cannot be read or its signature does not hold, wanted a PKCS#10 request, DER in base64, signed by its own key.");
        }
    }

    private static bool IsP256(PublicKey key)
    {
        using var ecdsa = key.GetECDsaPublicKey();
        if (ecdsa is null)
        {
            return false;
        }
        var curve = ecdsa.ExportParameters(includePrivateParameters: false).Curve;
        return curve.IsNamed && curve.Oid.Value == ECCurve.NamedCurves.nistP256.Oid.Value;
    }
}
