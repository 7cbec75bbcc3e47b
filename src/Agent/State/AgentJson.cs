using System.Text.Json.Serialization;
using Suture.Agent.Jobs;
using Suture.Contracts.Inventory;
using Suture.Contracts.Ledger;

namespace Suture.Agent.State;

/// <summary>Readers and writers of the agent's own files.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    MaxDepth = 16,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(AgentConfig))]
[JsonSerializable(typeof(ReportMemory))]
[JsonSerializable(typeof(JournalEntry))]
[JsonSerializable(typeof(AgentStatus))]
[JsonSerializable(typeof(LocalFacts))]
[JsonSerializable(typeof(IReadOnlyList<InstalledPackage>))]
[JsonSerializable(typeof(IReadOnlyList<Checkpoint>))]
[JsonSerializable(typeof(KeptApprovers))]
internal sealed partial class AgentJson : JsonSerializerContext;

/// <summary>The same, laid out for people.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(AgentStatus))]
[JsonSerializable(typeof(LocalFacts))]
internal sealed partial class AgentJsonForPeople : JsonSerializerContext;

/// <summary>What <c>status --json</c> prints.</summary>
internal sealed record AgentStatus
{
    /// <summary>False when this machine has not joined; all else is then absent.</summary>
    public required bool IsJoined { get; init; }

    /// <summary>See <see cref="AgentConfig.ServerUrl"/>.</summary>
    public string? ServerUrl { get; init; }

    /// <summary>See <see cref="AgentConfig.AssetId"/>.</summary>
    public Guid? AssetId { get; init; }

    /// <summary>See <see cref="AgentConfig.ObservedOnly"/>.</summary>
    public bool? ObservedOnly { get; init; }

    /// <summary>Digest of the set of approvers whose signatures this machine demands; null when it demands none.</summary>
    public string? Approvers { get; init; }

    /// <summary>How many signatures of approvers a plan needs here; null when none.</summary>
    public int? SignaturesNeeded { get; init; }

    /// <summary>End of the certificate's life.</summary>
    public DateTimeOffset? CertificateUntilUtc { get; init; }

    /// <summary>Number of the last report.</summary>
    public long? LastSequence { get; init; }

    /// <summary>When the server last took one.</summary>
    public DateTimeOffset? AcknowledgedUtc { get; init; }

    /// <summary>Jobs that have not ended, or whose end the server does not know yet.</summary>
    public IReadOnlyList<Guid>? OpenJobs { get; init; }
}

/// <summary>What <c>report --print</c> prints: the facts of this machine as they would be reported.</summary>
internal sealed record LocalFacts
{
    /// <summary>The host's name.</summary>
    public required string HostName { get; init; }

    /// <summary>Boot the facts are of.</summary>
    public required string BootId { get; init; }

    /// <summary>Installed packages; null when unknown.</summary>
    public required IReadOnlyList<InstalledPackage>? Packages { get; init; }

    /// <summary>State.</summary>
    public required MachineState State { get; init; }

    /// <summary>Figures of the moment.</summary>
    public required MachineVitals Vitals { get; init; }
}
