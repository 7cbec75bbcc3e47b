using System.Globalization;
using Microsoft.Extensions.Logging;
using Suture.Contracts.Api;
using Suture.Contracts.Jobs;
using Suture.Exposure.Findings;
using Suture.Inventory;
using Suture.Inventory.Approvers;
using Suture.Platform.Identity;
using Suture.Platform.Ledger;
using Suture.Platform.Storage;
using Suture.Platform.Work;
using Suture.Remediation.Approvals;
using Suture.Remediation.Planning;

namespace Suture.Remediation.Dispatch;

/// <summary>Answers an agent's poll: the next job of its asset, leased to it; that a full report is wanted; or nothing when the wait is over.</summary>
internal sealed partial class OfferJobs(
    Store store, WorkQueue queue, AssetDirectory assets, ApproverDirectory approvers, JobSignal signal, LedgerWitness ledger, RemediationOptions options, TimeProvider time,
    ILogger<OfferJobs> logger)
{
    private sealed record Candidate
    {
        public Guid Id { get; init; }
        public Guid? PlanId { get; init; }
        public JobState State { get; init; }
        public long Version { get; init; }
        public DateTimeOffset? LeasedUs { get; init; }
        public DateTimeOffset? LeasedUntilUs { get; init; }
        public DateTimeOffset ExpiresUs { get; init; }
        public string Changes { get; init; } = "";
        public byte[] Payload { get; init; } = [];
        public byte[] Signature { get; init; } = [];
        public string KeyId { get; init; } = "";
    }

    public async Task<PollResponse> PollAsync(Guid asset, PollRequest poll, CancellationToken cancellation)
    {
        var deadline = time.GetUtcNow() + TimeSpan.FromSeconds(Math.Clamp(poll.WaitSeconds, 0, RemediationLimits.PollWaitMax.TotalSeconds));
        await ExtendAsync(asset, poll, cancellation);
        if (poll.Checkpoint is { } kept)
        {
            await ledger.HearAsync(kept, asset, cancellation);
        }
        var newer = await approvers.HearAsync(asset, poll.Approvers, cancellation);
        var lost = await FindLostAsync(asset, poll, cancellation);
        while (true)
        {
            using var wait = signal.Begin(asset);
            if (lost is not null && time.GetUtcNow() >= lost.OfferUtc)
            {
                await GiveUpAsync(lost, cancellation);
                lost = null;
            }
            var job = await LeaseAsync(asset, poll.BootId, cancellation);
            var isFullWanted = await IsFullWantedAsync(asset, cancellation);
            // Sets of approvers ride along and never end a wait: an agent that refuses one would be answered at once for ever.
            if (job is not null || isFullWanted)
            {
                return Answer(job is null ? [] : [job], isFullWanted) with { Approvers = newer };
            }
            var until = lost is not null && lost.OfferUtc < deadline ? lost.OfferUtc : deadline;
            if (wait is null || (!await wait.ForAsync(until - time.GetUtcNow(), time, cancellation) && time.GetUtcNow() >= deadline))
            {
                return Answer([], isFullWanted: false) with { Approvers = newer };
            }
        }
    }

    private Task<bool> IsFullWantedAsync(Guid asset, CancellationToken cancellation) => store.ReadAsync(
        async session => await session.SingleOrDefaultAsync<int>("select full_wanted from inventory_asset_v where id = @asset", new { asset }) != 0, cancellation);

    /// <summary>A job that is leased to an agent which says that it is not at work on it: its poll ended before the answer came through (the agent replaced
    /// itself, the connection broke). It is offered again soon, not only when its lease has run out; an agent that has it after all answers from its journal.</summary>
    private sealed record LostJob(Guid Id, long Version, DateTimeOffset OfferUtc);

    private async Task<LostJob?> FindLostAsync(Guid asset, PollRequest poll, CancellationToken cancellation)
    {
        var leased = await store.ReadAsync(
            session => session.QueryAsync<Candidate>(
                "select id, version, leased_until_us from remediation_job where asset_id = @asset and state = @leased", new { asset, leased = (int)JobState.Leased }),
            cancellation);
        return leased.FirstOrDefault(job => job.LeasedUntilUs is not null && !poll.Working.Contains(job.Id)) is { } lost
            ? new LostJob(lost.Id, lost.Version, lost.LeasedUntilUs!.Value - options.JobLease + RemediationLimits.LostAfter)
            : null;
    }

    private Task GiveUpAsync(LostJob lost, CancellationToken cancellation) => store.WriteAsync(
        session => session.ExecuteAsync(
            "update remediation_job set leased_until_us = @now where id = @Id and version = @Version and state = @leased",
            new { lost.Id, lost.Version, leased = (int)JobState.Leased, now = time.GetUtcNow() }),
        cancellation);

    private PollResponse Answer(IReadOnlyList<JobEnvelope> jobs, bool isFullWanted) => new() { Jobs = jobs, ServerUtc = time.GetUtcNow(), FullReportWanted = isFullWanted, Checkpoint = ledger.Newest };

    private Task ExtendAsync(Guid asset, PollRequest poll, CancellationToken cancellation)
    {
        var working = poll.Working.Take(RemediationLimits.WorkingMax).ToArray();
        return working.Length == 0
            ? Task.CompletedTask
            : store.WriteAsync(
                async session =>
                {
                    foreach (var id in working)
                    {
                        await session.ExecuteAsync(
                            "update remediation_job set leased_until_us = @until where id = @id and asset_id = @asset and state = @leased",
                            new { id, asset, leased = (int)JobState.Leased, until = time.GetUtcNow() + options.JobLease });
                    }
                },
                cancellation);
    }

    /// <summary>Leases the next job, when one is due and none of the asset is at work. Reads first: most polls find nothing, and reading takes no writer's turn.</summary>
    private async Task<JobEnvelope?> LeaseAsync(Guid asset, string boot, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        if (await store.ReadAsync(session => NextAsync(session, asset, now), cancellation) is null)
        {
            return null;
        }
        return await store.WriteAsync(session => LeaseAsync(session, asset, boot), cancellation);
    }

    private async Task<JobEnvelope?> LeaseAsync(StoreSession session, Guid asset, string boot)
    {
        var now = time.GetUtcNow();
        if (await NextAsync(session, asset, now) is not { } job)
        {
            return null;
        }
        var changes = PlanCanon.Read<IReadOnlyList<PlanChange>>(job.Changes);
        if (job is { LeasedUs: null, PlanId: { } plan } && !await StillHoldsAsync(session, plan, asset, changes))
        {
            await queue.EnqueueAsync(session, now, RemediationWork.PlanAsset, asset.ToString("N", CultureInfo.InvariantCulture));
            return null;
        }
        var rows = await session.ExecuteAsync(
            """
            update remediation_job set state = @leased, version = version + 1, leased_until_us = @until,
              leased_us = coalesce(leased_us, @now), leased_boot = coalesce(leased_boot, @boot)
            where id = @Id and state = @state and version = @Version
            """,
            new { job.Id, leased = (int)JobState.Leased, state = (int)job.State, job.Version, now, until = now + options.JobLease, boot });
        if (rows != 1)
        {
            return null;
        }
        if (job.LeasedUs is null)
        {
            await PlanClocks.StampAsync(session, asset, changes, EpisodeClock.Dispatched, now);
            await session.AppendJobAsync(now, $"agent:{asset}", "job.taken", job.Id, asset, new { Plan = job.PlanId });
        }
        LogOffered(job.Id, asset, options.JobLease.TotalSeconds, job.LeasedUs is not null);
        var envelope = new JobEnvelope { KeyId = job.KeyId, Payload = Convert.ToBase64String(job.Payload), Signature = Convert.ToBase64String(job.Signature) };
        return job.PlanId is { } signed && await assets.FindAsync(session, Scope.All, asset) is { Approvers: not null } && await PlanStore.FindAsync(session, signed) is { } row
            ? envelope with { Plan = row.Freeze()?.Body.ToApproved(asset), ApproverSignatures = await PlanSigners.LoadAsync(session, signed) }
            : envelope;
    }

    /// <summary>False when the plan's approval was the policy's and does not hold for the asset as it is now; planning takes the job back (<see cref="WithdrawJobs"/>).</summary>
    private async Task<bool> StillHoldsAsync(StoreSession session, Guid plan, Guid asset, IReadOnlyList<PlanChange> changes) =>
        await PlanStore.FindAsync(session, plan) is { } row && await assets.FindAsync(session, Scope.All, asset) is { } now
        && PolicyApproval.WhyNotAnyMore(row.DecidedBy, changes, now) is null;

    /// <summary>The job to offer: one whose lease ran out before all others, else the first that is ready; none while another of the asset is at work.</summary>
    private static async Task<Candidate?> NextAsync(StoreSession session, Guid asset, DateTimeOffset now)
    {
        var open = await session.QueryAsync<Candidate>(
            """
            select id, plan_id, state, version, leased_us, leased_until_us, expires_us, changes, payload, signature, key_id
            from remediation_job
            where asset_id = @asset and (state = @leased or (state = @ready and not_before_us <= @now and expires_us > @now))
            order by state desc, created_us, place
            limit 2
            """,
            new { asset, leased = (int)JobState.Leased, ready = (int)JobState.Ready, now });
        if (open.FirstOrDefault() is not { } first)
        {
            return null;
        }
        if (first.State == JobState.Ready)
        {
            return first;
        }
        // Offered again also after its time: the agent refuses to begin it then, but tells how it ended when it had begun.
        return first.LeasedUntilUs <= now ? first : null;
    }

    [LoggerMessage(4203, LogLevel.Information, "Job {JobId} offered to {AssetId}, lease {LeaseSeconds} s, again: {IsAgain}")]
    private partial void LogOffered(Guid jobId, Guid assetId, double leaseSeconds, bool isAgain);
}
