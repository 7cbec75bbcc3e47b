using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Suture.Contracts.Api;
using Suture.Exposure.Findings;
using Suture.Exposure.Fixes;
using Suture.Exposure.Ranking;
using Suture.Knowledge.Versions;

namespace Suture.Exposure.Api;

/// <summary>Which findings are asked for; null does not filter.</summary>
internal sealed record FindingFilter
{
    public Guid? Asset { get; init; }

    public FindingStatus? Status { get; init; }

    public string? Vulnerability { get; init; }

    public string? Package { get; init; }

    /// <summary>The package as a URL; what it leaves open (version, architecture, release) is not asked.</summary>
    public Purl? Purl { get; init; }

    public string? Source { get; init; }

    public string? Environment { get; init; }

    public bool? Kev { get; init; }

    public bool? Critical { get; init; }

    internal bool Takes(AssetExposure exposure) =>
        (Asset is null || exposure.AssetId == Asset) && (Environment is null || exposure.Asset.Environment == Environment);

    internal bool Takes(Finding finding) =>
        (Status is null || finding.Status == Status)
        && (Vulnerability is null || finding.Vulnerability == Vulnerability)
        && (Package is null || finding.Package == Package)
        && (Purl is null || IsAsked(finding))
        && (Source is null || finding.Source == Source)
        && (Kev is null || FixGroups.InKevList(finding) == Kev)
        && (Critical is null || (finding.Risk?.IsCritical == true) == Critical);

    private bool IsAsked(Finding finding) =>
        finding.Purl is { } text && Purl.TryParse(text, out var purl, out _)
        && (Purl! with { Version = Purl.Version ?? purl.Version, Architecture = Purl.Architecture ?? purl.Architecture, Distribution = Purl.Distribution ?? purl.Distribution }) == purl;
}

/// <summary>Cuts pages out of ranked findings. Pure.</summary>
internal static class FindingsPage
{
    private const char Separator = '\u001f';

    /// <summary>A page: highest risk first, then vulnerability, package, architecture, asset.</summary>
    /// <param name="exposures">Assets in the caller's scope.</param>
    /// <param name="filter">Which findings.</param>
    /// <param name="after">Place as the page before gave it; null for the first.</param>
    /// <param name="limit">Rows at most.</param>
    internal static Page<Finding> Cut(IEnumerable<AssetExposure> exposures, FindingFilter filter, FindingsPage.FindingPlace? after, int limit)
    {
        var total = 0;
        // Keeps the best limit + 1 rows while it goes through all: the head of the queue is the worst kept.
        var kept = new PriorityQueue<Finding, Finding>(Comparer<Finding>.Create((left, right) => ByRiskThenAsset(right, left)));
        foreach (var exposure in exposures.Where(filter.Takes))
        {
            foreach (var finding in exposure.Findings.Where(filter.Takes))
            {
                total++;
                var row = finding with { Asset = exposure.AssetId, AssetName = exposure.Asset.Name };
                if (after?.Precedes(row) == false)
                {
                    continue;
                }
                kept.Enqueue(row, row);
                if (kept.Count > limit + 1)
                {
                    kept.Dequeue();
                }
            }
        }
        var rows = new List<Finding>(kept.Count);
        while (kept.TryDequeue(out var row, out _))
        {
            rows.Add(row);
        }
        rows.Reverse();
        var isLast = rows.Count <= limit;
        var items = isLast ? rows : rows.GetRange(0, limit);
        return new Page<Finding> { Items = items, Next = isLast ? null : FindingPlace.Of(items[^1]).ToString(), Total = total };
    }

    private static int ByRiskThenAsset(Finding left, Finding right) =>
        FindingOrder.ByRisk.Compare(left, right) is var order && order != 0 ? order : left.Asset!.Value.CompareTo(right.Asset!.Value);

    /// <summary>The place of a row in the order.</summary>
    internal sealed record FindingPlace(double Risk, string Vulnerability, string Package, string Architecture, Guid Asset)
    {
        internal static FindingPlace Of(Finding row) => new(row.Risk?.PerDay ?? 0, row.Vulnerability, row.Package, row.Architecture, row.Asset!.Value);

        internal bool Precedes(Finding row)
        {
            var order = (row.Risk?.PerDay ?? 0).CompareTo(Risk);
            order = order != 0 ? order : string.CompareOrdinal(Vulnerability, row.Vulnerability);
            order = order != 0 ? order : string.CompareOrdinal(Package, row.Package);
            order = order != 0 ? order : string.CompareOrdinal(Architecture, row.Architecture);
            return (order != 0 ? order : Asset.CompareTo(row.Asset!.Value)) < 0;
        }

        public override string ToString() => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Join(
            Separator, Risk.ToString("R", CultureInfo.InvariantCulture), Vulnerability, Package, Architecture, Asset.ToString("N"))));

        internal static FindingPlace? TryParse(string text)
        {
            if (!Base64Url.IsValid(text, out _))
            {
                return null;
            }
            var parts = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)).Split(Separator);
            return parts.Length == 5 && double.TryParse(parts[0], NumberStyles.Float, CultureInfo.InvariantCulture, out var risk) && Guid.TryParseExact(parts[4], "N", out var asset)
                ? new FindingPlace(risk, parts[1], parts[2], parts[3], asset)
                : null;
        }
    }
}
