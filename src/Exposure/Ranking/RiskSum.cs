using Suture.Contracts.Api;

namespace Suture.Exposure.Ranking;

/// <summary>Risk of several findings together.</summary>
internal static class RiskSum
{
    /// <summary>Risk per day of findings on one asset; each vulnerability counts once, by its riskiest package.</summary>
    internal static double Of(IEnumerable<Finding> findings) =>
        findings.GroupBy(finding => finding.Vulnerability).Sum(group => group.Max(finding => finding.Risk?.PerDay ?? 0));
}
