using Suture.Contracts.Inventory;

namespace Suture.Agent.Reports;

/// <summary>What was read of this machine.</summary>
internal sealed record MachineFacts
{
    /// <summary>The host's name.</summary>
    public required string HostName { get; init; }

    /// <summary>Boot the facts are of.</summary>
    public required string BootId { get; init; }

    /// <summary>Installed packages in the order of <see cref="ReportDigest.Order"/>; null when unknown.</summary>
    public required IReadOnlyList<InstalledPackage>? Packages { get; init; }

    /// <summary>State.</summary>
    public required MachineState State { get; init; }

    /// <summary>Figures of the moment.</summary>
    public required MachineVitals Vitals { get; init; }

    /// <summary>When it was read.</summary>
    public required DateTimeOffset TakenUtc { get; init; }
}

/// <summary>Reads this machine.</summary>
internal interface IMachineReader
{
    /// <summary>Reads everything.</summary>
    /// <returns>Facts; what could not be read is null in them, with its reason.</returns>
    MachineFacts Read();

    /// <summary>Stores which files belong to these packages, and what runs them, before they are replaced.</summary>
    /// <param name="packages">Each as <c>name:architecture</c>.</param>
    void RememberFilesOf(IReadOnlyList<string> packages);
}
