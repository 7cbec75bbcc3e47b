using Suture.Contracts.Inventory;
using ContractFinding = Suture.Contracts.Api.Finding;

namespace Suture.Remediation.Planning;

/// <summary>What planning knows of one asset.</summary>
internal sealed record PlanInput
{
    public required Guid Asset { get; init; }

    public required string Name { get; init; }

    public required string Environment { get; init; }

    public required string Group { get; init; }

    /// <summary>Why this asset gets no plan at all: observed only, quarantined, retired, silent; null when it may be changed.</summary>
    public string? Held { get; init; }

    /// <summary>True when it is held only until it is heard of again, which no report need tell.</summary>
    public bool IsSilent { get; init; }

    /// <summary>True when its agent demands signatures of approvers: no policy can give them.</summary>
    public bool DemandsSignatures { get; init; }

    public required string? Release { get; init; }

    /// <summary>Open findings, highest risk first.</summary>
    public required IReadOnlyList<ContractFinding> Findings { get; init; }

    /// <summary>Null when not known.</summary>
    public required IReadOnlyList<InstalledPackage>? Packages { get; init; }

    /// <summary>Null when not known.</summary>
    public required IReadOnlyList<AvailableUpdate>? Updates { get; init; }

    /// <summary>Names of installed packages of other sources that apt upgrades together with a fix, by the key of the fix; may be empty.</summary>
    public IReadOnlyDictionary<string, IReadOnlySet<string>> Also { get; init; } = new Dictionary<string, IReadOnlySet<string>>();
}
