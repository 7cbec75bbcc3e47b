using Suture.Contracts.Inventory;

namespace Suture.Collect;

/// <summary>The facts of one machine at one instant.</summary>
public sealed record CollectedMachine
{
    /// <summary>Host name; <c>unknown</c> when it could not be read.</summary>
    public required string HostName { get; init; }

    /// <summary>Boot it was read in, as <see cref="AssetReport.BootId"/> wants it; empty for a mounted root or when it could not be read.</summary>
    public required string BootId { get; init; }

    /// <summary>Installed packages in the order of <see cref="ReportDigest.Order"/>; null when they could not be read.</summary>
    public required IReadOnlyList<InstalledPackage>? Packages { get; init; }

    /// <summary>Everything else; its <see cref="MachineState.Failures"/> name each collector that failed.</summary>
    public required MachineState State { get; init; }

    /// <summary>Figures that change with every look.</summary>
    public required MachineVitals Vitals { get; init; }
}
