using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Suture.Inventory;

/// <summary>A certificate that was issued to an agent.</summary>
internal sealed record IssuedCertificate
{
    public required string Pem { get; init; }
    public required string Serial { get; init; }
    public required DateTimeOffset NotBeforeUtc { get; init; }
    public required DateTimeOffset NotAfterUtc { get; init; }
}

/// <summary>The certificate authority of this installation's agents: ECDSA P-256, made at first start, kept in a folder and never in the store.</summary>
public sealed class AgentAuthority : IDisposable
{
    private readonly X509Certificate2 _authority;
    private readonly X509Certificate2 _publicAuthority;
    private readonly ECDsa _key;
    private readonly X509SignatureGenerator _signer;
    private readonly InventoryOptions _options;

    internal AgentAuthority(InventoryOptions options, TimeProvider time)
    {
        _options = options;
        _authority = Certificates.AuthorityFile.Open(options.SecretsDirectory, time.GetUtcNow());
        _publicAuthority = X509CertificateLoader.LoadCertificate(_authority.RawData);
        _key = _authority.GetECDsaPrivateKey() ?? throw new InvalidOperationException($"The authority in {options.SecretsDirectory} has no ECDSA key; put the backup of it back.");
        _signer = X509SignatureGenerator.CreateForECDsa(_key);
        CertificatePem = _authority.ExportCertificatePem();
        Fingerprint = Convert.ToHexStringLower(SHA256.HashData(_authority.RawDataMemory.Span));
    }

    /// <summary>The authority's certificate, PEM.</summary>
    public string CertificatePem { get; }

    /// <summary>SHA-256 of the authority's certificate (DER), 64 lower-case hex digits: what a join command pins.</summary>
    public string Fingerprint { get; }

    /// <summary>The authority's certificate without its key.</summary>
    internal X509Certificate2 PublicCertificate => _publicAuthority;

    /// <inheritdoc/>
    public void Dispose()
    {
        _key.Dispose();
        _publicAuthority.Dispose();
        _authority.Dispose();
    }

    /// <summary>Issues an agent's certificate: the subject is ours to choose, of the request only the key is used.</summary>
    internal IssuedCertificate IssueAgent(Guid assetId, PublicKey key, DateTimeOffset now)
    {
        var request = new CertificateRequest(new X500DistinguishedName($"CN={assetId:D}"), key, HashAlgorithmName.SHA256);
        AddLeafExtensions(request, Certificates.Certificate.ClientAuthentication);
        using var certificate = Sign(request, now, Certificates.Certificate.AgentLifetime);
        return new IssuedCertificate
        {
            Pem = certificate.ExportCertificatePem(),
            Serial = certificate.SerialNumber,
            NotBeforeUtc = certificate.NotBefore.ToUniversalTime(),
            NotAfterUtc = certificate.NotAfter.ToUniversalTime(),
        };
    }

    /// <summary>Issues the server's own certificate with its key, for all its names.</summary>
    internal X509Certificate2 IssueServer(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(new X500DistinguishedName("CN=Suture server"), key, HashAlgorithmName.SHA256);
        AddLeafExtensions(request, Certificates.Certificate.ServerAuthentication);
        request.CertificateExtensions.Add(ServerNames().Build());
        using var certificate = Sign(request, now, Certificates.Certificate.ServerLifetime);
        return certificate.CopyWithPrivateKey(key);
    }

    private X509Certificate2 Sign(CertificateRequest request, DateTimeOffset now, TimeSpan lifetime) =>
        request.Create(_authority.SubjectName, _signer, now - Certificates.Certificate.ClockSlack, now + lifetime, Certificates.Certificate.NewSerial());

    private void AddLeafExtensions(CertificateRequest request, string use)
    {
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(use)], critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_publicAuthority, true, false));
    }

    private SubjectAlternativeNameBuilder ServerNames()
    {
        var names = new SubjectAlternativeNameBuilder();
        string[] all = [_options.AgentUrl.IdnHost, .. _options.ServerNames, "localhost", "127.0.0.1", "::1"];
        foreach (var name in all.Distinct(StringComparer.OrdinalIgnoreCase))
        {
            if (IPAddress.TryParse(name, out var address))
            {
                names.AddIpAddress(address);
            }
            else
            {
                names.AddDnsName(name);
            }
        }
        return names;
    }
}
