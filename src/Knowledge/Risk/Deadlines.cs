using Suture.Contracts.Api;
using Suture.Knowledge.Intelligence;

namespace Suture.Knowledge.Risk;

/// <summary>Until when a vulnerability must be fixed, by regulation.</summary>
public static class Deadlines
{
    /// <summary>Name of the rule where the catalogue of known exploited vulnerabilities sets the date by itself.</summary>
    public const string KevDueDate = "CISA KEV due date";

    /// <summary>Deadline by CISA BOD 26-04.</summary>
    /// <param name="vulnerability">What is known of the vulnerability.</param>
    /// <param name="context">What is known of the asset.</param>
    /// <returns>The deadline with the rule that set it (a row of the directive, or the catalogue's due date) and the facts it rests on.</returns>
    /// <remarks>Facts, in the order they are sought.
    /// In KEV: by the catalogue; without a catalogue in force "no", assumed.
    /// Publicly exposed: the asset's context; unknown is "yes", assumed.
    /// Automatable, technical impact: CISA's SSVC; else derived from the CVSS vector (AV:N, PR:N and UI:N; high impact on all three);
    /// else the worse for a KEV entry and the better for any other, assumed.
    /// Due: the earliest of (a) the day of detection plus the days of the row that the same facts give without KEV, (b) for KEV entries the later of
    /// detection and listing plus the days of the row, and (c) the catalogue's own due date. So a listing never moves a deadline back.</remarks>
    public static Deadline Bod2604(Vulnerability vulnerability, RankContext context)
    {
        ArgumentNullException.ThrowIfNull(vulnerability);
        ArgumentNullException.ThrowIfNull(context);
        var inKev = vulnerability.Kev is not null;
        var kev = new Fact(inKev, inKev || vulnerability.KevKnown ? "" : " (assumed, no catalogue in force)");
        var exposed = context.IsInternetFacing is { } known ? new Fact(known, "") : new Fact(true, Fact.Assumed);
        var automatable = Seek(vulnerability.Ssvc?.Value.IsAutomatable, CvssFacts.IsAutomatable(vulnerability.Cvss?.Value.Vector), inKev);
        var total = Seek(vulnerability.Ssvc?.Value.IsTotalImpact, CvssFacts.IsTotalImpact(vulnerability.Cvss?.Value.Vector), inKev);
        var row = Bod2604Table.Find(inKev, exposed.Value, automatable.Value, total.Value);
        var due = DueOf(vulnerability.Kev?.Value, row, context);
        return new Deadline
        {
            Due = due.Day,
            Days = row.Days,
            Rule = due.IsCatalogues ? KevDueDate : $"CISA BOD 26-04 row {row.Row}",
            Facts = $"in KEV: {kev}, publicly exposed: {exposed}, automatable: {automatable}, technical impact: {(total.Value ? "total" : "partial")}{total.Mark}",
            // Known facts could only give more days than the worse ones assumed: the catalogue's earlier date stands whatever they are.
            IsAssumed = !due.IsCatalogues && (kev.IsAssumed || exposed.IsAssumed || automatable.IsAssumed || total.IsAssumed),
            NeedsForensics = row.NeedsForensics,
        };
    }

    private static Fact Seek(bool? stated, bool? derived, bool inKev) =>
        stated is { } value ? new Fact(value, "")
        : derived is { } fromVector ? new Fact(fromVector, " (from CVSS)")
        : new Fact(inKev, Fact.Assumed);

    // The catalogue sets the date where it is earlier than what the directive's own days give.
    private static (DateOnly? Day, bool IsCatalogues) DueOf(KevEntry? kev, Bod2604Row row, RankContext context)
    {
        var detected = context.DetectedOn ?? context.AsOf;
        if (kev is null)
        {
            return (AddDays(detected, row.Days), false);
        }
        var listed = detected > kev.Added ? detected : kev.Added;
        var unlisted = Bod2604Table.Find(false, row.IsExposed, row.IsAutomatable, row.IsTotal);
        var directive = Earlier(AddDays(listed, row.Days), AddDays(detected, unlisted.Days));
        return kev.Due is { } due && (directive is null || due < directive) ? (due, true) : (directive, false);
    }

    private static DateOnly? AddDays(DateOnly day, int? days) => days is { } count ? day.AddDays(count) : null;

    private static DateOnly? Earlier(DateOnly? left, DateOnly? right) =>
        left is null ? right : right is null ? left : left < right ? left : right;

    private readonly record struct Fact(bool Value, string Mark)
    {
        public const string Assumed = " (assumed)";

        public bool IsAssumed => Mark.Contains("assumed", StringComparison.Ordinal);

        public override string ToString() => (Value ? "yes" : "no") + Mark;
    }
}
