using System.Globalization;
using Suture.Cli.Ledger;

namespace Suture.Cli.Rendering;

/// <summary>What <c>ledger verify</c> found, for people.</summary>
internal static class LedgerVerdictText
{

    public static void Write(CliConsole console, LedgerVerdict verdict)
    {
        TextLines.Paragraph(console, verdict.IsWhole
            ? verdict.Rows == 0 ? "Nothing is sealed yet." : $"The ledger is whole: {TextLines.Count(verdict.Rows, "row", "rows")}, {TextLines.Count(verdict.Checkpoints, "signed checkpoint agrees", "signed checkpoints agree")}."
            : $"The ledger is NOT whole: {TextLines.Count(verdict.FaultCount, "fault", "faults")} in {TextLines.Count(verdict.Rows, "row", "rows")}.");
        foreach (var fault in verdict.Faults)
        {
            TextLines.Paragraph(console, string.Create(CultureInfo.InvariantCulture, $"{Words(fault.Kind)} at position {fault.Position}: {TextLines.Plain(fault.Detail)}."), indent: 2);
        }
        if (verdict.FaultCount > verdict.Faults.Count)
        {
            TextLines.Paragraph(console, $"... and {verdict.FaultCount - verdict.Faults.Count} more.", indent: 2);
        }
        if (verdict.ProvedAtUtc is { } at)
        {
            TextLines.Paragraph(console, string.Create(CultureInfo.InvariantCulture, $"Proved up to position {verdict.ProvedThrough} of {verdict.Position}, by a checkpoint of {TextLines.Instant(at)}."));
        }
        if (verdict.Unsealed > 0)
        {
            TextLines.Paragraph(console, $"{TextLines.Count(verdict.Unsealed, "row waits", "rows wait")} to be sealed, the oldest since {TextLines.Instant(verdict.OldestUnsealedUtc ?? default)}.");
        }
        if (!verdict.IsKeyGiven)
        {
            TextLines.Paragraph(console, $"The key is the server's own word: keep {Launcher.Name} ledger key elsewhere, and give it with --key; give what endpoints keep with --checkpoints.");
        }
    }

    private static string Words(LedgerFaultKind kind) => kind switch
    {
        LedgerFaultKind.Altered => "altered",
        LedgerFaultKind.Missing => "removed",
        LedgerFaultKind.OutOfOrder => "out of order",
        LedgerFaultKind.Recomputed => "chain worked out anew",
        LedgerFaultKind.CutOff => "cut off",
        LedgerFaultKind.Unsigned => "checkpoint not signed",
        _ => "not proved",
    };
}
