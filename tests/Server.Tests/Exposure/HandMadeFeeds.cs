using System.Security.Cryptography;
using System.Text;
using Suture.Contracts.Api;
using Suture.Knowledge.Feeds;
using Suture.Knowledge.Intelligence;
using Suture.Knowledge.Versions;

namespace Suture.Server.Tests.Exposure;

/// <summary>Feeds of a few records, written out in the test.</summary>
internal sealed class HandMadeFeeds : FeedSnapshot
{
    private readonly List<FixRecord> _fixes = [];
    private readonly Dictionary<string, Vulnerability> _known = [];
    private readonly HashSet<string> _covered = ["bookworm", "trixie"];
    private DateOnly _date = new(2026, 8, 1);

    public override string Digest => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        string.Join('\n', _fixes.Select(fix => fix.ToString()).Concat(_known.Values.Select(known => known.ToString())).Concat(_covered).Append(_date.ToString("O", null))))));

    public override IReadOnlyList<FeedAge> Feeds => [new FeedAge { Feed = FeedNames.DebianDsa, ContentDate = _date, Records = _fixes.Count }];

    internal HandMadeFeeds Fix(string source, string vulnerability, string version, string release = "bookworm", string record = "DSA-1-1")
    {
        _fixes.Add(new FixRecord(release, source, vulnerability, version, record, new DateOnly(2026, 7, 1), FeedNames.DebianDsa));
        return this;
    }

    internal HandMadeFeeds Unread(string source, string version, string because)
    {
        _fixes.Add(FixRecord.Unread("bookworm", source, version, because));
        return this;
    }

    internal HandMadeFeeds Described(string vulnerability, string description)
    {
        _known[vulnerability] = new Vulnerability { Id = vulnerability, KevKnown = true, Description = description };
        return this;
    }

    internal HandMadeFeeds Kev(string vulnerability, DateOnly? due = null)
    {
        _known[vulnerability] = new Vulnerability
        {
            Id = vulnerability,
            KevKnown = true,
            Kev = new Signal<KevEntry>(new KevEntry(new DateOnly(2026, 8, 2), due, false, "Test"), FeedNames.CisaKev, new DateOnly(2026, 8, 2)) { FeedDate = new DateOnly(2026, 8, 20) },
        };
        return this;
    }

    internal HandMadeFeeds Epss(string vulnerability, double probability, double percentile)
    {
        _known[vulnerability] = new Vulnerability
        {
            Id = vulnerability,
            KevKnown = true,
            Epss = new Signal<EpssScore>(new EpssScore(probability, percentile, "v4"), FeedNames.FirstEpss, new DateOnly(2026, 8, 1)) { FeedDate = new DateOnly(2026, 8, 1) },
        };
        return this;
    }

    internal HandMadeFeeds WithoutCoverage()
    {
        _covered.Clear();
        return this;
    }

    internal HandMadeFeeds Dated(DateOnly date)
    {
        _date = date;
        return this;
    }

    public override IReadOnlyList<string> Releases => [.. _covered.Order(StringComparer.Ordinal)];

    public override bool Covers(string release) => _covered.Contains(release);

    public override IReadOnlyList<SourceFix> FixesOf(string release, string source) =>
        [.. _fixes.Where(fix => fix.Release == release && fix.Source == source).GroupBy(fix => fix.Vulnerability).Select(ToSourceFix)
            .Order(Comparer<SourceFix>.Create((left, right) => DebianVersion.Compare(left.FixedVersion, right.FixedVersion) is var order && order != 0
                ? order
                : string.CompareOrdinal(left.Vulnerability, right.Vulnerability)))];

    public override IReadOnlyList<string> SourcesOf(string release) =>
        [.. _fixes.Where(fix => fix.Release == release).Select(fix => fix.Source).Distinct().Order(StringComparer.Ordinal)];

    public override Vulnerability Find(string vulnerability) => _known.GetValueOrDefault(vulnerability) ?? new Vulnerability { Id = vulnerability, KevKnown = true };

    private static SourceFix ToSourceFix(IGrouping<string, FixRecord> records)
    {
        var ordered = records.Order(Comparer<FixRecord>.Create((left, right) => DebianVersion.Compare(right.FixedVersion, left.FixedVersion))).ToList();
        return new SourceFix(records.Key, ordered[0].FixedVersion, ordered);
    }
}
