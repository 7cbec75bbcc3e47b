using Suture.Contracts.Api;
using Suture.Contracts.Inventory;

namespace Suture.Knowledge.Matching;

/// <summary>What matching looks at.</summary>
public sealed record MatchInput
{
    /// <summary>Codename, <c>bookworm</c>; null when unknown, then nothing can be matched and everything is unknown.</summary>
    public required string? Release { get; init; }

    /// <summary>Installed packages; null when the collector failed.</summary>
    public required IReadOnlyList<InstalledPackage>? Packages { get; init; }

    /// <summary>State of the machine; null for a mere status file.</summary>
    public required MachineState? State { get; init; }
}

/// <summary>What matching found.</summary>
public sealed record MatchResult
{
    /// <summary>Open findings (<c>affected</c>, <c>pending_effect</c>), unranked, ordered by vulnerability then package then architecture.</summary>
    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>What could not be known.</summary>
    public required IReadOnlyList<UnknownItem> Unknown { get; init; }

    /// <summary>Installed kernels that do not run.</summary>
    public required IReadOnlyList<InstalledKernel> RemovableKernels { get; init; }
}
