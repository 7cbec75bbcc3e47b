namespace Suture.Knowledge.Feeds.Readers;

/// <summary>Puts advisory lists together and derives the fix records.</summary>
internal static class AdvisoryMerge
{
    /// <summary>One content for DSA and one for DLA, as far as there are advisories of each.</summary>
    /// <remarks>Of two records of one advisory the one taken from the later list holds; of the same day the prepared one.
    /// An advisory that names no CVE gives unrated records: that an update is wanted is told, what a version below it is vulnerable to is not.</remarks>
    public static IReadOnlyList<FixContent> ToContents(IEnumerable<AdvisoryList> lists)
    {
        var byId = new Dictionary<string, (Advisory Advisory, bool IsPrepared)>(StringComparer.Ordinal);
        foreach (var list in lists)
        {
            foreach (var advisory in list.Advisories)
            {
                if (!byId.TryGetValue(advisory.Id, out var held) || advisory.AsOf > held.Advisory.AsOf
                    || (advisory.AsOf == held.Advisory.AsOf && list.IsPrepared && !held.IsPrepared))
                {
                    byId[advisory.Id] = (advisory, list.IsPrepared);
                }
            }
        }
        return [.. byId.Values.Select(v => v.Advisory).GroupBy(a => FeedNames.OfAdvisory(a.Id), StringComparer.Ordinal).Select(ToContent)];
    }

    /// <summary>Contents of fix records that were read from derived tables.</summary>
    public static IReadOnlyList<FixContent> ToContents(IEnumerable<FixRecord> fixes) =>
        [.. fixes.GroupBy(f => f.Feed, StringComparer.Ordinal).Select(feed => Make(
            feed.Key, feed.Max(f => f.Published), feed.Select(f => f.Record).Distinct(StringComparer.Ordinal).Count(), [.. feed]))];

    private static FixContent ToContent(IGrouping<string, Advisory> feed)
    {
        var fixes = feed.SelectMany(ToFixes).Take(FeedLimits.FixRecordsMax + 1).ToList();
        return fixes.Count <= FeedLimits.FixRecordsMax
            ? Make(feed.Key, feed.Max(a => a.Published), feed.Count(), fixes)
            : throw new FeedFaultException(null, $"the advisories hold more than {FeedLimits.FixRecordsMax} fixes; check what was delivered");
    }

    private static FixContent Make(string feed, DateOnly? date, int advisories, IReadOnlyList<FixRecord> fixes) => new()
    {
        Feed = feed, ContentDate = date, Advisories = advisories, Fixes = fixes,
        Releases = fixes.Select(f => f.Release).ToHashSet(StringComparer.Ordinal),
    };

    private static IEnumerable<FixRecord> ToFixes(Advisory advisory) =>
        from fix in advisory.Fixes
        where fix.FixedVersion is not null
        from vulnerability in advisory.Vulnerabilities.DefaultIfEmpty(FixRecord.UnratedId(fix.Source, fix.FixedVersion!))
        select new FixRecord(fix.Release, fix.Source, vulnerability, fix.FixedVersion!, advisory.Id, advisory.Published, FeedNames.OfAdvisory(advisory.Id));
}
