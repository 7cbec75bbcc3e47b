using Suture.Contracts.Api;
using Suture.Knowledge.Intelligence;

namespace Suture.Knowledge.Risk;

/// <summary>Ranks findings: learned likelihood, stated factors, hard deadlines (design decision 12).</summary>
public static class RiskEngine
{
    /// <summary>EPSS percentile from which a vulnerability is critical.</summary>
    public const double CriticalEpssPercentile = 0.95;

    /// <summary>CVSS base score from which a vulnerability is critical.</summary>
    public const double CriticalCvss = 9.0;

    /// <summary>Days of a deadline up to which a vulnerability is critical.</summary>
    public const int CriticalDays = 3;

    private const double HorizonDays = 30;

    /// <summary>The model in force.</summary>
    public static LikelihoodModel Model => StatedLikelihood.Instance;

    /// <summary>Ranks one finding by the model in force.</summary>
    /// <param name="vulnerability">What is known of the vulnerability; for an update of which no CVE is known one with null signals.</param>
    /// <param name="isUnrated">True for a security update of which no CVE is known: it names none, or is not read yet.</param>
    /// <param name="context">What is known of the asset.</param>
    /// <returns>Risk and deadline.</returns>
    public static Ranking Rank(Vulnerability vulnerability, bool isUnrated, RankContext context) => Rank(vulnerability, isUnrated, context, Model);

    /// <summary>Ranks one finding by a given model.</summary>
    /// <param name="vulnerability">What is known of the vulnerability; for an update of which no CVE is known one with null signals.</param>
    /// <param name="isUnrated">True for a security update of which no CVE is known: it names none, or is not read yet.</param>
    /// <param name="context">What is known of the asset.</param>
    /// <param name="model">The model.</param>
    /// <returns>Risk and deadline. No signal that grows stronger, and no factor that grows worse, lowers the risk.</returns>
    public static Ranking Rank(Vulnerability vulnerability, bool isUnrated, RankContext context, LikelihoodModel model)
    {
        ArgumentNullException.ThrowIfNull(vulnerability);
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(model);
        var reasons = model.Explain(vulnerability, isUnrated);
        var logOdds = LikelihoodModel.Sum(reasons);
        var factors = AssetFactors.Of(context);
        var perDay = RatePerDay(logOdds);
        foreach (var factor in factors)
        {
            perDay *= factor.Multiplier;
        }
        var deadline = isUnrated ? null : Deadlines.Bod2604(vulnerability, context);
        var risk = new RiskScore
        {
            PerDay = perDay,
            Likelihood = Logistic(logOdds),
            Reasons = reasons,
            Factors = factors,
            Model = model.Version,
            IsCritical = !isUnrated && IsCritical(vulnerability, deadline),
        };
        return new Ranking(risk, deadline);
    }

    /// <summary>Critical by the glossary's rule: in KEV, or a deadline of at most <see cref="CriticalDays"/> days, or EPSS percentile at least
    /// <see cref="CriticalEpssPercentile"/>, or CVSS at least <see cref="CriticalCvss"/>.</summary>
    /// <param name="vulnerability">What is known of it.</param>
    /// <param name="deadline">Its deadline; an assumed one counts too (<see cref="Deadline.IsAssumed"/> tells).</param>
    public static bool IsCritical(Vulnerability vulnerability, Deadline? deadline)
    {
        ArgumentNullException.ThrowIfNull(vulnerability);
        return vulnerability.Kev is not null
            || deadline?.Days <= CriticalDays
            || vulnerability.Epss?.Value.Percentile >= CriticalEpssPercentile
            || vulnerability.Cvss?.Value.Score >= CriticalCvss;
    }

    /// <summary>Risk of what one fix closes on one asset: 1 - prod(1 - p) over its vulnerabilities, as a rate a day (which is the sum of their rates).</summary>
    /// <param name="findings">Ranked findings that the fix closes; those not ranked are left out. A vulnerability that comes through several packages counts once, with its highest risk.</param>
    /// <returns>Combined risk; both 0 when there is none.</returns>
    public static CombinedRisk Combine(IEnumerable<Finding> findings)
    {
        ArgumentNullException.ThrowIfNull(findings);
        var highest = new Dictionary<string, (double PerDay, double Likelihood)>(StringComparer.Ordinal);
        foreach (var finding in findings)
        {
            if (finding.Risk is { } risk)
            {
                var other = highest.GetValueOrDefault(finding.Vulnerability);
                highest[finding.Vulnerability] = (Math.Max(other.PerDay, risk.PerDay), Math.Max(other.Likelihood, risk.Likelihood));
            }
        }
        var (perDay, none) = (0.0, 1.0);
        foreach (var (rate, likelihood) in highest.Values)
        {
            perDay += rate;
            none *= 1 - likelihood;
        }
        return new CombinedRisk(perDay, 1 - none);
    }

    /// <summary>Chance of given log-odds.</summary>
    /// <param name="logOdds">Finite.</param>
    public static double Logistic(double logOdds) => 1 / (1 + Math.Exp(-logOdds));

    // -ln(1 - p) / 30 with p = logistic(x) is ln(1 + e^x) / 30, which keeps its precision where p is next to 1 or 0.
    private static double RatePerDay(double logOdds) =>
        (logOdds > 30 ? logOdds : logOdds < -30 ? Math.Exp(logOdds) : Math.Log(1 + Math.Exp(logOdds))) / HorizonDays;
}

/// <summary>Risk of several vulnerabilities together.</summary>
/// <param name="PerDay">Expected harm a day, factors of the asset included; at least 0.</param>
/// <param name="Likelihood">Chance that at least one is exploited within 30 days, 0 to 1.</param>
public sealed record CombinedRisk(double PerDay, double Likelihood);
