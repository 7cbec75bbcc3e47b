using System.CommandLine;
using Suture.Cli.Rendering;
using Suture.Contracts;

namespace Suture.Cli.Commands;

/// <summary>Lists of the server: <c>assets</c>, <c>findings</c>, <c>fixes</c>, <c>jobs</c>, <c>ledger</c>.</summary>
internal static class ListCommands
{
    public static Command CreateAssets(CliConsole console)
    {
        var limit = SharedOptions.Limit();
        return new ServerCommand(console, "assets", "Assets in your scope.", limit)
            .Lists(_ => "assets", limit, ContractsJson.Default.PageAssetRow, rows => AssetsText.Write(console, rows));
    }

    public static Command CreateFindings(CliConsole console)
    {
        var limit = SharedOptions.Limit();
        var asset = new Option<string?>("--asset") { Description = "Only of this asset (id)." };
        var status = new Option<string?>("--status") { Description = "Only in this state: affected, pending_effect, unknown." };
        var vulnerability = new Option<string?>("--vulnerability") { Description = "Only of this CVE." };
        var kev = new Option<bool>("--kev") { Description = "Only those in CISA's KEV catalogue." };
        return new ServerCommand(console, "findings", "Open findings, highest risk first.", asset, status, vulnerability, kev, limit).Lists(
            parsed => Query.Of(
                "findings", ("asset", parsed.GetValue(asset)), ("status", parsed.GetValue(status)), ("vulnerability", parsed.GetValue(vulnerability)),
                ("kev", parsed.GetValue(kev) ? "true" : null)),
            limit, ContractsJson.Default.PageFinding, rows => FindingsText.Write(console, rows));
    }

    public static Command CreateJobs(CliConsole console)
    {
        var limit = SharedOptions.Limit();
        return new ServerCommand(console, "jobs", "Jobs, newest first, each with what proved it.", limit)
            .Lists(_ => "jobs", limit, ContractsJson.Default.PageJobRow, rows => JobsText.Write(console, rows));
    }

    public static Command CreateLedger(CliConsole console)
    {
        var limit = SharedOptions.Limit();
        var subject = new Option<string?>("--subject") { Description = "Only of this subject, as plan:ID." };
        return new ServerCommand(console, "ledger", "Every decision and effect, newest first.", subject, limit)
            .Lists(parsed => Query.Of("ledger", ("subject", parsed.GetValue(subject))), limit, ContractsJson.Default.PageLedgerRow, rows => LedgerText.Write(console, rows));
    }
}

/// <summary>Writes queries.</summary>
internal static class Query
{
    /// <summary>A path with the values that are given, escaped.</summary>
    public static string Of(string path, params ReadOnlySpan<(string Name, string? Value)> values)
    {
        var query = path;
        foreach (var (name, value) in values)
        {
            if (value is not null)
            {
                query += $"{(query.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{name}={Uri.EscapeDataString(value)}";
            }
        }
        return query;
    }
}
