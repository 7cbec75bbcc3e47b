using Suture.Contracts.Inventory;

namespace Suture.Inventory;

/// <summary>The facts of an asset's last report.</summary>
public sealed record AssetFacts
{
    /// <summary>The report.</summary>
    public required Guid ReportId { get; init; }

    /// <summary>Boot it was read in.</summary>
    public required string BootId { get; init; }

    /// <summary>When the facts were read, by the agent's clock; by ours when the agent's is out of bounds (<see cref="ClockWrong"/>).</summary>
    public required DateTimeOffset TakenUtc { get; init; }

    /// <summary>When the report arrived, by our clock.</summary>
    public required DateTimeOffset ReceivedUtc { get; init; }

    /// <summary>True when the agent's clock was out of bounds, so that <see cref="TakenUtc"/> is our time of arrival.</summary>
    public bool ClockWrong { get; init; }

    /// <summary>The job after which it was taken; null for one by schedule.</summary>
    public Guid? AfterJob { get; init; }

    /// <summary>Codename of the release; null when unknown.</summary>
    public string? Release { get; init; }

    /// <summary>Packages, ordered by name then architecture; null when unknown.</summary>
    public IReadOnlyList<InstalledPackage>? Packages { get; init; }

    /// <summary>The machine's state.</summary>
    public required MachineState State { get; init; }
}
