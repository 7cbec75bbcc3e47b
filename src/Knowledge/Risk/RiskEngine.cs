using Suture.Knowledge.Intelligence;

namespace Suture.Knowledge.Risk;

/// <summary>Ranks findings: learned likelihood, stated factors, hard deadlines (design decision 12).</summary>
public static class RiskEngine
{
    /// <summary>Ranks one finding.</summary>
    /// <param name="vulnerability">What is known of the vulnerability; for an unrated update one with null signals.</param>
    /// <param name="isUnrated">True for a security update that names no CVE.</param>
    /// <param name="context">What is known of the asset.</param>
    /// <returns>Risk and deadline.</returns>
    public static Ranking Rank(Vulnerability vulnerability, bool isUnrated, RankContext context) => throw new NotImplementedException();
}
