namespace Suture.Contracts;

/// <summary>Paths of the agents' port, as agents call them and the server answers them.</summary>
public static class AgentPaths
{
    /// <summary>What every path of the port begins with.</summary>
    public const string Root = "/agent/v1";

    /// <summary><c>GET</c>: the authority's certificate, PEM, for an agent that compares it with the fingerprint it pins.</summary>
    public const string CertificateAuthority = "/certificate-authority";

    /// <summary><c>POST</c> a one-use token: the first certificate.</summary>
    public const string Enroll = "/enroll";

    /// <summary><c>POST</c>: the next certificate.</summary>
    public const string Renew = "/renew";

    /// <summary><c>POST</c>: what the endpoint is.</summary>
    public const string Report = "/report";

    /// <summary><c>POST</c>: wait for a job.</summary>
    public const string Poll = "/poll";

    /// <summary><c>POST</c>: how a job ended.</summary>
    public const string Result = "/result";
}
