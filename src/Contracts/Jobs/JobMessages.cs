using System.Text.Json.Serialization;
using Suture.Contracts.Approvals;
using Suture.Contracts.Ledger;

namespace Suture.Contracts.Jobs;

/// <summary>All that a server may ask of an agent. A fixed table; there is no shell among them.</summary>
[JsonConverter(typeof(SnakeCase<JobVerb>))]
public enum JobVerb
{
    /// <summary>Bring packages to an exact version through the machine's own apt; never a downgrade.</summary>
    EnsurePackage = 1,
    /// <summary>Restart systemd units so that new code is in effect.</summary>
    RestartService = 2,
    /// <summary>Reboot the machine; it reports when it is back.</summary>
    Reboot = 3,
    /// <summary>Put back a package file that the agent itself kept.</summary>
    RestorePackage = 4,
    /// <summary>Take and send a fresh full report.</summary>
    ReportNow = 5,
}

/// <summary>A job as it travels: exact bytes and a signature over them.</summary>
/// <remarks>The signature is ECDSA P-256 with SHA-256 (r and s, 32 bytes each) over the ASCII bytes <c>suture-job-v1</c>, one zero byte, and the payload bytes as
/// transmitted. The agent verifies those bytes and parses the same bytes: there is no second form that could differ.</remarks>
public sealed record JobEnvelope
{
    /// <summary>Which of the keys known since enrolment signed.</summary>
    public required string KeyId { get; init; }

    /// <summary>UTF-8 JSON of a <see cref="JobPayload"/>, base64. At most 64 KiB decoded.</summary>
    public required string Payload { get; init; }

    /// <summary>64 bytes, base64.</summary>
    public required string Signature { get; init; }

    /// <summary>Signatures of approvers over the plan's hash; empty where the asset demands none.</summary>
    public IReadOnlyList<ApproverSignature> ApproverSignatures { get; set => field = ListOf.Whole(value); } = [];

    /// <summary>The plan that they signed: its head and this asset's changes. Null where the asset demands no signatures.</summary>
    public ApprovedPlan? Plan { get; init; }
}

/// <summary>What is to be done, by whom, why and until when.</summary>
public sealed record JobPayload
{
    /// <summary>Id of the job; the agent never carries out one id twice.</summary>
    public required Guid JobId { get; init; }

    /// <summary>The only asset that may carry it out.</summary>
    public required Guid AssetId { get; init; }

    /// <summary>Hash of the frozen plan it belongs to, 64 lower-case hex digits; of a report that a person asked for, the hash of that wish.</summary>
    public required string PlanHash { get; init; }

    /// <summary>What to do.</summary>
    public required JobVerb Verb { get; init; }

    /// <summary>Packages of <see cref="JobVerb.EnsurePackage"/> and <see cref="JobVerb.RestorePackage"/>; empty otherwise. At most 200.</summary>
    public IReadOnlyList<JobPackage> Packages { get; set => field = ListOf.Whole(value); } = [];

    /// <summary>Units of <see cref="JobVerb.RestartService"/>; empty otherwise. At most 50.</summary>
    public IReadOnlyList<string> Units { get; set => field = ListOf.Whole(value); } = [];

    /// <summary>Not to be started before.</summary>
    public required DateTimeOffset NotBeforeUtc { get; init; }

    /// <summary>Not to be started at or after.</summary>
    public required DateTimeOffset ExpiresUtc { get; init; }
}

/// <summary>A package that a job speaks of.</summary>
public sealed record JobPackage
{
    /// <summary>Binary package.</summary>
    public required string Name { get; init; }

    /// <summary>Architecture.</summary>
    public required string Architecture { get; init; }

    /// <summary>The exact version to install.</summary>
    public required string Version { get; init; }

    /// <summary>The lowest version that closes the findings; an asset that has it already needs no change.</summary>
    public required string MinimumVersion { get; init; }

    /// <summary>SHA-256 of the package file, lower-case hex.</summary>
    public required string Sha256 { get; init; }
}

/// <summary>Agent to server: give me work. Answered at once when there is some, else when the wait is over; the poll is the heartbeat.</summary>
public sealed record PollRequest
{
    /// <summary>Boot it speaks from, as in reports.</summary>
    public required string BootId { get; init; }

