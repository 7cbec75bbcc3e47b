using Suture.Contracts.Api;

namespace Suture.Exposure.Ranking;

/// <summary>Order of findings: highest risk first, then vulnerability, package, architecture by code point.</summary>
internal sealed class FindingOrder : IComparer<Finding>
{
    internal static FindingOrder ByRisk { get; } = new();

    public int Compare(Finding? left, Finding? right)
    {
        if (left is null || right is null)
        {
            return (left is null ? 0 : 1) - (right is null ? 0 : 1);
        }
        var byRisk = (right.Risk?.PerDay ?? 0).CompareTo(left.Risk?.PerDay ?? 0);
        if (byRisk != 0)
        {
            return byRisk;
        }
        var byVulnerability = string.CompareOrdinal(left.Vulnerability, right.Vulnerability);
        if (byVulnerability != 0)
        {
            return byVulnerability;
        }
        var byPackage = string.CompareOrdinal(left.Package, right.Package);
        return byPackage != 0 ? byPackage : string.CompareOrdinal(left.Architecture, right.Architecture);
    }
}
