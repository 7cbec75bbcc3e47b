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
                var episodes = await EpisodeView.OfAsync(session, assetId, vulnerability);
                foreach (var plan in await PlansAsync(session, assetId, episodes))
                {
                    steps.Add(new ExplanationStep { Stage = "plan", Text = Text(plan), Source = $"plan:{plan.Id}" });
                    foreach (var job in (await JobStore.OfPlanAsync(session, plan.Id, assetId)).Where(job => episodes.Any(episode => Covers(job.ReadChanges(), episode))))
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

    /// <summary>The newest plans that carried one of the episodes, oldest first: made before it ended, and not at their end before it was detected.</summary>
    private static async Task<IReadOnlyList<PlanStore.Row>> PlansAsync(StoreSession session, Guid asset, IReadOnlyList<EpisodeView> episodes)
    {
        var lines = episodes.Select(episode => $"{episode.Release}/{episode.Source}").ToHashSet(StringComparer.Ordinal);
        var planned = await session.QueryAsync<PlannedFix>("select plan_id, fix_key from remediation_plan_asset where asset_id = @asset", new { asset });
        var ids = planned.Where(fix => lines.Contains(FixLine.Of(fix.FixKey))).Select(fix => fix.PlanId).Distinct().ToArray();
        var rows = await session.QueryAsync<PlanStore.Row>(
            $"select {PlanStore.Columns} from remediation_plan where state <> @superseded and {session.Dialect.In("id", "ids")} order by created_us desc, id desc",
            new { ids, superseded = (int)PlanState.Superseded });
        return
        [
            .. rows.Where(row => episodes.Any(episode =>
                    (episode.ClosedUtc is null || row.CreatedUs < episode.ClosedUtc) && (row.EndedUs is null || row.EndedUs > episode.DetectedUtc)
                    && Covers([.. row.Read().Changes.Where(change => change.Asset == asset)], episode)))
                .Take(PlansMax).Reverse(),
        ];
    }

    private static bool Covers(IReadOnlyList<PlanChange> changes, EpisodeView episode) => changes.Any(change => Coverage.Covers(change, episode));

    private sealed record PlannedFix
    {
        public Guid PlanId { get; init; }
        public string FixKey { get; init; } = "";
    }

    // The plan may change other assets, which the caller need not see: its title and its end's reason stay out.
    private static string Text(PlanStore.Row plan)
    {
        var decided = plan.DecidedUs is { } at ? $", {plan.State switch { PlanState.Rejected => "rejected", PlanState.Withdrawn => "withdrawn", _ => "approved" }} by {plan.DecidedBy} {At(at)}" : ", waits for an approval";
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
