using Suture.Knowledge.Feeds;

namespace Suture.Advisories;

/// <summary>What was read from the distribution's archive, as one feed. Pure.</summary>
internal static class ArchiveContent
{
    /// <summary>The feed of all suites that were read.</summary>
    /// <param name="states">States of feeds; suites among them.</param>
    /// <param name="fixes">Records of the archive in force.</param>
    /// <returns>Null before any suite was read.</returns>
    internal static FixContent? Of(IReadOnlyList<FeedState> states, IReadOnlyList<FixRecord> fixes)
    {
        var suites = states.Where(state => state.SignedUtc is not null).ToList();
        return suites.Count == 0 ? null : new FixContent
        {
            Feed = FeedNames.DebianArchive,
            // As old as the oldest suite in it.
            ContentDate = DateOnly.FromDateTime(suites.Min(state => state.SignedUtc)!.Value.UtcDateTime),
            Releases = [.. suites.Select(state => ReleaseOf(state.Name)).Distinct()],
            Fixes = fixes,
            Advisories = fixes.Select(fix => fix.Record).Distinct(StringComparer.Ordinal).Count(),
        };
    }

    private static string ReleaseOf(string feed) => feed[(FeedNames.DebianArchive.Length + 1)..].Replace("-security", "", StringComparison.Ordinal);
}
