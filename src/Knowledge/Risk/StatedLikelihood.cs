using System.Globalization;
using Suture.Contracts.Api;
using Suture.Knowledge.Intelligence;

namespace Suture.Knowledge.Risk;

/// <summary>The first model: weights that are stated, not trained.</summary>
/// <remarks>Basis of the weights.
/// Base rate: mean of EPSS over all 360,142 CVEs scored on 2026-08-16 (0.028): what is expected of a CVE of which nothing is known.
/// EPSS percentile: log-odds of the score published at that percentile that day, less the base rate, so that a CVE with nothing but EPSS gets
/// about its published chance; by percentile, because thresholds do not carry over between model versions. Held flat beyond 0.999.
/// KEV and SSVC active: exploitation has been seen; stated so that such a CVE of middling EPSS comes near even odds. Ransomware use, exploit
/// code and proofs of concept: smaller, since EPSS sees most of them too. CVSS: smallest, it says little on whether somebody attacks.</remarks>
internal sealed class StatedLikelihood : LikelihoodModel
{
    private const double BaseRate = -3.54;
    private const double KevPoints = 3.5;
    private const double RansomwarePoints = 0.5;
    private const double SsvcActivePoints = 2.0;
    private const double SsvcPocPoints = 0.3;
    private const double SsvcNonePoints = -0.2;
    private const double CvssPointsEach = 0.1;
    private const double CvssNeutral = 7.0;

    // Percentile, and the log-odds of the EPSS published there.
    private static readonly (double Percentile, double LogOdds)[] epssCurve =
    [
        (0, -7.66), (0.01, -6.91), (0.05, -6.48), (0.10, -6.22), (0.25, -5.74), (0.50, -4.96), (0.75, -4.07), (0.80, -3.85),
        (0.90, -3.14), (0.95, -2.26), (0.97, -1.48), (0.99, 0.31), (0.995, 1.18), (0.999, 3.75),
    ];

    public static StatedLikelihood Instance { get; } = new();

    public override string Version => "stated-1";

    public override IReadOnlyList<RiskReason> Explain(Vulnerability vulnerability, bool isUnrated)
    {
        var reasons = new List<RiskReason>(8) { BaseReason(isUnrated) };
        if (!isUnrated)
        {
            AddKev(reasons, vulnerability.Kev);
            AddEpss(reasons, vulnerability.Epss);
            AddCvss(reasons, vulnerability.Cvss);
            AddSsvc(reasons, vulnerability.Ssvc);
            AddExploits(reasons, vulnerability.Exploits);
        }
        reasons.Sort(CompareReasons);
        return reasons;
    }

    private static RiskReason BaseReason(bool isUnrated) => new()
    {
        Signal = "base-rate",
        Text = isUnrated ? "Security update of which no CVE is known: base rate of all CVEs, no signal yet" : "Base rate of all CVEs",
        Points = Exact(BaseRate),
    };

    private static void AddKev(List<RiskReason> reasons, Signal<KevEntry>? kev)
    {
        if (kev is null)
        {
            return;
        }
        Add(reasons, "kev", string.Create(CultureInfo.InvariantCulture, $"in KEV since {kev.Value.Added:yyyy-MM-dd} (known to be exploited)"), KevPoints, kev);
        if (kev.Value.UsedByRansomware)
        {
            Add(reasons, "ransomware", "used in ransomware campaigns (KEV)", RansomwarePoints, kev);
        }
    }

