using System.Globalization;
using System.Text.Json;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Contracts.Jobs;
using Suture.Platform.Storage;
using Suture.Platform.Work;
using Suture.Remediation.Planning;

namespace Suture.Remediation.Dispatch;

/// <summary>Jobs as rows.</summary>
internal sealed class JobStore(WorkQueue queue)
{
    public const string Columns =
        "id, plan_id, asset_id, place, verb, title, changes, is_follow_up, state, version, created_us, not_before_us, expires_us, leased_us, leased_until_us, "
        + "leased_boot, result, result_us, evidence, evidence_report, contradictions";

    /// <summary>States of a job that agent, report or clock will move.</summary>
    public static readonly JobState[] Active = [JobState.Ready, JobState.Leased, JobState.Unproven];

    /// <summary>States of a job of which a fresh report may tell something new.</summary>
    public static readonly JobState[] Provable = [JobState.Leased, JobState.Unproven, JobState.PendingEffect];

    internal sealed record Row
    {
        public Guid Id { get; init; }
        public Guid? PlanId { get; init; }
        public Guid AssetId { get; init; }
        public int Place { get; init; }
        public JobVerb Verb { get; init; }
        public string Title { get; init; } = "";
        public string Changes { get; init; } = "";
        public int IsFollowUp { get; init; }
        public JobState State { get; init; }
        public long Version { get; init; }
        public DateTimeOffset CreatedUs { get; init; }
        public DateTimeOffset NotBeforeUs { get; init; }
        public DateTimeOffset ExpiresUs { get; init; }
        public DateTimeOffset? LeasedUs { get; init; }
        public DateTimeOffset? LeasedUntilUs { get; init; }
        public string? LeasedBoot { get; init; }
        public string? Result { get; init; }
        public DateTimeOffset? ResultUs { get; init; }
        public string? Evidence { get; init; }
        public Guid? EvidenceReport { get; init; }
        public int Contradictions { get; init; }

        public bool IsActive => Active.Contains(State);

        public IReadOnlyList<PlanChange> ReadChanges() => PlanCanon.Read<IReadOnlyList<PlanChange>>(Changes);

        public JobResult? ReadResult() => Result is null ? null : JsonSerializer.Deserialize(Result, ContractsJson.Default.JobResult);
    }

    public static Task<IReadOnlyList<Row>> OfPlanAsync(StoreSession session, Guid plan) =>
        session.QueryAsync<Row>($"select {Columns} from remediation_job where plan_id = @plan order by asset_id, place", new { plan });

    /// <summary>Jobs of an asset in some states, oldest first.</summary>
    public static Task<IReadOnlyList<Row>> OfAssetAsync(StoreSession session, Guid asset, IReadOnlyList<JobState> states) =>
        session.QueryAsync<Row>(
            $"select {Columns} from remediation_job where asset_id = @asset and {session.Dialect.In("state", "states")} order by created_us, place limit @most",
            new { asset, states, most = RemediationLimits.OpenJobsMax });

    /// <summary>True while some job of the plan is not at its end.</summary>
    public static async Task<bool> IsAtWorkAsync(StoreSession session, Guid plan) =>
        await session.SingleOrDefaultAsync<int?>(
            $"select 1 from remediation_job where plan_id = @plan and {session.Dialect.In("state", "states")} limit 1", new { plan, states = Active }) is not null;

    /// <summary>True when some job of the plan was taken back.</summary>
    public static async Task<bool> IsTakenBackAsync(StoreSession session, Guid plan) =>
        await session.SingleOrDefaultAsync<int?>(
            "select 1 from remediation_job where plan_id = @plan and state = @withdrawn limit 1", new { plan, withdrawn = JobState.Withdrawn }) is not null;

    /// <summary>Jobs of a plan on one asset, in order.</summary>
    public static Task<IReadOnlyList<Row>> OfPlanAsync(StoreSession session, Guid plan, Guid asset) =>
        session.QueryAsync<Row>($"select {Columns} from remediation_job where plan_id = @plan and asset_id = @asset order by place", new { plan, asset });

    /// <summary>Keeps one signed job, ready for its agent. Of a plan, never for an asset that is only observed: callers ask <see cref="PlanInputs.Held"/> first.</summary>
    public async Task InsertAsync(StoreSession session, SignedJob job, string actor, DateTimeOffset now)
    {
        var (content, what) = (job.Content, job.What);
        var (plan, title) = (what?.Plan.Body.Plan, what?.Title ?? "report now");
        await session.ExecuteAsync(
            """
            insert into remediation_job
              (id, plan_id, asset_id, wave, place, verb, title, payload, signature, key_id, changes, is_follow_up, state, version, created_us, not_before_us, expires_us, contradictions)
            values (@JobId, @plan, @AssetId, @wave, @place, @Verb, @title, @Payload, @Signature, @KeyId, @changes, @isFollowUp, @ready, 1, @now, @NotBeforeUtc, @ExpiresUtc, 0)
            """,
            new
            {
                content.JobId, plan, content.AssetId, wave = what?.Changes[0].Wave ?? 1, place = what?.Place ?? 1, content.Verb, title, job.Payload, job.Signature, job.KeyId,
                changes = PlanCanon.Text(what?.Changes ?? []), isFollowUp = what?.IsFollowUp ?? false, ready = JobState.Ready, now, content.NotBeforeUtc, content.ExpiresUtc,
            });
        await session.AppendJobAsync(
            now, actor, "job.made", content.JobId, content.AssetId, new { Plan = plan, Asset = content.AssetId, Verb = content.Verb.ToString(), title, content.ExpiresUtc });
        await queue.EnqueueAsync(session, now, RemediationWork.JobsDue, content.AssetId.ToString("N", CultureInfo.InvariantCulture), content.ExpiresUtc);
    }

    /// <summary>Writes a job's new state when it still is as it was seen.</summary>
    /// <returns>False when it is not.</returns>
    public static async Task<bool> MoveAsync(StoreSession session, Row job, JobState to, string evidence, Guid? report, int contradictions, DateTimeOffset now)
    {
        var ended = to is JobState.Verified or JobState.Failed or JobState.Expired or JobState.Withdrawn ? now : (DateTimeOffset?)null;
        var rows = await session.ExecuteAsync(
            """
            update remediation_job set state = @to, version = version + 1, evidence = @evidence, evidence_report = @report, contradictions = @contradictions, ended_us = @ended
            where id = @Id and state = @state and version = @Version
            """,
            new { job.Id, to = (int)to, state = (int)job.State, job.Version, evidence, report, contradictions, ended });
        return rows == 1;
    }
}
