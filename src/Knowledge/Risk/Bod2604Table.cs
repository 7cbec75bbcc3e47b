namespace Suture.Knowledge.Risk;

/// <summary>One row of the remediation timelines.</summary>
/// <param name="Row">Row number as published.</param>
/// <param name="InKev">In CISA's catalogue of known exploited vulnerabilities.</param>
/// <param name="IsExposed">Publicly exposed.</param>
/// <param name="IsAutomatable">Automatable.</param>
/// <param name="IsTotal">Technical impact is total.</param>
/// <param name="Days">Days to remediate; null is "fix on system upgrade".</param>
/// <param name="NeedsForensics">The rule demands a forensic investigation too.</param>
internal readonly record struct Bod2604Row(int Row, bool InKev, bool IsExposed, bool IsAutomatable, bool IsTotal, int? Days, bool NeedsForensics);

/// <summary>CISA BOD 26-04 Remediation Timelines, version 1.0.0, as the SSVC decision table <c>cisa_bod_26_04_1_0_0</c> publishes them.</summary>
internal static class Bod2604Table
{
    private const int LongDays = 60;
    private const int MiddleDays = 14;
    private const int ShortDays = 3;

    public static IReadOnlyList<Bod2604Row> Rows { get; } =
    [
        //  row InKev exposed automatable total days forensics
        new(0, false, false, false, false, null, false),
        new(1, true, false, false, false, MiddleDays, false),
        new(2, false, true, false, false, LongDays, false),
        new(3, false, false, true, false, LongDays, false),
        new(4, false, false, false, true, null, false),
        new(5, true, true, false, false, MiddleDays, false),
        new(6, true, false, true, false, MiddleDays, false),
        new(7, false, true, true, false, MiddleDays, false),
        new(8, true, false, false, true, MiddleDays, false),
        new(9, false, true, false, true, MiddleDays, false),
        new(10, false, false, true, true, LongDays, false),
        new(11, true, true, true, false, ShortDays, false),
        new(12, true, true, false, true, ShortDays, true),
        new(13, true, false, true, true, ShortDays, true),
        new(14, false, true, true, true, ShortDays, false),
        new(15, true, true, true, true, ShortDays, true),
    ];

    /// <summary>The row of four facts; the table has each combination once.</summary>
    public static Bod2604Row Find(bool inKev, bool isExposed, bool isAutomatable, bool isTotal)
    {
        foreach (var row in Rows)
        {
            if (row.InKev == inKev && row.IsExposed == isExposed && row.IsAutomatable == isAutomatable && row.IsTotal == isTotal)
            {
                return row;
            }
        }
        throw new InvalidOperationException("The table of BOD 26-04 lacks a combination of its four facts.");
    }
}
