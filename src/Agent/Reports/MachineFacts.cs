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

/// <summary>Whose the installed packages are.</summary>
/// <param name="Distribution"><c>ID</c> of <c>os-release</c>: what the distribution's release files state as their origin, in any case.</param>
/// <param name="ThirdParty">Packages known to be a third party's in just this version, each as <c>name:architecture=version</c>; whose the others are is to be taken
/// for the distribution's.</param>
internal sealed record PackageOrigins(string Distribution, IReadOnlySet<string> ThirdParty);

/// <summary>Reads this machine.</summary>
internal interface IMachineReader
{
    /// <summary>Reads everything.</summary>
    /// <returns>Facts; what could not be read is null in them, with its reason.</returns>
    MachineFacts Read();

    /// <summary>Says whose packages are, by the last report that the server took: plans are made from it.</summary>
    /// <returns>The origins; without such a report no package is known to be a third party's.</returns>
    PackageOrigins ReadOrigins();

    /// <summary>Stores which files belong to these packages, and what runs them, before they are replaced.</summary>
    /// <param name="packages">Each as <c>name:architecture</c>.</param>
    void RememberFilesOf(IReadOnlyList<string> packages);
}
