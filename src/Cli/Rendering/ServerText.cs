using System.Globalization;
using Spectre.Console;
using Suture.Contracts.Api;
using Suture.Contracts.Jobs;

namespace Suture.Cli.Rendering;

/// <summary>Assets for people.</summary>
internal static class AssetsText
{
    public static void Write(CliConsole console, IReadOnlyList<AssetRow> rows)
    {
        var table = TextTables.Create(("ASSET", false), ("GROUP", false), ("ENVIRONMENT", false), ("SYSTEM", false), ("OPEN", true), ("RISK/DAY", true), ("LAST REPORT", false));
        foreach (var row in rows)
        {
            var state = row.State != AssetState.Active ? $" ({row.State.ToString().ToLowerInvariant()})" : row.IsSilent ? " (silent)" : row.ObservedOnly ? " (observed)" : "";
            table.AddRow(
                new Text(TextTables.Plain(row.Name) + state), new Text(TextTables.Plain(row.Group)), new Text(row.Environment),
                new Text(TextTables.Plain(row.OperatingSystem ?? "unknown")), new Text(row.Findings.Values.Sum().ToString(CultureInfo.InvariantCulture)),
                new Text(TextTables.Risk(row.RiskPerDay)), new Text(row.LastReportUtc is { } at ? TextTables.Instant(at) : "never"));
        }
        TextTables.Write(console, table, rows.Count, "No asset in your scope. Let one join with 'suture invite'.");
    }
}

/// <summary>Findings for people.</summary>
internal static class FindingsText
{
    public static void Write(CliConsole console, IReadOnlyList<Finding> rows)
    {
        var table = TextTables.Create(("RISK/DAY", true), ("VULNERABILITY", false), ("PACKAGE", false), ("INSTALLED", false), ("FIXED", false), ("STATE", false));
        foreach (var row in rows)
        {
            table.AddRow(
                new Text(TextTables.Risk(row.Risk?.PerDay ?? 0)), new Text(TextTables.Plain(row.Vulnerability)), new Text(TextTables.Plain(row.Package)),
                new Text(TextTables.Plain(row.InstalledVersion)), new Text(TextTables.Plain(row.FixedVersion)), new Text(TextTables.Plain(State(row))));
        }
        TextTables.Write(console, table, rows.Count, "No finding.");
    }

    private static string State(Finding finding) => finding.Status switch
    {
        FindingStatus.PendingEffect => $"pending effect: {finding.Action}",
        FindingStatus.NotAffected => "not affected",
        var status => status.ToString().ToLowerInvariant(),
    };
}

/// <summary>The queue of fixes for people.</summary>
internal static class FixesText
{
    /// <summary>Assets whose unknowns are shown beside the queue.</summary>
    public const int AssetsMax = 5;

    private const int ReasonsMax = 2;

    public static void Write(CliConsole console, IReadOnlyList<FixRow> rows)
    {
        var table = TextTables.Create(("RISK/DAY", true), ("FIX AND WHY", false), ("CLOSES", false), ("ASSETS", false), ("DUE", false), ("STATE", false));
        foreach (var column in (int[])[2, 3, 4, 5])
        {
            table.Columns[column].NoWrap();
        }
        foreach (var row in rows)
        {
            table.AddRow(
                new Text(TextTables.Risk(row.RiskPerDay), row.IsCritical ? new Style(Color.Red) : Style.Plain),
                new Text($"{TextTables.Plain(row.Title)}\n{TextTables.Plain(Why(row))}"), new Text(Closes(row)),
                new Text(string.Join(", ", row.Assets.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Value} {pair.Key}")))),
                new Text(Due(row.Deadline)), new Text(State(row)));
        }
        TextTables.Write(console, table, rows.Count, "No fix is open.");
        if (rows.Any(row => row.Deadline is { IsAssumed: true, Due: not null }))
        {
            TextTables.Line(console, "~ the date rests on a fact that is not known and was assumed");
        }
    }

    private static string Why(FixRow row) =>
        $"{row.Vulnerabilities.FirstOrDefault() ?? "security update without a CVE"}: {string.Join("; ", row.Reasons.Take(ReasonsMax))}";

    private static string Closes(FixRow row)
    {
        var parts = new List<string>();
        if (row.Vulnerabilities.Count > 0)
        {
            parts.Add(TextTables.Count(row.Vulnerabilities.Count, "CVE", "CVEs") + (row.InKev ? ", in KEV" : ""));
        }
        if (row.IsUnrated)
        {
            parts.Add("unrated");
        }
        return string.Join(", ", parts);
    }

    private static string Due(Deadline? deadline) => deadline is null ? "-"
        : deadline.Due is { } due ? due.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) + (deadline.IsAssumed ? "~" : "")
        : "next upgrade";

