using System.Text.Json.Serialization;

namespace Suture.Contracts.Inventory;

/// <summary>One report of an agent. Software and state travel only when they changed.</summary>
/// <remarks>Software comes as a whole (<see cref="Software"/>), as a difference to <see cref="BaseDigest"/> (<see cref="SoftwareDelta"/>), or not at all
/// when the digest is the one the server has. A base the server does not have is answered with <see cref="ReportOutcome.FullReportWanted"/>.</remarks>
public sealed record AssetReport
{
    /// <summary>1.</summary>
    public required int Schema { get; init; }

    /// <summary>Boot of the machine it was taken in (<c>/proc/sys/kernel/random/boot_id</c>; in a container also when its init started).</summary>
    public required string BootId { get; init; }

    /// <summary>Counts up by one with each report of this agent, over boots; starts at 1.</summary>
    public required long Sequence { get; init; }

    /// <summary>When the facts were read.</summary>
    public required DateTimeOffset TakenUtc { get; init; }

    /// <summary>Version of the agent.</summary>
    public required string AgentVersion { get; init; }

    /// <summary>True when this endpoint refuses every verb but <c>report-now</c>.</summary>
    public required bool ObservedOnly { get; init; }

    /// <summary>The host's name.</summary>
    public required string HostName { get; init; }

    /// <summary>Digest of the software after this report, see <see cref="ReportDigest"/>; null when it is unknown because the collector failed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)] // required also when null
    public required string? SoftwareDigest { get; init; }

    /// <summary>Digest that <see cref="SoftwareDelta"/> starts from; null otherwise.</summary>
    public string? BaseDigest { get; init; }

    /// <summary>All installed packages, ordered by name then architecture; null when not sent.</summary>
    public IReadOnlyList<InstalledPackage>? Software { get; init; }

    /// <summary>The difference to the base; null when not sent.</summary>
    public SoftwareDelta? SoftwareDelta { get; init; }

    /// <summary>Digest of the state.</summary>
    public required string StateDigest { get; init; }

    /// <summary>The state; null when the digest is the one the server has.</summary>
    public MachineState? State { get; init; }

    /// <summary>What changes all the time and proves nothing.</summary>
    public required MachineVitals Vitals { get; init; }

    /// <summary>The job after which this report was taken; null for one by schedule.</summary>
    public Guid? AfterJob { get; init; }
}

/// <summary>Packages that came and went.</summary>
public sealed record SoftwareDelta
{
    /// <summary>Packages that are new or changed.</summary>
    public required IReadOnlyList<InstalledPackage> Set { get; init; }

    /// <summary>Packages that are gone, each as <c>name:architecture</c>.</summary>
    public required IReadOnlyList<string> Removed { get; init; }
}

/// <summary>Figures that change with every look.</summary>
public sealed record MachineVitals
{
    /// <summary>Seconds since boot; null for a mounted root.</summary>
    public long? UptimeSeconds { get; init; }

    /// <summary>Free space of file systems that packages write to; null when unknown.</summary>
    public IReadOnlyList<DiskSpace>? Disks { get; init; }
}

/// <summary>Space of one file system.</summary>
public sealed record DiskSpace
{
    /// <summary>Where it is mounted.</summary>
    public required string MountPoint { get; init; }

    /// <summary>Bytes an unprivileged process may still write.</summary>
    public required long FreeBytes { get; init; }

    /// <summary>Size in bytes.</summary>
    public required long TotalBytes { get; init; }
}

/// <summary>What the server did with a report.</summary>
[JsonConverter(typeof(SnakeCase<ReportOutcome>))]
public enum ReportOutcome
{
    /// <summary>Stored; findings follow.</summary>
    Accepted = 1,
    /// <summary>The base is not known here, or the sequence does not follow: send everything.</summary>
    FullReportWanted = 2,
    /// <summary>This very report (boot, sequence, digests) is already stored.</summary>
    AlreadyStored = 3,
    /// <summary>The identity is held by two; a person must decide.</summary>
    Quarantined = 4,
}

/// <summary>Answer to a report.</summary>
public sealed record ReportResponse
{
    /// <summary>What was done.</summary>
    public required ReportOutcome Outcome { get; init; }

    /// <summary>One sentence more, for the agent's log; null when there is nothing to say.</summary>
    public string? Detail { get; init; }
}
