using System.Globalization;
using CsCheck;
using Suture.Knowledge.Intelligence;
using Suture.Knowledge.Risk;
using Suture.Tests;

namespace Suture.Knowledge.Tests.Risk;

public class DeadlinesTests
{
    private static readonly DateOnly detected = new(2026, 9, 1);

    [Theory]
    [InlineData(0, false, false, false, false, null, false)]
    [InlineData(1, true, false, false, false, 14, false)]
    [InlineData(2, false, true, false, false, 60, false)]
    [InlineData(3, false, false, true, false, 60, false)]
    [InlineData(4, false, false, false, true, null, false)]
    [InlineData(5, true, true, false, false, 14, false)]
    [InlineData(6, true, false, true, false, 14, false)]
    [InlineData(7, false, true, true, false, 14, false)]
    [InlineData(8, true, false, false, true, 14, false)]
    [InlineData(9, false, true, false, true, 14, false)]
    [InlineData(10, false, false, true, true, 60, false)]
    [InlineData(11, true, true, true, false, 3, false)]
    [InlineData(12, true, true, false, true, 3, true)]
    [InlineData(13, true, false, true, true, 3, true)]
    [InlineData(14, false, true, true, true, 3, false)]
    [InlineData(15, true, true, true, true, 3, true)]
    public void Bod2604_EachRow_IsAsPublished(int row, bool inKev, bool isExposed, bool isAutomatable, bool isTotal, int? days, bool forensics)
    {
        var deadline = Deadlines.Bod2604(Known(inKev, isAutomatable, isTotal), Asset(isExposed));

        Assert.Equal(($"CISA BOD 26-04 row {row}", days, forensics, false), (deadline.Rule, deadline.Days, deadline.NeedsForensics, deadline.IsAssumed));
        Assert.Equal(days is { } count ? detected.AddDays(count) : null, deadline.Due);
    }

    [Fact]
    public void Bod2604Table_AllRows_AreTheFileOfTheData()
    {
        var lines = File.ReadAllLines(Path.Combine(TestPaths.RequireData(), "ssvc", "cisa_bod_26_04_1_0_0.csv"));

        var ours = Bod2604Table.Rows.Select(row => string.Join(',', row.Row, YesNo(row.InKev), YesNo(row.IsExposed), YesNo(row.IsAutomatable), row.IsTotal ? "total" : "partial", Outcome(row)));

        Assert.Equal(lines.Skip(1), ours);

        static string YesNo(bool value) => value ? "yes" : "no";
        static string Outcome(Bod2604Row row) => row.Days is null ? "fix on system upgrade" : string.Create(CultureInfo.InvariantCulture, $"{row.Days} days{(row.NeedsForensics ? " & forensic investigation" : "")}");
    }

    [Fact]
    public void Bod2604_ExposureUnknown_IsAsIfExposedAndMarked()
    {
        var deadline = Deadlines.Bod2604(Known(false, false, true), Asset(null));

        Assert.Equal((14, true), (deadline.Days, deadline.IsAssumed));
        Assert.Equal("in KEV: no, publicly exposed: yes (assumed), automatable: no, technical impact: total", deadline.Facts);
    }

    [Fact]
    public void Bod2604_PointsUnknown_AreWorseForKevOnlyAndMarked()
    {
        var unlisted = Deadlines.Bod2604(new Vulnerability { Id = "CVE-1", KevKnown = true }, Asset(true));
        var listed = Deadlines.Bod2604(new Vulnerability { Id = "CVE-1", Kev = Kev(detected, null) }, Asset(true));

        Assert.Equal(("CISA BOD 26-04 row 2", true), (unlisted.Rule, unlisted.IsAssumed));
        Assert.Equal(("CISA BOD 26-04 row 15", true, true), (listed.Rule, listed.IsAssumed, listed.NeedsForensics));
    }

