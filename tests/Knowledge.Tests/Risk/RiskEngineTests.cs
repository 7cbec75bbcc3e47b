using CsCheck;
using Suture.Contracts.Api;
using Suture.Knowledge.Intelligence;
using Suture.Knowledge.Risk;

namespace Suture.Knowledge.Tests.Risk;

public class RiskEngineTests
{
    private static readonly DateOnly today = new(2026, 9, 1);
    private static readonly RankContext unknownAsset = new() { AsOf = today };

    private static readonly Gen<double> unit = Gen.Double[0, 1];

    private static readonly Gen<Vulnerability> anyVulnerability = Gen.Select(
        Gen.Bool, Gen.Bool, unit.Nullable(), Gen.Double[0, 10].Nullable(), Gen.OneOf<string?>(null, "none", "poc", "active", "Active"), Gen.Int[1, 3].List[0, 4],
        (isKev, isRansomware, percentile, cvss, exploitation, exploits) => new Vulnerability
        {
            Id = "CVE-2026-1",
            KevKnown = true,
            Kev = isKev ? Kev(isRansomware) : null,
            Epss = percentile is { } p ? Epss(p) : null,
            Cvss = cvss is { } score ? Cvss(score) : null,
            Ssvc = new Signal<SsvcPoints>(new SsvcPoints(exploitation, null, null), "cve-records", null),
            Exploits = [.. exploits.Select(kind => Exploit((ExploitKind)kind))],
        });

    private static readonly Gen<RankContext> anyContext = Gen.Select(
        Gen.OneOf<string?>(null, "production", "staging", "test", "kiosk"), Gen.Int[1, 5].Nullable(), Gen.Int[1, 5].Nullable(), Gen.Bool.Nullable(), Gen.Bool.Nullable(), Gen.Bool.Nullable(),
        (environment, criticality, sensitivity, isInternetFacing, isListening, isInUse) => new RankContext
        {
            AsOf = today,
            Environment = environment,
            Criticality = criticality,
            Sensitivity = sensitivity,
            IsInternetFacing = isInternetFacing,
            IsListening = isListening,
            IsInUse = isInUse,
        });

    [Fact]
    public void Rank_Reasons_SumExactlyInAnyOrder() => Gen.Select(anyVulnerability, Gen.Bool).Sample((vulnerability, isUnrated) =>
    {
        var risk = RiskEngine.Rank(vulnerability, isUnrated, unknownAsset).Risk;
        var forwards = risk.Reasons.Sum(reason => reason.Points);
        var backwards = risk.Reasons.Reverse().Sum(reason => reason.Points);
        return forwards == backwards && risk.Likelihood == RiskEngine.Logistic(forwards) && risk.Likelihood is > 0 and < 1;
    }, iter: 2_000);

    [Fact]
    public void Rank_Factors_TimesDailyRateArePerDay() => Gen.Select(anyVulnerability, anyContext).Sample((vulnerability, context) =>
    {
        var risk = RiskEngine.Rank(vulnerability, false, context).Risk;
        var expected = -Math.Log(1 - risk.Likelihood) / 30 * risk.Factors.Aggregate(1.0, (product, factor) => product * factor.Multiplier);
        return risk.Factors.Count == 6 && Math.Abs(risk.PerDay - expected) <= 1e-9 * expected;
    });

    [Fact]
    public void Rank_HigherEpss_NeverLowers() => Gen.Select(anyVulnerability, unit, unit).Sample((vulnerability, first, second) =>
        PerDay(vulnerability with { Epss = Epss(Math.Min(first, second)) }) <= PerDay(vulnerability with { Epss = Epss(Math.Max(first, second)) }), iter: 20_000);

    [Fact]
    public void Rank_HigherCvss_NeverLowers() => Gen.Select(anyVulnerability, Gen.Double[0, 10], Gen.Double[0, 10]).Sample((vulnerability, first, second) =>
        PerDay(vulnerability with { Cvss = Cvss(Math.Min(first, second)) }) <= PerDay(vulnerability with { Cvss = Cvss(Math.Max(first, second)) }), iter: 2_000);

