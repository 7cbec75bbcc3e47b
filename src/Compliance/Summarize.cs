using Suture.Contracts.Api;
using Suture.Exposure.Findings;
using Suture.Inventory;

namespace Suture.Compliance;

/// <summary>What is looked at of one asset.</summary>
internal sealed record AssetInput
{
    public required AssetRecord Asset { get; init; }

    public AssetExposure? Exposure { get; init; }

    /// <summary>Its open episodes, counted by source and deadline rule; no order.</summary>
    public required IReadOnlyList<OpenCount> Open { get; init; }

    /// <summary>The policy's rule for each source; a source that is not in it is one of which no rule can be asked.</summary>
    public required IReadOnlyDictionary<string, string?> PolicyRules { get; init; }

    public required IReadOnlyList<UnknownItem> Unknown { get; init; }
}

/// <summary>Makes counts into compliance. Pure.</summary>
internal static class Summarize
{
    /// <summary>Worst first: what is overdue is so whatever else is unknown, and what is unknown is never compliant.</summary>
    internal static ComplianceStatus Status(int overdue, bool isUnknown) =>
        overdue > 0 ? ComplianceStatus.Overdue : isUnknown ? ComplianceStatus.Unknown : ComplianceStatus.Compliant;

    /// <summary>One asset, with a row for each rule that speaks of an open episode.</summary>
    internal static AssetCompliance OfAsset(AssetInput input)
    {
        var episodes = Add(input.Open);
        return new AssetCompliance
        {
            Asset = input.Asset.Id,
            Name = input.Asset.Name,
            Group = input.Asset.Group,
            Environment = input.Asset.Environment,
            Status = Status(episodes.Overdue, input.Unknown.Count > 0),
            Episodes = episodes,
            OpenFindings = input.Exposure?.Findings.Count ?? 0,
            Rules =
            [
                .. ByRule(input, RuleKind.Deadline, count => count.DeadlineRule),
                .. ByRule(input, RuleKind.Policy, count => input.PolicyRules.GetValueOrDefault(count.Source ?? "")),
            ],
            UnknownItems = input.Unknown.Count,
            Unknown = [.. input.Unknown.Take(ComplianceLimits.UnknownNamedMax)],
        };
    }

    /// <summary>The sum of counts; all zero when there is none.</summary>
    internal static EpisodeCounts Add(IReadOnlyCollection<OpenCount> counts) => new()
    {
        Open = counts.Sum(count => count.Open),
        Overdue = counts.Sum(count => count.Overdue),
        OverdueAssumed = counts.Sum(count => count.OverdueAssumed),
        Assumed = counts.Sum(count => count.Assumed),
        NextDue = counts.Min(count => count.NextDue),
    };

    /// <summary>The figures of remediation.</summary>
    /// <param name="rows">As the store ranked them.</param>
    /// <param name="start">Start of the window.</param>
    /// <param name="end">End of the window.</param>
    internal static RemediationFigures Remediated(IReadOnlyList<RemediatedRow> rows, DateTimeOffset start, DateTimeOffset end) => new()
    {
        StartUtc = start,
        EndUtc = end,
        Episodes = rows.Count == 0 ? 0 : rows[0].Many,
        DetectionToVerifiedP50Seconds = rows.Count == 0 ? null : Seconds(rows[0]),
        DetectionToVerifiedP90Seconds = rows.Count == 0 ? null : Seconds(rows[^1]),
    };

    private static IEnumerable<RuleCompliance> ByRule(AssetInput input, RuleKind kind, Func<OpenCount, string?> rule) =>
        input.Open.GroupBy(rule)
            .OrderBy(counts => counts.Key is null).ThenBy(counts => counts.Key, StringComparer.Ordinal)
            .Select(counts => (Rule: counts.Key, Episodes: Add([.. counts])))
            .Select(under => new RuleCompliance
            {
                Kind = kind,
                Rule = under.Rule,
                Status = Status(under.Episodes.Overdue, input.Unknown.Count > 0),
                Episodes = under.Episodes,
            });

    private static double Seconds(RemediatedRow row) => row.TookMicroseconds / 1e6;
}
