using System.Globalization;
using Suture.Contracts.Api;
using Suture.Exposure.Api;
using Suture.Exposure.Findings;
using Suture.Exposure.Ranking;
using Suture.Knowledge.Feeds;

namespace Suture.Exposure.Explaining;

/// <summary>Steps of a vulnerability that is open on an asset.</summary>
internal static class FindingSteps
{
    /// <summary>The answer in one sentence, for the findings of one vulnerability on one asset.</summary>
    internal static string Verdict(string vulnerability, IReadOnlyList<Finding> findings, string asset)
    {
        var worst = findings.FirstOrDefault(finding => finding.Status == FindingStatus.Affected)
            ?? findings.FirstOrDefault(finding => finding.Status == FindingStatus.PendingEffect) ?? findings[0];
        var packages = string.Join(", ", findings.Where(finding => finding.Status == worst.Status).Select(finding => finding.Package).Distinct());
        return worst.Status switch
        {
            FindingStatus.Affected => $"{vulnerability} affects {asset} through {packages}: {worst.Source} {worst.InstalledVersion} is below {worst.FixedVersion}, which fixes it.",
            FindingStatus.Unknown when FixRecord.IsUnreadId(vulnerability) =>
                $"A security update of {worst.Source} to {worst.FixedVersion} is there for {asset} ({packages}); which CVEs it closes is not known: {worst.Evidence[0].Record}.",
            FindingStatus.PendingEffect => $"{vulnerability} is fixed on disk on {asset} ({packages}), but {Holders(worst)} still runs the old code: {worst.Action ?? "restart it"}.",
            _ => $"Whether {vulnerability} is still open on {asset} cannot be known: {worst.Evidence[0].Rule}.",
        };
    }

    internal static IEnumerable<ExplanationStep> Of(IReadOnlyList<Finding> findings, AssetExposure exposure)
    {
        foreach (var finding in findings)
        {
            foreach (var evidence in finding.Evidence.Take(ExposureLimits.ExplainedRecordsMax))
            {
                yield return new ExplanationStep
                {
                    Stage = Steps.Advisory,
                    Text = $"{evidence.Record}{(evidence.Published is { } day ? $" of {SignalTexts.Day(day)}" : "")}",
                    Source = Steps.Dated(evidence.Feed, evidence.FeedDate),
                };
                yield return new ExplanationStep { Stage = Steps.Match, Text = $"{finding.Package}:{finding.Architecture} is {Steps.StatusWord(finding.Status)}: {evidence.Rule}" };
            }
        }
        var riskiest = findings.Order(FindingOrder.ByRisk).First();
        foreach (var step in Held(findings).Concat(Risk(riskiest)))
        {
            yield return step;
        }
        yield return Deadline(riskiest.Deadline);
        yield return new ExplanationStep
        {
            Stage = Steps.Exposure,
            Text = $"by the facts read {exposure.TakenUtc.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture)}",
            Source = $"report {exposure.ReportId}",
        };
    }

    private static IEnumerable<ExplanationStep> Held(IReadOnlyList<Finding> findings) => findings
        .SelectMany(finding => finding.Processes).DistinctBy(process => (process.ProcessId, process.File)).Select(process => new ExplanationStep
        {
            Stage = Steps.Exposure,
            Text = $"{process.Command} (pid {process.ProcessId}{(process.Unit is null ? "" : $", {process.Unit}")}) still runs the old {process.File} of {process.Package}",
        });

    private static IEnumerable<ExplanationStep> Risk(Finding finding)
    {
        if (finding.Risk is not { } risk)
        {
            yield break;
        }
        foreach (var reason in risk.Reasons)
        {
            yield return new ExplanationStep
            {
                Stage = Steps.Risk,
                Text = string.Create(CultureInfo.InvariantCulture, $"{reason.Text}: {reason.Points:+0.00;-0.00;0.00} log-odds"),
                Source = reason.Source is null ? null : Steps.Dated(reason.Source, reason.FeedDate, reason.Date),
            };
        }
        foreach (var factor in risk.Factors)
        {
            yield return new ExplanationStep
            {
                Stage = Steps.Exposure,
                Text = string.Create(CultureInfo.InvariantCulture, $"{factor.Text}: x {factor.Multiplier:0.##}{(factor.IsAssumed ? " (not known, stated default)" : "")}"),
            };
        }
        yield return new ExplanationStep
        {
            Stage = Steps.Risk,
            Text = string.Create(
                CultureInfo.InvariantCulture,
                $"likelihood {risk.Likelihood:0.####} within 30 days, risk {risk.PerDay:0.######} a day{(risk.IsCritical ? ", critical" : "")}{(finding.IsUnrated ? ", unrated: the update names no CVE" : "")}"),
            Source = $"model {risk.Model}",
        };
    }

    private static ExplanationStep Deadline(Deadline? deadline) => new()
    {
        Stage = Steps.Deadline,
        Text = deadline is null
            ? "no rule sets a deadline"
            : $"{(deadline.Due is { } due ? $"due {SignalTexts.Day(due)}" : "due on the next system upgrade")}{(deadline.IsAssumed ? " (assumed)" : "")}: {deadline.Facts}",
        Source = deadline?.Rule,
    };

    private static string Holders(Finding finding) =>
        finding.Processes.Count == 0 ? "the running system" : string.Join(", ", finding.Processes.Select(process => process.Unit ?? process.Command).Distinct());
}