    [Fact]
    public void Rank_KevRansomwareExploitOrExploitation_NeverLowers() => Gen.Select(anyVulnerability, Gen.Int[1, 3]).Sample((vulnerability, kind) =>
    {
        var listed = vulnerability with { Kev = Kev(false) };
        var ssvc = vulnerability.Ssvc!;
        return PerDay(vulnerability with { Kev = null }) < PerDay(listed)
            && PerDay(listed) < PerDay(vulnerability with { Kev = Kev(true) })
            && PerDay(vulnerability) <= PerDay(vulnerability with { Exploits = [.. vulnerability.Exploits, Exploit((ExploitKind)kind)] })
            && PerDay(vulnerability with { Ssvc = ssvc with { Value = new SsvcPoints("none", null, null) } }) < PerDay(vulnerability with { Ssvc = ssvc with { Value = new SsvcPoints("poc", null, null) } })
            && PerDay(vulnerability) <= PerDay(vulnerability with { Ssvc = ssvc with { Value = new SsvcPoints("active", null, null) } });
    }, iter: 2_000);

    [Fact]
    public void Rank_WorseAsset_NeverLowers() => Gen.Select(anyVulnerability, anyContext, Gen.Int[1, 4]).Sample((vulnerability, context, level) =>
    {
        double Of(RankContext changed) => RiskEngine.Rank(vulnerability, false, changed).Risk.PerDay;
        return Of(context with { Criticality = level }) < Of(context with { Criticality = level + 1 })
            && Of(context with { Sensitivity = level }) < Of(context with { Sensitivity = level + 1 })
            && Of(context with { IsInternetFacing = false }) < Of(context with { IsInternetFacing = true })
            && Of(context with { IsListening = false }) < Of(context with { IsListening = true })
            && Of(context with { IsInUse = false }) < Of(context with { IsInUse = true })
            && Of(context with { Environment = "staging" }) < Of(context with { Environment = "production" });
    }, iter: 2_000);

    [Fact]
    public void Rank_UnknownFacts_TakeTheWorseAndSaySo()
    {
        var worst = unknownAsset with { Environment = "production", Criticality = 3, Sensitivity = 3, IsInternetFacing = true, IsInUse = true, IsListening = true };

        var unknown = RiskEngine.Rank(new Vulnerability { Id = "CVE-2026-1" }, false, unknownAsset).Risk;
        var known = RiskEngine.Rank(new Vulnerability { Id = "CVE-2026-1" }, false, worst).Risk;

        Assert.Equal(known.PerDay, unknown.PerDay);
        Assert.All(unknown.Factors, factor => Assert.True(factor.IsAssumed));
        Assert.All(known.Factors, factor => Assert.False(factor.IsAssumed));
    }

    [Fact]
    public void Rank_SomeSignals_EachReasonHasSourceAndDate()
    {
        var vulnerability = new Vulnerability { Id = "CVE-2026-1", Kev = Kev(true), Epss = Epss(0.97), Exploits = [Exploit(ExploitKind.Framework), Exploit(ExploitKind.Framework)] };

        var risk = RiskEngine.Rank(vulnerability, false, unknownAsset).Risk;

        Assert.Equal(["base-rate", "epss-percentile", "exploit-framework", "kev", "ransomware"], risk.Reasons.Select(reason => reason.Signal).Order(StringComparer.Ordinal));
        Assert.All(risk.Reasons.Where(reason => reason.Signal != "base-rate"), reason => Assert.False(reason.Source is null || reason.Date is null));
        Assert.Contains(risk.Reasons, reason => reason.Text.Contains("97th percentile (0.97,", StringComparison.Ordinal) && reason.Text.Contains("v5", StringComparison.Ordinal));
        Assert.Equal("stated-1", risk.Model);
    }

