using System.Globalization;
using System.Security.Cryptography.X509Certificates;

namespace Suture.Inventory.Certificates;

/// <summary>A connection on the agents' own port; it is on no other, so it also tells the ports apart.</summary>
internal sealed class AgentConnection
{
    /// <summary>The certificate shown in the handshake, checked to be of our authority; null when none was shown.</summary>
    public ShownCertificate? Certificate { get; set; }

    /// <summary>The share of the agent that it is of; null when no certificate was shown.</summary>
    public AgentShare? Share { get; set; }

    /// <summary>True when the agent has too many connections: requests on it are refused.</summary>
    public bool IsSurplus { get; set; }

    /// <summary>True once the store has shown that we issued the certificate to the asset it names.</summary>
    public bool IsKnown { get; set; }
}

/// <summary>What a checked certificate says.</summary>
internal sealed record ShownCertificate
{
    public required Guid AssetId { get; init; }
    public required string Serial { get; init; }
    public required DateTimeOffset NotBeforeUtc { get; init; }
    public required DateTimeOffset NotAfterUtc { get; init; }

    /// <summary>Reads a certificate whose chain was checked; null when its subject is not an asset.</summary>
    public static ShownCertificate? Read(X509Certificate2 certificate) =>
        Guid.TryParseExact(certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false), "D", out var asset)
            ? new ShownCertificate
            {
                AssetId = asset,
                Serial = certificate.SerialNumber,
                NotBeforeUtc = new DateTimeOffset(certificate.NotBefore).ToUniversalTime(),
                NotAfterUtc = new DateTimeOffset(certificate.NotAfter).ToUniversalTime(),
            }
            : null;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{AssetId:D} serial {Serial} until {NotAfterUtc:O}");
}
