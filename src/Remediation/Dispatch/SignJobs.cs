using System.Text.Json;
using Microsoft.Extensions.Logging;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Contracts.Approvals;
using Suture.Contracts.Jobs;
using Suture.Inventory;
using Suture.Platform.Identity;
using Suture.Platform.Storage;
using Suture.Platform.Work;
using Suture.Remediation.Approvals;
using Suture.Remediation.Planning;
using Suture.Remediation.Verification;

namespace Suture.Remediation.Dispatch;

/// <summary>Makes the signed jobs of an approved plan and wakes the polls that wait for them.</summary>
internal sealed partial class SignJobs(
    Store store, JobStore jobs, JobSigner signer, AssetDirectory assets, PlanSigners signers, JobSignal signal, EndPlan ends, RemediationOptions options, TimeProvider time, ILogger<SignJobs> logger)
    : IWorkHandler
{
    public string Kind => RemediationWork.PlanApproved;

    public async Task HandleAsync(WorkItem item, CancellationToken cancellation)
    {
        var id = Guid.ParseExact(item.Subject, "N");
        var made = await Races.WriteAsync(store, session => WriteAsync(session, item, id), cancellation);
        foreach (var asset in made)
        {
            signal.Wake(asset);
        }
    }

    private async Task<IReadOnlyList<Guid>> WriteAsync(StoreSession session, WorkItem item, Guid id)
    {
        var now = time.GetUtcNow();
        var made = new List<Guid>();
        await PlanStore.LockAsync(session, id);
        if (await PlanStore.FindAsync(session, id) is { State: PlanState.Approved } row && (await JobStore.OfPlanAsync(session, id)).Count == 0)
        {
            var plan = row.Freeze()
                ?? throw new InvalidOperationException($"Plan {id}: the stored body is not what its hash {row.Hash} was approved for. No job is made; a person must look at the store.");
            var held = await HeldAsync(session, row, plan.Body);
            made.AddRange(plan.Body.Changes.Select(change => change.Asset).Distinct().Where(asset => !held.ContainsKey(asset)));
            foreach (var job in made.SelectMany(asset => NewJob.Of(plan, asset)))
            {
                await jobs.InsertAsync(session, Sign(job, signer, options, now), "server", now);
            }
            if (held.Count > 0)
            {
                await ends.WithoutAssetsAsync(session, row, held, now);
            }
            LogSigned(id, made.Count, held.Count);
        }
        await WorkQueue.CompleteAsync(session, item);
        return made;
    }

    /// <summary>Assets of the plan that must not be changed, with the reason: they may have become so after the approval.</summary>
    private async Task<Dictionary<Guid, string>> HeldAsync(StoreSession session, PlanStore.Row row, PlanBody body)
    {
        var held = new Dictionary<Guid, string>();
        foreach (var changes in body.Changes.GroupBy(change => change.Asset))
        {
            var asset = await assets.FindAsync(session, Scope.All, changes.Key);
            // A silent asset takes its job when it is back, within the job's time; that is what the time is for.
            var reason = asset is null ? "the asset is gone" : PlanInputs.Held(asset with { IsSilent = false }) ?? PolicyApproval.WhyNotAnyMore(row.DecidedBy, [.. changes], asset);
            reason ??= (await signers.DemandsAsync(session, row, [asset!])).FirstOrDefault(demand => !demand.IsMet)?.Why;
            if (reason is not null)
            {
                held[changes.Key] = reason;
            }
        }
        return held;
    }

    /// <summary>Writes down what is to be done, where and until when, and signs those bytes. An approved plan's follow-ups are signed here too.</summary>
    internal static SignedJob Sign(NewJob job, JobSigner signer, RemediationOptions options, DateTimeOffset now)
    {
        var (start, end) = WindowTimes.Next(job.Plan.Body.Window, now, options.JobLifetime);
        var content = new JobPayload
        {
            JobId = Guid.CreateVersion7(now),
            AssetId = job.Asset,
            PlanHash = job.Plan.Hash,
            Verb = job.Verb,
            Packages = [.. job.Changes.SelectMany(change => change.Packages)],
            Units = [.. job.Changes.SelectMany(change => change.Units).Distinct().Order(StringComparer.Ordinal).Take(RemediationLimits.JobUnitsMax)],
            NotBeforeUtc = start,
            ExpiresUtc = end,
        };
        return Sign(content, job, signer);
    }

    /// <summary>Signs the job of a report that a person asked for. It belongs to no plan; its plan hash is over who asked what.</summary>
    internal static SignedJob SignReportNow(Guid asset, string actor, JobSigner signer, RemediationOptions options, DateTimeOffset now)
    {
        var id = Guid.CreateVersion7(now);
        var content = new JobPayload
        {
            JobId = id,
            AssetId = asset,
            PlanHash = PlanCanon.Hash(PlanCanon.Text(new { Job = id, Asset = asset, AskedBy = actor })),
            Verb = JobVerb.ReportNow,
            NotBeforeUtc = now,
            ExpiresUtc = now + options.JobLifetime,
        };
        return Sign(content, null, signer);
    }

    private static SignedJob Sign(JobPayload content, NewJob? what, JobSigner signer)
    {
        var payload = JsonSerializer.SerializeToUtf8Bytes(content, ContractsJson.Default.JobPayload);
        return payload.Length <= RemediationLimits.JobPayloadBytesMax
            ? new SignedJob(content, what, payload, signer.Sign(payload), signer.KeyId)
            : throw new InvalidOperationException($"A job of plan {what?.Plan.Body.Plan} has {payload.Length} bytes, wanted at most {RemediationLimits.JobPayloadBytesMax}.");
    }

    [LoggerMessage(4201, LogLevel.Information, "Plan {PlanId}: jobs signed for {Assets} assets, {Held} held back")]
    private partial void LogSigned(Guid planId, int assets, int held);
}
