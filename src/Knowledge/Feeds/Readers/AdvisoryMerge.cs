namespace Suture.Knowledge.Feeds.Readers;

/// <summary>Puts advisory lists together and derives the fix records.</summary>
internal static class AdvisoryMerge
{
    /// <summary>The content of one feed.</summary>
    /// <param name="feed">Debian's DSA or DLA.</param>
    /// <param name="lists">Lists of that feed's advisories; at least one advisory.</param>
    /// <remarks>Of two records of one advisory the one taken from the later list holds; of the same day the prepared one.
    /// An advisory that names no CVE gives unrated records: that an update is wanted is told, what a version below it is vulnerable to is not.</remarks>
    public static FixContent ToContent(string feed, IEnumerable<AdvisoryList> lists)
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
        return ToContent(feed, byId.Values.Max(held => held.Advisory.Published), byId.Count, [.. byId.Values.SelectMany(held => ToFixes(held.Advisory))]);
    }

    /// <summary>The content of one feed from derived tables.</summary>
    /// <param name="feed">Debian's DSA or DLA.</param>
    /// <param name="fixes">Rows of that feed; at least one.</param>
    public static FixContent ToContent(string feed, IReadOnlyList<FixRecord> fixes) =>
        ToContent(feed, fixes.Max(fix => fix.Published), fixes.Select(fix => fix.Record).Distinct(StringComparer.Ordinal).Count(), fixes);

    /// <summary>Refuses advisories that would make more fix records than is held.</summary>
    public static void RefuseTooMany(IEnumerable<Advisory> advisories)
    {
        var records = advisories.Sum(advisory => (long)Math.Max(advisory.Vulnerabilities.Count, 1) * advisory.Fixes.Count(fix => fix.FixedVersion is not null));
        if (records > FeedLimits.FixRecordsMax)
        {
            throw new FeedFaultException(null, $"its advisories make {records} fix records, at most {FeedLimits.FixRecordsMax} are held; check what was delivered");
        }
    }

    private static FixContent ToContent(string feed, DateOnly? date, int advisories, IReadOnlyList<FixRecord> fixes) => new()
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