    [Fact]
    public void Bod2604_NoCatalogueInForce_IsMarked()
    {
        var deadline = Deadlines.Bod2604(Known(false, false, false) with { KevKnown = false }, Asset(true));

        Assert.True(deadline.IsAssumed);
        Assert.StartsWith("in KEV: no (assumed, no catalogue in force)", deadline.Facts, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 14)] // yes, total
    [InlineData("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", 7)]
    [InlineData("CVSS:3.0/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", 9)]
    [InlineData("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:L/I:H/A:H", 2)]
    [InlineData("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 14)]
    [InlineData("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:P/VC:H/VI:H/VA:L/SC:N/SI:N/SA:N", 2)]
    public void Bod2604_CvssVector_GivesThePoints(string vector, int row)
    {
        var vulnerability = new Vulnerability { Id = "CVE-1", KevKnown = true, Cvss = new Signal<CvssScore>(new CvssScore(5, vector, null), "cve-meta", null) };

        var deadline = Deadlines.Bod2604(vulnerability, Asset(true));

        Assert.Equal(($"CISA BOD 26-04 row {row}", false), (deadline.Rule, deadline.IsAssumed));
        Assert.Contains("(from CVSS)", deadline.Facts, StringComparison.Ordinal);
    }

    [Fact]
    public void Bod2604_Version2Vector_TellsImpactOnly()
    {
        var vulnerability = new Vulnerability { Id = "CVE-1", KevKnown = true, Cvss = new Signal<CvssScore>(new CvssScore(10, "AV:N/AC:L/Au:N/C:C/I:C/A:C", "2.0"), "cve-meta", null) };

        Assert.Equal("in KEV: no, publicly exposed: yes, automatable: no (assumed), technical impact: total (from CVSS)", Deadlines.Bod2604(vulnerability, Asset(true)).Facts);
    }

    [Theory]
    [InlineData("2026-08-01", "2026-08-22", "2026-08-22", "CISA KEV due date")] // the catalogue's date is earlier
    [InlineData("2026-08-01", "2026-09-15", "2026-09-15", "CISA BOD 26-04 row 1")] // both say the same
    [InlineData("2026-08-01", "2026-12-01", "2026-09-15", "CISA BOD 26-04 row 1")] // detection plus 14 days is
    [InlineData("2026-09-10", null, "2026-09-24", "CISA BOD 26-04 row 1")] // the clock of a listing does not start before it
    public void Bod2604_KevEntry_IsDueAtTheEarlierAndNamesWhatSetIt(string added, string? due, string expected, string rule)
    {
        var entry = Kev(Day(added), due is null ? null : Day(due));

        var deadline = Deadlines.Bod2604(Known(false, false, false) with { Kev = entry }, Asset(false));

        Assert.Equal((14, Day(expected), rule), (deadline.Days, deadline.Due, deadline.Rule));
    }

    [Theory]
    [InlineData("2026-08-22", "CISA KEV due date", false)] // set by the catalogue, whatever the facts are
    [InlineData("2026-12-01", "CISA BOD 26-04 row 15", true)]
    public void Bod2604_KevEntryOfUnknownFacts_IsAssumedOnlyWhereTheyCount(string due, string rule, bool isAssumed)
    {
        var deadline = Deadlines.Bod2604(new Vulnerability { Id = "CVE-1", KevKnown = true, Kev = Kev(Day("2026-08-01"), Day(due)) }, Asset(null));

        Assert.Equal((rule, isAssumed), (deadline.Rule, deadline.IsAssumed));
    }

    [Fact]
    public void Bod2604_ListedLater_NeverMovesTheDeadlineBack() => Gen.Select(Gen.Bool, Gen.Bool, Gen.Bool, Gen.Int[-400, 400]).Sample((isExposed, isAutomatable, isTotal, days) =>
    {
        var before = Deadlines.Bod2604(Known(false, isAutomatable, isTotal), Asset(isExposed));
        var after = Deadlines.Bod2604(Known(false, isAutomatable, isTotal) with { Kev = Kev(detected.AddDays(days), null) }, Asset(isExposed));
        return after.Due is not null && (before.Due is null || after.Due <= before.Due) && (before.Days is null || after.Days <= before.Days);
    }, iter: 2_000);

    private static Vulnerability Known(bool inKev, bool isAutomatable, bool isTotal) => new()
    {
        Id = "CVE-1",
        KevKnown = true,
        Kev = inKev ? Kev(detected, null) : null,
        Ssvc = new Signal<SsvcPoints>(new SsvcPoints("none", isAutomatable, isTotal), "cve-records", null),
    };

    private static RankContext Asset(bool? isExposed) => new() { AsOf = detected.AddDays(5), DetectedOn = detected, IsInternetFacing = isExposed };

    private static Signal<KevEntry> Kev(DateOnly added, DateOnly? due) => new(new KevEntry(added, due, false, "x"), "cisa-kev", added);

    private static DateOnly Day(string text) => DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture);
}
