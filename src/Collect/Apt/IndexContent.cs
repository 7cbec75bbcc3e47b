namespace Suture.Collect.Apt;

/// <summary>One version that an index offers.</summary>
/// <param name="Name">Binary package.</param>
/// <param name="Version">Version.</param>
/// <param name="Architecture">Architecture.</param>
/// <param name="SourceField">The <c>Source</c> field; null when there is none.</param>
/// <param name="Sha256">SHA-256 of the file, lower-case hex; null when the index has none.</param>
/// <param name="SizeBytes">Size of the file; 0 when the index has none.</param>
internal sealed record IndexEntry(string Name, string Version, string Architecture, string? SourceField, string? Sha256, long SizeBytes);

/// <summary>What concerns this machine in one index.</summary>
/// <param name="Entries">All versions of installed names.</param>
/// <param name="Sources">Sources of installed packages that the index has any binary of.</param>
internal sealed record IndexContent(IReadOnlyList<IndexEntry> Entries, IReadOnlyList<string> Sources);

/// <summary>What indexes are searched for.</summary>
/// <param name="Names">Installed binary packages.</param>
/// <param name="Sources">Their sources, as the <c>Source</c> field names them.</param>
internal sealed record Wanted(HashSet<string> Names, HashSet<string> Sources);