    [Fact]
    public void Rank_NothingButEpss_IsAboutThePublishedChance()
    {
        // Scores published at these percentiles on 2026-08-16.
        Assert.Equal(0.00697, Likelihood(0.5), 0.0005);
        Assert.Equal(0.0947, Likelihood(0.95), 0.002);
        Assert.Equal(0.576, Likelihood(0.99), 0.005);

        static double Likelihood(double percentile) => RiskEngine.Rank(new Vulnerability { Id = "CVE-2026-1", Epss = Epss(percentile) }, false, unknownAsset).Risk.Likelihood;
    }

    [Fact]
    public void Rank_Unrated_HasBaseRateOnlyAndNoDeadlineAndIsNeverCritical()
    {
        var ranking = RiskEngine.Rank(new Vulnerability { Id = "UNRATED-x-1", Kev = Kev(true) }, true, unknownAsset);

        Assert.Equal("base-rate", Assert.Single(ranking.Risk.Reasons).Signal);
        Assert.Null(ranking.Deadline);
        Assert.False(ranking.Risk.IsCritical);
    }

    [Fact]
    public void Rank_CriticalRule_IsTheGlossarys()
    {
        var none = new Vulnerability { Id = "CVE-2026-1", KevKnown = true };
        var shortDeadline = none with { Ssvc = new Signal<SsvcPoints>(new SsvcPoints(null, true, true), "cve-records", null) };

        Assert.False(IsCritical(none));
        Assert.True(IsCritical(none with { Kev = Kev(false) }));
        Assert.True(IsCritical(none with { Epss = Epss(0.95) }));
        Assert.False(IsCritical(none with { Epss = Epss(0.9499) }));
        Assert.True(IsCritical(none with { Cvss = Cvss(9.0) }));
        Assert.False(IsCritical(none with { Cvss = Cvss(8.9) }));
        Assert.True(IsCritical(shortDeadline));
        Assert.False(RiskEngine.Rank(shortDeadline, false, unknownAsset with { IsInternetFacing = false }).Risk.IsCritical);

        static bool IsCritical(Vulnerability vulnerability) => RiskEngine.Rank(vulnerability, false, unknownAsset).Risk.IsCritical;
    }

    [Fact]
    public void Combine_SeveralVulnerabilities_IsTheUnionAndTheSumOfRates()
    {
        Finding[] findings = [Ranked("CVE-1", 0.5, 0.02), Ranked("CVE-2", 0.2, 0.01), Ranked("CVE-2", 0.1, 0.03), Ranked("CVE-3", 0, 0) with { Risk = null }];

        var combined = RiskEngine.Combine(findings);

        Assert.Equal(0.6, combined.Likelihood, 12);
        Assert.Equal(0.05, combined.PerDay, 12);
        Assert.Equal(new CombinedRisk(0, 0), RiskEngine.Combine([]));
    }

    private static double PerDay(Vulnerability vulnerability) => RiskEngine.Rank(vulnerability, false, unknownAsset).Risk.PerDay;

    private static Signal<KevEntry> Kev(bool isRansomware) => new(new KevEntry(new DateOnly(2026, 8, 1), null, isRansomware, "x"), "cisa-kev", new DateOnly(2026, 8, 20));

    private static Signal<EpssScore> Epss(double percentile) => new(new EpssScore(0.1, percentile, "v5"), "first-epss", new DateOnly(2026, 8, 16));

    private static Signal<CvssScore> Cvss(double score) => new(new CvssScore(score, null, "3.1"), "cve-meta", null);

    private static Signal<ExploitEvidence> Exploit(ExploitKind kind) => new(new ExploitEvidence(kind, null, 1), "exploit-evidence", new DateOnly(2026, 8, 1));

    private static Finding Ranked(string vulnerability, double likelihood, double perDay) => new()
    {
        Vulnerability = vulnerability,
        Package = "p",
        Architecture = "amd64",
        Source = "s",
        InstalledVersion = "1",
        FixedVersion = "2",
        Status = FindingStatus.Affected,
        Evidence = [],
        Risk = new RiskScore { PerDay = perDay, Likelihood = likelihood, Reasons = [], Factors = [], Model = "m" },
    };
}