    private static string State(FixRow row) => row.PatchReady == false && row.State == "open" ? "open, no update offered" : row.State.Replace('_', ' ');
}

/// <summary>What cannot be known of an asset, for people.</summary>
internal static class UnknownText
{
    private const int ItemsMax = 8;

    public static void Write(CliConsole console, string asset, IReadOnlyList<UnknownItem> items)
    {
        if (items.Count == 0)
        {
            return;
        }
        TextTables.Line(console, string.Create(CultureInfo.InvariantCulture, $"\nNot known of {TextTables.Plain(asset)} ({items.Count})"));
        foreach (var item in items.Take(ItemsMax))
        {
            TextTables.Line(console, $"  {TextTables.Plain(item.Subject)}: {TextTables.Plain(item.Reason)}");
        }
        if (items.Count > ItemsMax)
        {
            TextTables.Line(console, string.Create(CultureInfo.InvariantCulture, $"  and {items.Count - ItemsMax} more"));
        }
        TextTables.Line(console, "");
    }
}

/// <summary>Jobs for people.</summary>
internal static class JobsText
{
    public static void Write(CliConsole console, IReadOnlyList<JobRow> rows)
    {
        var table = TextTables.Create(("MADE", false), ("ASSET", false), ("JOB", false), ("STATE", false), ("EVIDENCE", false));
        foreach (var row in rows)
        {
            table.AddRow(
                new Text(TextTables.Instant(row.CreatedUtc)), new Text(TextTables.Plain(row.AssetName)), new Text(TextTables.Plain(row.Title)), new Text(State(row.State)),
                new Text(TextTables.Plain(row.Evidence ?? Said(row.Result) ?? "-")));
        }
        TextTables.Write(console, table, rows.Count, "No job.");
    }

    internal static string State(JobState state) => state == JobState.PendingEffect ? "pending effect" : state.ToString().ToLowerInvariant();

    private static string? Said(JobResult? result) => result is null ? null : result.Detail ?? result.Reason ?? "the agent says it is done; no fresh report proves it yet";
}

/// <summary>Plans for people.</summary>
internal static class PlansText
{
    public static void Write(CliConsole console, IReadOnlyList<PlanRow> rows)
    {
        var table = TextTables.Create(("PLAN", false), ("STATE", false), ("WHAT", false), ("AUTHOR", false), ("FINDINGS", true), ("RISK/DAY", true), ("MADE", false));
        table.Columns[0].NoWrap();
        foreach (var row in rows)
        {
            table.AddRow(
                new Text(row.Id.ToString()), new Text(State(row.State)), new Text(TextTables.Plain(row.Title)), new Text(TextTables.Plain(row.Author)),
                new Text(row.Findings.ToString(CultureInfo.InvariantCulture)), new Text(TextTables.Risk(row.RiskPerDay)), new Text(TextTables.Instant(row.CreatedUtc)));
        }
        TextTables.Write(console, table, rows.Count, "No plan.");
    }

