using System.Globalization;
using Suture.Contracts.Api;
using Suture.Contracts.Jobs;

namespace Suture.Cli.Rendering;

/// <summary>One plan for people: all that its hash covers, and what became of it.</summary>
internal static class PlanText
{
    private const int Indent = 2;

    public static void Write(CliConsole console, PlanDetail detail)
    {
        var plan = detail.Plan;
        TextLines.Paragraph(console, TextLines.Plain($"{plan.Title} ({plan.Id})"));
        TextLines.Paragraph(console, TextLines.Plain($"{PlansText.State(plan.State)}{(plan.Reason is { } reason ? $": {reason}" : "")}"));
        TextLines.Paragraph(console, TextLines.Plain($"made by {plan.Author} (rule '{plan.Rule}') {TextLines.Instant(plan.CreatedUtc)}{Decision(plan)}"));
        TextLines.Paragraph(console, $"closes {TextLines.Count(plan.Findings, "finding", "findings")} on {TextLines.Count(plan.Assets, "asset", "assets")}, risk {TextLines.Risk(plan.RiskPerDay)} a day");
        TextLines.Line(console, $"hash {plan.Hash}\n");
        foreach (var change in detail.Changes)
        {
            WriteChange(console, change);
        }
        if (detail.Clauses.Count > 0)
        {
            TextLines.Line(console, "\nAn approval covers this too");
        }
        foreach (var clause in detail.Clauses)
        {
            TextLines.Paragraph(console, TextLines.Plain(clause), Indent);
        }
        if (detail.Signatures.Count > 0)
        {
            TextLines.Line(console, "\nSignatures that agents demand");
            WriteSignatures(console, detail);
        }
        if (detail.LeftOut.Count > 0)
        {
            TextLines.Line(console, "\nLeft out");
        }
        foreach (var asset in detail.LeftOut)
        {
            TextLines.Paragraph(console, TextLines.Plain(asset), Indent);
        }
        if (detail.Failure is { } failure)
        {
            TextLines.Paragraph(console, TextLines.Plain(failure));
        }
        if (detail.Jobs.Count > 0)
        {
            TextLines.Line(console, "\nJobs");
            JobsText.Write(console, detail.Jobs);
        }
    }

    /// <summary>Prints what was decided.</summary>
    public static void WriteDecision(CliConsole console, PlanDetail detail)
    {
        var plan = detail.Plan;
        if (plan.State == PlanState.WaitingApproval)
        {
            TextLines.Line(console, "Your signature is taken; the plan waits for more:");
            WriteSignatures(console, detail);
            return;
        }
        TextLines.Paragraph(console, TextLines.Plain($"{PlansText.State(plan.State)} by {plan.DecidedBy}: {plan.Title}"));
        TextLines.Line(console, $"Follow it: {Launcher.Name} plan show {plan.Id}");
    }

    /// <summary>What was taken back, and what was too late for it.</summary>
    public static void WriteWithdrawal(CliConsole console, PlanDetail detail)
    {
        if (detail.Plan.State == PlanState.Withdrawn)
        {
            WriteDecision(console, detail);
            return;
        }
        var back = detail.Jobs.Count(job => job.State == JobState.Withdrawn);
        TextLines.Paragraph(console, TextLines.Plain(
            $"{TextLines.Count(back, "job is", "jobs are")} taken back; {TextLines.Count(detail.Jobs.Count - back, "job was", "jobs were")} taken by an agent before, and the plan ends with them: {detail.Plan.Title}"));
        TextLines.Line(console, $"Follow it: {Launcher.Name} plan show {detail.Plan.Id}");
    }

    private static void WriteSignatures(CliConsole console, PlanDetail detail)
    {
        foreach (var demand in detail.Signatures)
        {
            TextLines.Paragraph(console, TextLines.Plain(demand.Needed is { } needed
                ? $"{demand.Group}: {demand.SignedBy.Count} of {needed} signed{(demand.SignedBy.Count > 0 ? $" ({string.Join(", ", demand.SignedBy)})" : "")}; {string.Join(", ", demand.Holders.Except(demand.SignedBy))} may sign"
                : $"{demand.Group}: its agents hold a set of approvers that the server does not know"), Indent);
        }
    }

    private static string Decision(PlanRow plan) => plan is { DecidedBy: { } who, DecidedUtc: { } at }
        ? $"; {plan.State switch { PlanState.Rejected => "rejected", PlanState.Withdrawn => "withdrawn", _ => "approved" }} by {who} {TextLines.Instant(at)}"
        : "";

    private static void WriteChange(CliConsole console, PlanChange change)
    {
        TextLines.Paragraph(console, TextLines.Plain(
            $"wave {change.Wave.ToString(CultureInfo.InvariantCulture)}  {change.AssetName}{(change.Environment is { } environment ? $" ({environment})" : "")}  {Verb(change.Verb)}  closes {TextLines.Count(change.Vulnerabilities.Count, "finding", "findings")}"));
        foreach (var package in change.Packages)
        {
            TextLines.Line(console, $"    {TextLines.Plain(package.Name)} ({TextLines.Plain(package.Architecture)})");
            TextLines.Line(console, $"  -   {TextLines.Plain(change.From.GetValueOrDefault(package.Name, "not installed"))}");
            TextLines.Line(console, $"  +   {TextLines.Plain(package.Version)}");
        }
        foreach (var unit in change.Units)
        {
            TextLines.Line(console, $"    {TextLines.Plain(unit)}");
        }
    }

    private static string Verb(JobVerb verb) => verb switch
    {
        JobVerb.EnsurePackage => "upgrade",
        JobVerb.RestartService => "restart",
        JobVerb.RestorePackage => "restore",
        JobVerb.ReportNow => "report",
        _ => "reboot",
    };
}