    private static void AddEpss(List<RiskReason> reasons, Signal<EpssScore>? epss)
    {
        if (epss is null || !double.IsFinite(epss.Value.Percentile))
        {
            return;
        }
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"EPSS {Ordinal(epss.Value.Percentile)} percentile ({epss.Value.Percentile:0.####}, score {epss.Value.Probability:0.#####}, model {epss.Value.ModelVersion})");
        Add(reasons, "epss-percentile", text, EpssLogOdds(epss.Value.Percentile) - BaseRate, epss);
    }

    // Rounded down, the 99.9th is not the 100th; but 0.29 times 100 is the 29th, although binary fractions fall short of it.
    private static string Ordinal(double percentile)
    {
        var whole = (int)Math.Floor(percentile * 100 + 1e-9);
        var ending = (whole % 100) is >= 11 and <= 13 ? "th" : (whole % 10) switch { 1 => "st", 2 => "nd", 3 => "rd", _ => "th" };
        return string.Create(CultureInfo.InvariantCulture, $"{whole}{ending}");
    }

    private static double EpssLogOdds(double percentile)
    {
        for (var i = 1; i < epssCurve.Length; i++)
        {
            var (from, to) = (epssCurve[i - 1], epssCurve[i]);
            if (percentile < to.Percentile)
            {
                var part = Math.Max(0, (percentile - from.Percentile) / (to.Percentile - from.Percentile));
                return from.LogOdds + part * (to.LogOdds - from.LogOdds);
            }
        }
        return epssCurve[^1].LogOdds;
    }

    private static void AddCvss(List<RiskReason> reasons, Signal<CvssScore>? cvss)
    {
        if (cvss is null || !double.IsFinite(cvss.Value.Score))
        {
            return;
        }
        var version = cvss.Value.Version is { } stated ? $" {stated}" : "";
        var text = string.Create(CultureInfo.InvariantCulture, $"CVSS{version} base score {cvss.Value.Score:0.0}");
        Add(reasons, "cvss", text, CvssPointsEach * (Math.Clamp(cvss.Value.Score, 0, 10) - CvssNeutral), cvss);
    }

    private static void AddSsvc(List<RiskReason> reasons, Signal<SsvcPoints>? ssvc)
    {
        double? points = ssvc?.Value.Exploitation switch
        {
            { } stated when stated.Equals("active", StringComparison.OrdinalIgnoreCase) => SsvcActivePoints,
            { } stated when stated.Equals("poc", StringComparison.OrdinalIgnoreCase) => SsvcPocPoints,
            { } stated when stated.Equals("none", StringComparison.OrdinalIgnoreCase) => SsvcNonePoints,
            _ => null,
        };
        if (points is { } known)
        {
            Add(reasons, "ssvc-exploitation", $"SSVC exploitation: {ssvc!.Value.Exploitation!.ToLowerInvariant()}", known, ssvc);
        }
    }

    // Each kind counts once, by the first that names it: a hundred mentions are still mentions.
    private static void AddExploits(List<RiskReason> reasons, IReadOnlyList<Signal<ExploitEvidence>> exploits)
    {
        var seen = 0;
        foreach (var exploit in exploits)
        {
            var (name, what, points) = exploit.Value.Kind switch
            {
                ExploitKind.Framework => ("exploit-framework", "an exploit framework has a module", 1.0),
                ExploitKind.Template => ("exploit-template", "a detection or exploit template exists", 0.7),
                _ => ("exploit-mention", "public repositories mention exploit code", 0.2),
            };
            if ((seen & (1 << (int)exploit.Value.Kind)) != 0)
            {
                continue;
            }
            seen |= 1 << (int)exploit.Value.Kind;
            var since = exploit.Value.FirstSeen is { } first ? string.Create(CultureInfo.InvariantCulture, $", first seen {first:yyyy-MM-dd}") : "";
            Add(reasons, name, string.Create(CultureInfo.InvariantCulture, $"{what} ({exploit.Value.Count}{since})"), points, exploit);
        }
    }

    private static void Add<T>(List<RiskReason> reasons, string signal, string text, double points, Signal<T> from) =>
        reasons.Add(new RiskReason { Signal = signal, Text = text, Points = Exact(points), Source = from.Source, Date = from.Date, FeedDate = from.FeedDate });

    private static int CompareReasons(RiskReason left, RiskReason right)
    {
        var order = Math.Abs(right.Points).CompareTo(Math.Abs(left.Points));
        return order != 0 ? order : string.CompareOrdinal(left.Signal, right.Signal);
    }
}
