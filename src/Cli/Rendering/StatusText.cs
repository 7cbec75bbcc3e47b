using Suture.Contracts.Api;

namespace Suture.Cli.Rendering;

/// <summary>The server for people.</summary>
internal static class StatusText
{
    public static void Write(CliConsole console, Uri server, ServerStatus status)
    {
        TextLines.Paragraph(console, $"Suture {status.Version} on {server}, its clock {TextLines.Instant(status.AtUtc)}");
        TextLines.Paragraph(console, status.IsReady ? "Ready: every answer is complete." : "Still loading: answers may lack what is not read yet.");
        TextLines.Paragraph(console, status.IsSolo
            ? "One person may ask for a plan and approve it (--solo)."
            : "Nobody may approve a plan that they asked for (--two-persons).");
        TextLines.Paragraph(console, $"{TextLines.Count(status.WorkWaiting, "work item waits", "work items wait")}{(status.WorkFailed == 0 ? ", none has failed" : "")}.");
        if (status.Ledger is { } ledger)
        {
            TextLines.Paragraph(console, Words(ledger));
        }
        if (status.WorkFailed > 0)
        {
            var first = status.FailedWork is [var work, ..] ? $"; the first: {work.Kind} of {work.Subject} since {TextLines.Instant(work.LastTriedUtc)}: {work.Error ?? "why is not known"}" : "";
            TextLines.Paragraph(console, TextLines.Plain($"{TextLines.Count(status.WorkFailed.Value, "work item has failed for good and waits for a person", "work items have failed for good and wait for a person")}{first}"));
            TextLines.Line(console, $"See all: {Launcher.Name} work");
        }
        TextLines.Line(console, "");
    }

    private static string Words(LedgerState ledger) => ledger.ContradictedUtc is { } at
        ? $"The ledger does not agree with {TextLines.Count(ledger.Contradictions, "signed checkpoint that was kept elsewhere", "signed checkpoints that were kept elsewhere")}, the last found {TextLines.Instant(at)}: rows were changed or removed, or an older copy was put back. Look: {Launcher.Name} ledger --action ledger.contradicted, {Launcher.Name} ledger verify"
        : ledger.CheckpointUtc is { } signed ? $"The ledger is sealed up to position {ledger.Position}, signed {TextLines.Instant(signed)}." : "Nothing of the ledger is sealed yet.";
}
