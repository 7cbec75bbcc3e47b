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

    /// <summary>Findings that were open (<c>affected</c>, <c>pending_effect</c>, <c>unknown</c>) by the report before; any order; at most one for (vulnerability, package, architecture).
    /// Null for a one-shot scan, which knows no past.</summary>
    public IReadOnlyList<OpenFinding>? PreviouslyOpen { get; init; }

    /// <summary>True takes security updates that the machine's own signed package indexes offer as a feed too: those that no fix of the feeds speaks of are findings of status <c>unknown</c>.
    /// False uses exactly the feeds given.</summary>
    public bool UseOwnIndexes { get; init; }
}

/// <summary>A finding that was open before. Matching needs it to tell "fixed" from "fixed on disk, old code still runs": one report does not show the version that old code had.</summary>
/// <param name="Vulnerability">CVE, unrated or unread id.</param>
/// <param name="Source">Source package.</param>
/// <param name="Package">Binary package.</param>
/// <param name="Architecture">Its architecture.</param>
/// <param name="InstalledVersion">Source version it had when it was found.</param>
/// <param name="FixedVersion">Source version that fixes it, as known then.</param>
public sealed record OpenFinding(string Vulnerability, string Source, string Package, string Architecture, string InstalledVersion, string FixedVersion)
{
    /// <summary>The finding as the next match wants it.</summary>
    /// <param name="finding">A finding.</param>
    public static OpenFinding From(Finding finding)
    {
        ArgumentNullException.ThrowIfNull(finding);
        return new OpenFinding(finding.Vulnerability, finding.Source, finding.Package, finding.Architecture, finding.InstalledVersion, finding.FixedVersion);
    }
}

/// <summary>What matching found.</summary>
public sealed record MatchResult
{
    /// <summary>Open findings, unranked, ordered by vulnerability then package then architecture. Status is <c>affected</c>, <c>pending_effect</c>, or
    /// <c>unknown</c> for a security update whose changelog is not read, and for one that was open before and of which this report cannot show that it is closed.</summary>
    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>What could not be known.</summary>
    public required IReadOnlyList<UnknownItem> Unknown { get; init; }

    /// <summary>Installed kernels that do not run.</summary>
    public required IReadOnlyList<InstalledKernel> RemovableKernels { get; init; }
}
