using Suture.Contracts.Api;
using Suture.Knowledge.Intelligence;

namespace Suture.Knowledge.Risk;

/// <summary>Chance that a vulnerability is exploited within 30 days, additive in log-odds. The seam behind which weights are exchanged.</summary>
public abstract class LikelihoodModel
{
    // Points are multiples of this power of two, so that sums of some dozen of them are exact in any order.
    private const double Grain = 1.0 / 1024;

    /// <summary>Version that stands with every score.</summary>
    public abstract string Version { get; }

    /// <summary>The parts of the log-odds.</summary>
    /// <param name="vulnerability">What is known of it.</param>
    /// <param name="isUnrated">True for a security update of which no CVE is known: it names none, or is not read yet.</param>
    /// <returns>At least the base rate; every part finite and made by <see cref="Exact"/>; largest effect first. A stronger signal never gives a smaller sum.</returns>
    public abstract IReadOnlyList<RiskReason> Explain(Vulnerability vulnerability, bool isUnrated);

    /// <summary>Sum of the parts. Exact, in any order.</summary>
    /// <param name="reasons">The parts.</param>
    public static double Sum(IReadOnlyList<RiskReason> reasons)
    {
        ArgumentNullException.ThrowIfNull(reasons);
        var sum = 0.0;
        foreach (var reason in reasons)
        {
            sum += reason.Points;
        }
        return sum;
    }

    /// <summary>Rounds points to the grain on which they sum exactly (1/1024). Monotone.</summary>
    /// <param name="points">Points; finite, at most 1,000,000 in size.</param>
    protected static double Exact(double points) => Math.Round(points / Grain) * Grain;
}
