using System.Globalization;
using System.Runtime.InteropServices;
using Suture.Contracts.Api;
using Suture.Knowledge.Feeds;
using Suture.Knowledge.Versions;

namespace Suture.Knowledge.Matching;

/// <summary>A fix that a source version does not have, with what shows it.</summary>
internal readonly record struct JudgedFix(SourceFix Fix, IReadOnlyList<FindingEvidence> Evidence);

/// <summary>Fixes by source, each source looked up once; packages of one source at one version share their evidence.</summary>
internal sealed class FixLookup
{
    private readonly string? release;
    private readonly FeedSnapshot feeds;
    private readonly Dictionary<string, SourceJudgement> sources = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateOnly?> feedDates = new(StringComparer.Ordinal);

    public FixLookup(string? release, FeedSnapshot feeds)
    {
        this.release = release;
        this.feeds = feeds;
        IsCovered = release is not null && feeds.Covers(release);
        foreach (var feed in feeds.Feeds)
        {
            feedDates[feed.Feed] = feed.ContentDate;
        }
    }

    public bool IsCovered { get; }

    /// <summary>Fixes that a version does not have: a suffix of the source's fixes, which are in version order.</summary>
    public JudgedFix[] Above(string source, string version)
    {
        if (!IsCovered)
        {
            return [];
        }
        ref var judgement = ref CollectionsMarshal.GetValueRefOrAddDefault(sources, source, out var known);
        if (!known)
        {
            judgement.Fixes = feeds.FixesOf(release!, source);
        }
        if (judgement.Fixes.Count == 0)
        {
            return [];
        }
        if (judgement.Above is null || judgement.Version != version)
        {
            judgement.Version = version;
            judgement.Above = Judge(source, version, judgement.Fixes);
        }
        return judgement.Above;
    }

    /// <summary>True when some fix of the source is at or above the version.</summary>
    public bool Reaches(string source, string version)
    {
        var fixes = FixesOf(source);
        return fixes.Count > 0 && DebianVersion.Compare(fixes[^1].FixedVersion, version) >= 0;
    }

    /// <summary>The fix of one vulnerability in one source; null when no feed states it.</summary>
    public SourceFix? Find(string source, string vulnerability)
    {
        foreach (var fix in FixesOf(source))
        {
            if (fix.Vulnerability == vulnerability)
            {
                return fix;
            }
        }
        return null;
    }

    /// <summary>What shows a judgement: the deciding record first, each with the comparison in words.</summary>
    public FindingEvidence[] EvidenceOf(string source, string version, SourceFix fix, string comparison)
    {
        var evidence = new FindingEvidence[fix.Records.Count];
        for (var i = 0; i < evidence.Length; i++)
        {
            var record = fix.Records[i];
            evidence[i] = new FindingEvidence
            {
                Feed = record.Feed,
                FeedDate = feedDates.GetValueOrDefault(record.Feed),
                Record = record.Record,
                Published = record.Published,
                Rule = string.Create(CultureInfo.InvariantCulture, $"{source} {version} {comparison} {record.FixedVersion} ({release})"),
            };
        }
        return evidence;
    }

    private IReadOnlyList<SourceFix> FixesOf(string source)
    {
        if (!IsCovered)
        {
            return [];
        }
        ref var judgement = ref CollectionsMarshal.GetValueRefOrAddDefault(sources, source, out var known);
        if (!known)
        {
            judgement.Fixes = feeds.FixesOf(release!, source);
        }
        return judgement.Fixes;
    }

    private JudgedFix[] Judge(string source, string version, IReadOnlyList<SourceFix> fixes)
    {
        var (low, high) = (0, fixes.Count);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (DebianVersion.Compare(version, fixes[middle].FixedVersion) < 0)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }
        var above = new JudgedFix[fixes.Count - low];
        for (var i = 0; i < above.Length; i++)
        {
            above[i] = new JudgedFix(fixes[low + i], EvidenceOf(source, version, fixes[low + i], "<"));
        }
        return above;
    }

    private struct SourceJudgement
    {
        public IReadOnlyList<SourceFix> Fixes;
        public string Version;
        public JudgedFix[]? Above;
    }
}