    public static void Write(CliConsole console, PlanDetail detail)
    {
        var plan = detail.Plan;
        TextTables.Line(console, $"{TextTables.Plain(plan.Title)}\n{State(plan.State)}; by {plan.Author}, rule {TextTables.Plain(plan.Rule)}, {TextTables.Instant(plan.CreatedUtc)}\nhash {plan.Hash}\n");
        foreach (var change in detail.Changes)
        {
            TextTables.Line(console, $"wave {change.Wave.ToString(CultureInfo.InvariantCulture)}  {TextTables.Plain(change.AssetName)}  {Verb(change.Verb)}  closes {TextTables.Count(change.Vulnerabilities.Count, "finding", "findings")}");
            foreach (var package in change.Packages)
            {
                TextTables.Line(console, $"    {TextTables.Plain(package.Name)}\n  -   {TextTables.Plain(change.From.GetValueOrDefault(package.Name, "not installed"))}\n  +   {TextTables.Plain(package.Version)}");
            }
            foreach (var unit in change.Units)
            {
                TextTables.Line(console, $"    {TextTables.Plain(unit)}");
            }
        }
        TextTables.Line(console, detail.Failure is { } failure ? $"\n{TextTables.Plain(failure)}\n" : "");
        if (detail.Jobs.Count > 0)
        {
            JobsText.Write(console, detail.Jobs);
        }
    }

    public static void WriteDecision(CliConsole console, PlanRow plan) =>
        TextTables.Line(console, $"{State(plan.State)} by {plan.DecidedBy}: {TextTables.Plain(plan.Title)}. Follow it with: suture plan show {plan.Id}");

    private static string State(PlanState state) => state switch
    {
        PlanState.WaitingApproval => "waits for approval",
        PlanState.EndedUnverified => "ended, not verified",
        var other => other.ToString().ToLowerInvariant(),
    };

    private static string Verb(JobVerb verb) => verb switch
    {
        JobVerb.EnsurePackage => "upgrade",
        JobVerb.RestartService => "restart",
        JobVerb.RestorePackage => "restore",
        JobVerb.ReportNow => "report",
        _ => "reboot",
    };
}

/// <summary>An explanation for people.</summary>
internal static class ExplanationText
{
    public static void Write(CliConsole console, Explanation explanation)
    {
        TextTables.Line(console, $"{explanation.Vulnerability}{(explanation.Asset is { } asset ? " on " + TextTables.Plain(asset) : "")}: {TextTables.Plain(explanation.Verdict)}\n");
        var table = TextTables.Create(("STAGE", false), ("WHAT", false), ("SOURCE", false));
        foreach (var step in explanation.Steps)
        {
            table.AddRow(new Text(step.Stage), new Text(TextTables.Plain(step.Text)), new Text(TextTables.Plain(step.Source ?? "computed here")));
        }
        TextTables.Write(console, table, explanation.Steps.Count, "");
    }
}

/// <summary>Faults of a policy for people.</summary>
internal static class PolicyText
{
    public static void Write(CliConsole console, string file, PolicyCheckResult check)
    {
        foreach (var fault in check.Faults)
        {
            TextTables.Line(console, string.Create(CultureInfo.InvariantCulture, $"{file}:{fault.Line}:{fault.Column}: {fault.Path}: '{TextTables.Plain(fault.Value)}': {TextTables.Plain(fault.Remedy)}"));
        }
        if (check.Faults.Count == 0)
        {
            TextTables.Line(console, $"{file} is good.");
        }
    }
}

/// <summary>Ledger rows for people.</summary>
internal static class LedgerText
{
    public static void Write(CliConsole console, IReadOnlyList<LedgerRow> rows)
    {
        var table = TextTables.Create(("NO", true), ("WHEN", false), ("WHO", false), ("WHAT", false), ("TO", false), ("DETAIL", false));
        foreach (var row in rows)
        {
            table.AddRow(
                new Text(row.Sequence.ToString(CultureInfo.InvariantCulture)), new Text(TextTables.Instant(row.AtUtc)), new Text(TextTables.Plain(row.Actor)),
                new Text(row.Action), new Text(TextTables.Plain(row.Subject)), new Text(TextTables.Plain(row.Detail)));
        }
        TextTables.Write(console, table, rows.Count, "No row.");
    }
}
