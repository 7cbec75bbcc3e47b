using System.Globalization;
using Suture.Contracts.Api;
using Suture.Exposure;
using Suture.Exposure.Findings;
using Suture.Platform.Storage;
using Suture.Remediation.Dispatch;
using Suture.Remediation.Planning;

namespace Suture.Remediation.Fixes;

/// <summary>The last steps of an explanation: plan, job, evidence, or why there is none.</summary>
internal sealed class ExplainWork(Store store, ExposureIndex exposures) : IExplainMore
{
    private const int PlansMax = 10;

    public async Task<IReadOnlyList<ExplanationStep>> StepsAsync(Guid assetId, string vulnerability, CancellationToken cancellation) =>
        await store.ReadAsync(
            async session =>
            {
                var steps = new List<ExplanationStep>();
                foreach (var plan in await PlansAsync(session, assetId, vulnerability))
                {
                    steps.Add(new ExplanationStep { Stage = "plan", Text = Text(plan), Source = $"plan:{plan.Id}" });
                    foreach (var job in (await JobStore.OfPlanAsync(session, plan.Id)).Where(job => job.AssetId == assetId && Carries(job, vulnerability)))
                    {
                        steps.AddRange(Job(job));
                    }
                }
                if (steps.Count == 0 && await WhyNoneAsync(session, assetId, vulnerability) is { } why)
                {
                    steps.Add(new ExplanationStep { Stage = "plan", Text = why });
                }
                return (IReadOnlyList<ExplanationStep>)steps;
            },
            cancellation);

    private static async Task<IReadOnlyList<PlanStore.Row>> PlansAsync(StoreSession session, Guid asset, string vulnerability)
    {
        var rows = await session.QueryAsync<PlanStore.Row>(
            """
            select p.id, p.hash, p.state, p.version, p.author, p.rule, p.title, p.body, p.findings, p.risk_per_day, p.created_us, p.decided_us, p.decided_by, p.reason
            from remediation_plan p
            where p.state <> @superseded and p.id in (select plan_id from remediation_plan_asset where asset_id = @asset)
            order by p.created_us desc, p.id desc limit @most
            """,
            new { asset, superseded = (int)PlanState.Superseded, most = PlansMax });
        return [.. rows.Reverse().Where(row => row.Read().Changes.Any(change => change.Asset == asset && change.Vulnerabilities.Contains(vulnerability)))];
    }

    private static bool Carries(JobStore.Row job, string vulnerability) => job.ReadChanges().Any(change => change.Vulnerabilities.Contains(vulnerability));

    // The plan may change other assets, which the caller need not see: its title and its end's reason stay out.
    private static string Text(PlanStore.Row plan)
    {
        var decided = plan.DecidedUs is { } at ? $", {(plan.State == PlanState.Rejected ? "rejected" : "approved")} by {plan.DecidedBy} {At(at)}" : ", waits for an approval";
        return $"made by {plan.Author} (rule '{plan.Rule}') {At(plan.CreatedUs)}{decided}";
    }

    private static IEnumerable<ExplanationStep> Job(JobStore.Row job)
    {
        var taken = job.LeasedUs is { } at ? $"taken by the agent {At(at)}" : "not taken by the agent yet";
        yield return new ExplanationStep { Stage = "job", Text = $"{job.Title}: {taken}", Source = $"job:{job.Id}" };
        if (!string.IsNullOrEmpty(job.Evidence))
        {
            yield return new ExplanationStep { Stage = "evidence", Text = job.Evidence, Source = job.EvidenceReport is { } report ? $"report:{report}" : null };
        }
    }

    private async Task<string?> WhyNoneAsync(StoreSession session, Guid asset, string vulnerability)
    {
        var finding = exposures.Of(asset)?.Findings.FirstOrDefault(finding => finding.Vulnerability == vulnerability);
        if (finding is null || exposures.Of(asset)?.Release is not { } release)
        {
            return null;
        }
        var work = (await FixWork.OfAssetAsync(session, asset)).FirstOrDefault(row => row.Line == $"{release}/{finding.Source}");
        return work is null ? "no plan yet: the policy has not looked at it since it was found" : $"no plan: {work.Blocked ?? $"it is the turn of {work.Turn}"}";
    }

    private static string At(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) + " UTC";
}
