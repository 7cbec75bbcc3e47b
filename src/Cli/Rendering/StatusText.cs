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
        TextLines.Paragraph(console, $"{TextLines.Count(status.WorkWaiting, "work item waits", "work items wait")}{(status.WorkFailed is > 0 and var failed ? $", {TextLines.Count(failed, "has", "have")} failed" : "")}; what failed for good: {Launcher.Name} work");
        TextLines.Line(console, "");
    }
}
