using System.Globalization;
using Microsoft.Extensions.Logging;
using Suture.Contracts.Api;
using Suture.Contracts.Inventory;
using Suture.Contracts.Jobs;
using Suture.Exposure.Findings;
using Suture.Inventory;
using Suture.Platform.Identity;
using Suture.Platform.Storage;
using Suture.Platform.Work;
using Suture.Remediation.Dispatch;
using Suture.Remediation.Planning;

namespace Suture.Remediation.Verification;

/// <summary>Goes on with a plan after some of its jobs moved: follow-ups that its clauses allow, else its end, verified or not.</summary>
internal sealed partial class EndPlan(
    WorkQueue queue, JobStore jobs, JobSigner signer, ExposureIndex exposures, AssetDirectory assets, RemediationOptions options, ILogger<EndPlan> logger)
{
    private const int MissingNamedMax = 5;
    private const string AllVerified = "every fix is verified by a fresh report";

    /// <summary>Looks at a plan, in the transaction that moved its jobs on an asset; the asset may have new work then. Several plans: in the order of their ids.</summary>
    public async Task AfterJobsAsync(StoreSession session, Guid plan, Guid asset, DateTimeOffset now)
    {
        // Two transactions that move the last two jobs must not both see the other's as it was: the second waits here, and sees what the first committed.
        await PlanStore.LockAsync(session, plan);
        if (await PlanStore.FindAsync(session, plan) is not { State: PlanState.Approved or PlanState.EndedUnverified } row)
        {
            return;
        }
        if (row.State != PlanState.Approved || !await FollowAsync(session, row, asset, now))
        {
            await EndAsync(session, row, new Dictionary<Guid, string>(), now);
        }
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
        await EndAsync(session, row, held, now);
    }

    private async Task<bool> FollowAsync(StoreSession session, PlanStore.Row row, Guid id, DateTimeOffset now)
    {
        // Of a plan that was taken back no new job is made: a restart taken back must not become the reboot that comes after it.
        if (await JobStore.IsTakenBackAsync(session, row.Id) || row.Freeze() is not { } plan || exposures.Of(id) is not { } report || await assets.FindAsync(session, Scope.All, id) is not { } asset
            || PlanInputs.Held(asset with { IsSilent = false }) is not null
            || PolicyApproval.WhyNotAnyMore(row.DecidedBy, [.. plan.Body.Changes.Where(change => change.Asset == id)], asset) is not null
            || DecideFollowUp.Of(plan, await JobStore.OfPlanAsync(session, row.Id, id), report) is not { } job)
        {
            return false;
        }
        await jobs.InsertAsync(session, SignJobs.Sign(job, signer, options, now), "server", now);
        return true;
    }

    private async Task EndAsync(StoreSession session, PlanStore.Row row, IReadOnlyDictionary<Guid, string> held, DateTimeOffset now)
    {
        if (await JobStore.IsAtWorkAsync(session, row.Id))
        {
            return;
        }
        var all = await JobStore.OfPlanAsync(session, row.Id);
        var body = row.Read();
        var missing = Missing(body, all, held);
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
        foreach (var fix in missing)
        {
            // What the agent would not do without a further package is no failure of the fix, as long as the next plan can name one package more.
            var isNews = fix.Unapproved.Count > 0 && await FixWork.AlsoAsync(session, fix.Asset, fix.Key, Nameable(fix));
            if (fix.IsFailure && !isNews && body.Author == DecidePlans.PolicyAuthor)
            {
                await FixWork.FailAsync(session, fix.Asset, fix.Key, fix.Why, options.RetryAfter, now);
            }
        }
        await FixWork.ReleaseAsync(session, row.Id, missing.Count == 0 ? Turn.Policy : Turn.Person, now);
    }

    /// <summary>One fix of the plan that is not verified, and whether it was tried and failed: what was held back or taken back is no failure of the fix.</summary>
    private sealed record MissingFix(Guid Asset, string AssetName, string Key, string Why, bool IsFailure)
    {
        /// <summary>Packages that apt would have upgraded too and that the job did not name, as the agent told.</summary>
        public IReadOnlyList<PackageChange> Unapproved { get; init; } = [];
    }

    // Upgrades of installed packages that are no third party's: what a plan can name (see BuildWork). For anything else the same plan would be made again.
    private List<string> Nameable(MissingFix fix)
    {
        var installed = (exposures.Of(fix.Asset)?.Packages ?? []).Where(package => package.Origin != OriginKind.ThirdParty)
            .Select(package => package.Name).ToHashSet(StringComparer.Ordinal);
        return [.. fix.Unapproved.Where(change => change is { From: not null, To: not null } && installed.Contains(change.Package)).Select(change => change.Package)];
    }

    /// <summary>What of a plan is not verified. A fix is when any of its jobs on the asset was proved after the last word against it.</summary>
    private static List<MissingFix> Missing(PlanBody body, IReadOnlyList<JobStore.Row> all, IReadOnlyDictionary<Guid, string> held)
    {
        var missing = new List<MissingFix>();
        foreach (var change in body.Changes)
        {
            var own = all.Where(job => job.AssetId == change.Asset && job.IsFollowUp == 0 && job.ReadChanges().Any(done => done.Fix == change.Fix && done.Verb == change.Verb)).ToList();
            if (own.Count == 0)
            {
                missing.Add(new MissingFix(change.Asset, change.AssetName, change.Fix, $"no job was made: {held.GetValueOrDefault(change.Asset, "the asset must not be changed")}", false));
            }
            else if (own.Find(job => job.State != JobState.Verified) is { } open)
            {
                var key = open.State == JobState.PendingEffect ? (FixLine.Key(change.Fix) with { IsEffect = true }).ToString() : change.Fix;
                missing.Add(new MissingFix(change.Asset, change.AssetName, key, open.Evidence ?? $"job {open.Id} is {open.State}", IsFailure(open, all)) { Unapproved = open.ReadResult()?.Unapproved ?? [] });
            }
        }
        return missing;
    }

    private static string ReasonOf(PlanBody part, IReadOnlyList<MissingFix> missing)
    {
        var own = missing.Where(fix => part.Changes.Any(change => change.Asset == fix.Asset)).ToList();
        return own.Count > 0 ? Name(own) : missing.Count == 0 ? AllVerified : "every fix of these assets is verified by a fresh report; others of the plan are not";
    }

    // An upgrade that waits for a restart which this plan did not make did not fail: the restart is the next plan's.
    private static bool IsFailure(JobStore.Row job, IReadOnlyList<JobStore.Row> all) => job.State switch
    {
        JobState.Withdrawn => false,
        JobState.PendingEffect => job.Verb != JobVerb.EnsurePackage || all.Any(other => other.AssetId == job.AssetId && other.IsFollowUp != 0 && other.State != JobState.Withdrawn),
        _ => true,
    };

    private static string Name(IReadOnlyList<MissingFix> missing)
    {
        var named = string.Join("; ", missing.Take(MissingNamedMax).Select(fix => $"{fix.AssetName}, {FixLine.Key(fix.Key).Source}: {fix.Why}"));
        return missing.Count > MissingNamedMax ? $"{named}; and {missing.Count - MissingNamedMax} more" : named;
    }

    [LoggerMessage(4301, LogLevel.Information, "Plan {PlanId} ended {State}: {Reason}")]
    private partial void LogEnded(Guid planId, PlanState state, string reason);
}
