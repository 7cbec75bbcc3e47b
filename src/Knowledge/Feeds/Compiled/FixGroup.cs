using Suture.Knowledge.Versions;

namespace Suture.Knowledge.Feeds.Compiled;

/// <summary>Fixes of one source in one release: by version ascending, then vulnerability.</summary>
internal sealed record FixGroup(string Release, string Source, IReadOnlyList<SourceFix> Fixes)
{
    /// <summary>Puts all records of one source in one release together.</summary>
    public static FixGroup Of(string release, string source, IEnumerable<FixRecord> records)
    {
        var fixes = records.GroupBy(record => record.Vulnerability, StringComparer.Ordinal).Select(ToFix).ToList();
        fixes.Sort((left, right) =>
        {
            var order = DebianVersion.Compare(left.FixedVersion, right.FixedVersion);
            return order != 0 ? order : string.CompareOrdinal(left.Vulnerability, right.Vulnerability);
        });
        return new FixGroup(release, source, fixes);
    }

    private static SourceFix ToFix(IGrouping<string, FixRecord> records)
    {
        var ordered = records.Distinct().ToList();
        ordered.Sort(CompareRecords);
        return new SourceFix(records.Key, ordered[0].FixedVersion, ordered);
    }

    // Highest version first, then the newest record; the rest only makes the order the same every time.
    private static int CompareRecords(FixRecord left, FixRecord right)
    {
        var order = DebianVersion.Compare(right.FixedVersion, left.FixedVersion);
        order = order != 0 ? order : (right.Published ?? DateOnly.MinValue).CompareTo(left.Published ?? DateOnly.MinValue);
        order = order != 0 ? order : string.CompareOrdinal(left.Record, right.Record);
        order = order != 0 ? order : string.CompareOrdinal(left.Feed, right.Feed);
        return order != 0 ? order : string.CompareOrdinal(left.FixedVersion, right.FixedVersion);
    }
}
