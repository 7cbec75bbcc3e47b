namespace Suture.Agent.State;

/// <summary>What an agent knows since it joined: <c>agent.json</c> in its state directory. Written last when joining, so that its presence means "joined".</summary>
internal sealed record AgentConfig
{
    /// <summary>1.</summary>
    public required int Schema { get; init; }

    /// <summary>Address of the agents' port, <c>https://host:port</c>.</summary>
    public required string ServerUrl { get; init; }

    /// <summary>The asset this machine is.</summary>
    public required Guid AssetId { get; init; }

    /// <summary>True: every verb but <c>report-now</c> is refused. Only this machine's administrator changes it, by editing this file.</summary>
    public required bool ObservedOnly { get; init; }

    /// <summary>The one certificate authority that is trusted for this server, PEM.</summary>
    public required string CertificateAuthority { get; init; }

    /// <summary>Public keys that may sign jobs: SubjectPublicKeyInfo in base64, by key id.</summary>
    public required IReadOnlyDictionary<string, string> JobSigningKeys { get; init; }
}

/// <summary>What the agent remembers of its reports: <c>reports.json</c>.</summary>
internal sealed record ReportMemory
{
    /// <summary>Number of the last report that was (perhaps) sent; it is stored before the report leaves. 0 when none.</summary>
    public required long Sequence { get; init; }

    /// <summary>Digest of the software that the server has acknowledged; null when it has none or this is not known.</summary>
    public string? SoftwareDigest { get; init; }

    /// <summary>Digest of the state that the server has acknowledged; null likewise.</summary>
    public string? StateDigest { get; init; }

    /// <summary>When the last report was acknowledged.</summary>
    public DateTimeOffset? AcknowledgedUtc { get; init; }

    /// <summary>Nothing sent yet.</summary>
    public static ReportMemory Empty { get; } = new() { Sequence = 0 };
}
