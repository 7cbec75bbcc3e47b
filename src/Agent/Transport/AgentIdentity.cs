using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Suture.Agent.Transport;

/// <summary>The agent's key, born on this host, and the certificate for it.</summary>
internal sealed class AgentIdentity : IDisposable
{
    /// <summary>A certificate that ended longer ago than this cannot even be renewed.</summary>
    public static readonly TimeSpan RenewableAfterEnd = TimeSpan.FromDays(180);

    private AgentIdentity(X509Certificate2 certificate) => Certificate = certificate;

    /// <summary>Certificate with its private key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>Start of its life.</summary>
    public DateTimeOffset FromUtc => new(Certificate.NotBefore.ToUniversalTime());

    /// <summary>End of its life.</summary>
    public DateTimeOffset UntilUtc => new(Certificate.NotAfter.ToUniversalTime());

    /// <summary>Reads an identity.</summary>
    /// <param name="pem">Key and certificate, PEM.</param>
    /// <returns>The identity.</returns>
    public static AgentIdentity FromPem(string pem) => new(X509Certificate2.CreateFromPem(pem, pem));

    /// <summary>Makes a new key and a request for a certificate.</summary>
    /// <returns>The key's PEM, and the PKCS#10 request, DER in base64.</returns>
    public static (string KeyPem, string Request) CreateRequest()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=suture-agent", key, HashAlgorithmName.SHA256);
        return (key.ExportPkcs8PrivateKeyPem(), Convert.ToBase64String(request.CreateSigningRequest()));
    }

    /// <summary>Joins a key and the certificate that a server issued for it.</summary>
    /// <param name="keyPem">The key.</param>
    /// <param name="certificatePem">The certificate.</param>
    /// <returns>One PEM text to store.</returns>
    /// <exception cref="CryptographicException">The certificate is not for this key.</exception>
    public static string Join(string keyPem, string certificatePem)
    {
        var pem = $"{keyPem.TrimEnd()}\n{certificatePem.TrimEnd()}\n";
        using var identity = FromPem(pem);
        return pem;
    }

    /// <summary>Whether it is time for a new certificate: a third of its life is over.</summary>
    /// <param name="fromUtc">Start of its life.</param>
    /// <param name="untilUtc">End of its life.</param>
    /// <param name="now">The instant.</param>
    /// <returns>What to do.</returns>
    public static RenewalNeed Renewal(DateTimeOffset fromUtc, DateTimeOffset untilUtc, DateTimeOffset now) => now switch
    {
        _ when now >= untilUtc + RenewableAfterEnd => RenewalNeed.TooLate,
        _ when now >= untilUtc => RenewalNeed.Expired,
        _ when now >= fromUtc + ((untilUtc - fromUtc) / 3) => RenewalNeed.Due,
        _ => RenewalNeed.None,
    };

    /// <inheritdoc/>
    public void Dispose() => Certificate.Dispose();
}

/// <summary>Whether a certificate must be renewed.</summary>
internal enum RenewalNeed
{
    /// <summary>Not yet.</summary>
    None = 1,
    /// <summary>Renew; until then it serves.</summary>
    Due = 2,
    /// <summary>It has ended; nothing but renewal is allowed.</summary>
    Expired = 3,
    /// <summary>It ended too long ago; this machine must join anew.</summary>
    TooLate = 4,
}
