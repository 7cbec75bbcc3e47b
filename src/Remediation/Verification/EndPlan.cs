using System.Globalization;
using Microsoft.Extensions.Logging;
using Suture.Contracts.Api;
using Suture.Exposure.Findings;
using Suture.Platform.Storage;
using Suture.Platform.Work;
using Suture.Remediation.Dispatch;
using Suture.Remediation.Planning;

namespace Suture.Remediation.Verification;

/// <summary>Goes on with a plan after some of its jobs moved: follow-ups that its clauses allow, else its end, verified or not.</summary>
internal sealed partial class EndPlan(WorkQueue queue, JobStore jobs, ExposureIndex exposures, RemediationOptions options, ILogger<EndPlan> logger)
{
    private const int MissingNamedMax = 5;
    private const string AllVerified = "every fix is verified by a fresh report";

    /// <summary>Looks at a plan, in the transaction that moved its jobs.</summary>
    /// <returns>Assets with new work, to be woken after the commit.</returns>
    public async Task<IReadOnlyList<Guid>> AfterJobsAsync(StoreSession session, Guid plan, DateTimeOffset now)
    {
        if (await PlanStore.FindAsync(session, plan) is not { State: PlanState.Approved or PlanState.EndedUnverified } row)
        {
            return [];
        }
        var body = row.Read();
        var made = row.State == PlanState.Approved ? await FollowAsync(session, body, now) : [];
        if (made.Count == 0)
        {
            await EndAsync(session, row, body, now);
        }
        return made;
    }

    /// <summary>Notes that some assets of an approved plan got no jobs, and ends the plan when none did.</summary>
    public async Task WithoutAssetsAsync(StoreSession session, PlanStore.Row row, IReadOnlyDictionary<Guid, string> held, DateTimeOffset now)
    {
        foreach (var (asset, reason) in held)
        {
            await session.ExecuteAsync(
                "update remediation_work set blocked = @reason where plan_id = @Id and asset_id = @asset", new { row.Id, asset, reason });
        }
        var body = row.Read();
        await session.AppendPlanAsync(
            now, "server", "plan.held", body with { Changes = [.. body.Changes.Where(change => held.ContainsKey(change.Asset))] },
            part => new { Assets = part.Changes.Select(change => change.Asset).Distinct().Select(asset => new { Asset = asset, Reason = held[asset] }) });
        await EndAsync(session, row, body, now);
    }

    private async Task<IReadOnlyList<Guid>> FollowAsync(StoreSession session, PlanBody body, DateTimeOffset now)
    {
        var made = new List<Guid>();
        foreach (var asset in (await JobStore.OfPlanAsync(session, body.Plan)).GroupBy(job => job.AssetId))
        {
            if (exposures.Of(asset.Key) is { } exposure && PlanInputs.Held(exposure.Asset with { IsSilent = false }) is null
                && DecideFollowUp.Of(body, [.. asset], exposure.Findings) is { } job)
            {
                await jobs.InsertAsync(session, job, now);
                made.Add(asset.Key);
            }
        }
        return made;
    }

    private async Task EndAsync(StoreSession session, PlanStore.Row row, PlanBody body, DateTimeOffset now)
    {
        var all = await JobStore.OfPlanAsync(session, row.Id);
        if (all.Any(job => job.IsActive))
        {
            return;
        }
        var missing = Missing(body, all);
        var to = missing.Count == 0 ? PlanState.Verified : PlanState.EndedUnverified;
        if (row.State == to)
        {
            return;
        }
        var reason = missing.Count == 0 ? AllVerified : Name(missing);
        if (!await PlanStore.MoveAsync(session, row.Id, row.State, row.Version, to, reason, now))
        {
            throw new PlanRaceException($"Plan {row.Id} moved meanwhile.");
        }
        if (row.State == PlanState.Approved)
        {
            await ReleaseAsync(session, row, body, missing, now);
        }
        await session.AppendPlanAsync(now, "server", missing.Count == 0 ? "plan.verified" : "plan.ended", body, part => new { Reason = ReasonOf(part, missing) });
        foreach (var asset in body.Changes.Select(change => change.Asset).Distinct())
        {
            await queue.EnqueueAsync(session, now, RemediationWork.PlanAsset, asset.ToString("N", CultureInfo.InvariantCulture));
        }
        LogEnded(row.Id, to, reason);
    }

    private async Task ReleaseAsync(StoreSession session, PlanStore.Row row, PlanBody body, IReadOnlyList<MissingFix> missing, DateTimeOffset now)
    {
        if (body.Author == DecidePlans.PolicyAuthor)
        {
            foreach (var fix in missing)
            {
                await FixWork.FailAsync(session, fix.Asset, fix.Key, fix.Why, options.RetryAfter, now);
            }
        }
        await FixWork.ReleaseAsync(session, row.Id, missing.Count == 0 ? Turn.Policy : Turn.Person, now);
    }

    private sealed record MissingFix(Guid Asset, string AssetName, string Key, string Why);

    /// <summary>What of a plan is not verified. A fix is when any of its jobs on the asset was proved after the last word against it.</summary>
    private static List<MissingFix> Missing(PlanBody body, IReadOnlyList<JobStore.Row> all)
    {
        var missing = new List<MissingFix>();
        foreach (var change in body.Changes)
        {
            var own = all.Where(job => job.AssetId == change.Asset && job.IsFollowUp == 0 && job.ReadChanges().Any(done => done.Fix == change.Fix && done.Verb == change.Verb)).ToList();
            if (own.Count == 0)
            {
                missing.Add(new MissingFix(change.Asset, change.AssetName, change.Fix, "no job was made: the asset must not be changed"));
            }
            else if (own.Find(job => job.State != JobState.Verified) is { } open)
            {
                var key = open.State == JobState.PendingEffect ? (FixLine.Key(change.Fix) with { IsEffect = true }).ToString() : change.Fix;
                missing.Add(new MissingFix(change.Asset, change.AssetName, key, open.Evidence ?? $"job {open.Id} is {open.State}"));
            }
        }
        return missing;
    }

    private static string ReasonOf(PlanBody part, IReadOnlyList<MissingFix> missing)
    {
        var own = missing.Where(fix => part.Changes.Any(change => change.Asset == fix.Asset)).ToList();
        return own.Count > 0 ? Name(own) : missing.Count == 0 ? AllVerified : "every fix of these assets is verified by a fresh report; others of the plan are not";
    }

    private static string Name(IReadOnlyList<MissingFix> missing)
    {
        var named = string.Join("; ", missing.Take(MissingNamedMax).Select(fix => $"{fix.AssetName}, {FixLine.Key(fix.Key).Source}: {fix.Why}"));
        return missing.Count > MissingNamedMax ? $"{named}; and {missing.Count - MissingNamedMax} more" : named;
    }

    [LoggerMessage(4301, LogLevel.Information, "Plan {PlanId} ended {State}: {Reason}")]
    private partial void LogEnded(Guid planId, PlanState state, string reason);
}