    /// <summary>Sequence of the last report sent; 0 when none.</summary>
    public required long LastSequence { get; init; }

    /// <summary>Seconds it is willing to wait, 0 to 60.</summary>
    public required int WaitSeconds { get; init; }

    /// <summary>Jobs it is at work on; their leases are extended.</summary>
    public IReadOnlyList<Guid> Working { get; set; } = [];

    /// <summary>The newest checkpoint of the ledger that it keeps, as it was given; null when none. The server compares its ledger with it.</summary>
    public Checkpoint? Checkpoint { get; init; }

    /// <summary>Digest of the set of approvers whose signatures it demands (<see cref="SignedApproverSet.Challenge"/>, 64 lower-case hex digits); null when it demands none.</summary>
    public string? Approvers { get; init; }
}

/// <summary>Server to agent: work, if any.</summary>
public sealed record PollResponse
{
    /// <summary>Jobs leased to this agent, in the order to carry them out; at most 10.</summary>
    public required IReadOnlyList<JobEnvelope> Jobs { get; init => field = ListOf.Whole(value); }

    /// <summary>The server's clock, so that an agent can tell how far its own is off.</summary>
    public required DateTimeOffset ServerUtc { get; init; }

    /// <summary>True when the server wants a full report: after a quarantine, for one. Answered at once, and so until the report is there.</summary>
    public bool FullReportWanted { get; init; }

    /// <summary>The newest checkpoint of the ledger, for the agent to keep; null when none was signed yet.</summary>
    public Checkpoint? Checkpoint { get; init; }

    /// <summary>Sets of approvers of its group that are newer than the one it told, oldest first, at most 10; the agent judges each.</summary>
    public IReadOnlyList<SignedApproverSet> Approvers { get; set => field = ListOf.Whole(value); } = [];
}

/// <summary>How a job ended on the agent. Success here proves nothing yet; a fresh report does.</summary>
[JsonConverter(typeof(SnakeCase<JobOutcome>))]
public enum JobOutcome
{
    /// <summary>Carried out.</summary>
    Done = 1,
    /// <summary>Nothing was to be done; the machine was already so.</summary>
    AlreadySo = 2,
    /// <summary>Refused before any effect: signature, asset, time, verb, or an endpoint that is only observed.</summary>
    Refused = 3,
    /// <summary>A check before the change said no; nothing was changed.</summary>
    PreflightFailed = 4,
    /// <summary>It was tried and did not end well.</summary>
    Failed = 5,
}

/// <summary>Result of a job. Sent until the server has taken it; taking it twice changes nothing.</summary>
public sealed record JobResult
{
    /// <summary>The job.</summary>
    public required Guid JobId { get; init; }

    /// <summary>How it ended.</summary>
    public required JobOutcome Outcome { get; init; }

    /// <summary>Short reason for programs, lower case with dashes (<c>origin-unreachable</c>); null when done.</summary>
    public string? Reason { get; init; }

    /// <summary>One sentence for people; at most 2,000 characters.</summary>
    public string? Detail { get; init; }

    /// <summary>When the agent began.</summary>
    public required DateTimeOffset StartedUtc { get; init; }

    /// <summary>When it ended.</summary>
    public required DateTimeOffset EndedUtc { get; init; }

    /// <summary>Versions before and after; empty when nothing changed.</summary>
    public IReadOnlyList<PackageChange> Changes { get; set => field = ListOf.Whole(value); } = [];

    /// <summary>Installed packages that apt would have upgraded together with the wanted ones, and that the job does not name: why it was refused. The server's next
    /// plan names them. Empty otherwise; at most 200.</summary>
    /// <remarks>What no plan can name is not among them: a package that would be removed, taken back, or come from another's repository stands in
    /// <see cref="Detail"/> only, and a person has to look.</remarks>
    public IReadOnlyList<PackageChange> Unapproved { get; set => field = ListOf.Whole(value); } = [];
}

/// <summary>One package's change.</summary>
public sealed record PackageChange
{
    /// <summary>Binary package.</summary>
    public required string Package { get; init; }

    /// <summary>Version before; null when it was not installed.</summary>
    public string? From { get; init; }

    /// <summary>Version after; null when it is gone.</summary>
    public string? To { get; init; }
}
