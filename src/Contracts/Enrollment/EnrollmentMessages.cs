using Suture.Contracts.Approvals;

namespace Suture.Contracts.Enrollment;

/// <summary>First message of an agent: proves a one-use token and asks for a certificate for the key born on this host.</summary>
public sealed record EnrollRequest
{
    /// <summary>The one-use token, as the operator got it.</summary>
    public required string Token { get; init; }

    /// <summary>PKCS#10 certificate request, DER in base64. Only its public key is used; the server chooses the subject.</summary>
    public required string CertificateRequest { get; init; }

    /// <summary>The host's name as it calls itself; shown to people, never an identity.</summary>
    public required string HostName { get; init; }

    /// <summary>Version of the agent, as its build says.</summary>
    public required string AgentVersion { get; init; }

    /// <summary>True when the endpoint's own configuration refuses every verb but <c>report-now</c>.</summary>
    public required bool ObservedOnly { get; init; }
}

/// <summary>What an agent needs to speak from now on.</summary>
public sealed record EnrollResponse
{
    /// <summary>The asset's id; also the common name of the certificate.</summary>
    public required Guid AssetId { get; init; }

    /// <summary>The agent's certificate, PEM. Valid for 30 days, to be renewed at a third.</summary>
    public required string Certificate { get; init; }

    /// <summary>The certificate authority, PEM; the agent trusts nothing else for this server.</summary>
    public required string CertificateAuthority { get; init; }

    /// <summary>Address of the agents' own port, <c>https://host:port</c>.</summary>
    public required string AgentUrl { get; init; }

    /// <summary>Public keys that may sign jobs, each SubjectPublicKeyInfo (ECDSA P-256) in base64, by key id.</summary>
    public required IReadOnlyDictionary<string, string> JobSigningKeys { get; init; }

    /// <summary>Whose signatures a plan needs beside; null when the group demands none.</summary>
    public SignedApproverSet? Approvers { get; init; }
}

/// <summary>Asks for a new certificate over a connection that presented the old one (expired by at most 180 days).</summary>
public sealed record RenewRequest
{
    /// <summary>PKCS#10 certificate request, DER in base64; the key may be new.</summary>
    public required string CertificateRequest { get; init; }
}

/// <summary>The renewed certificate.</summary>
public sealed record RenewResponse
{
    /// <summary>The agent's certificate, PEM.</summary>
    public required string Certificate { get; init; }

    /// <summary>The certificate authority, PEM.</summary>
    public required string CertificateAuthority { get; init; }

    /// <summary>Public keys that may sign jobs, by key id, as in <see cref="EnrollResponse.JobSigningKeys"/>.</summary>
    public required IReadOnlyDictionary<string, string> JobSigningKeys { get; init; }
}
