using Suture.Knowledge.Feeds;

namespace Suture.Advisories.Archive;

/// <summary>What is known of the changelog of a source at the suite's version.</summary>
/// <param name="Entries">Entries newer than the oldest installed version, the suite's own version first among them; null while it is not read.</param>
/// <param name="NotRead">Why it is not read, as it follows "because"; null when it is.</param>
/// <param name="TriedUtc">When it was last sought.</param>
internal sealed record KnownChangelog(IReadOnlyList<ChangelogEntry>? Entries, string? NotRead, DateTimeOffset TriedUtc);
