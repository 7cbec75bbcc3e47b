namespace Suture.Collect.Dpkg;

/// <summary>One package of dpkg's status file whose files are on the machine.</summary>
/// <param name="Name">Binary package.</param>
/// <param name="Version">Version last configured.</param>
/// <param name="Architecture">Architecture.</param>
/// <param name="SourceField">The <c>Source</c> field as it stands, <c>name</c> or <c>name (version)</c>; null when there is none.</param>
/// <param name="HasDebianMaintainer">The maintainer's address is one of the distribution's.</param>
internal sealed record StatusEntry(string Name, string Version, string Architecture, string? SourceField, bool HasDebianMaintainer);

/// <summary>What dpkg's status file holds.</summary>
/// <param name="Packages">Packages on the machine, in the order of the file.</param>
/// <param name="Incomplete">Those that dpkg has not finished with, each as <c>name: state</c>.</param>
internal sealed record StatusContent(IReadOnlyList<StatusEntry> Packages, IReadOnlyList<string> Incomplete);
