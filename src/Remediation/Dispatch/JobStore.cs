using System.Globalization;
using System.Text.Json;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Contracts.Jobs;
using Suture.Platform.Ledger;
using Suture.Platform.Storage;
using Suture.Platform.Work;
using Suture.Remediation.Planning;

namespace Suture.Remediation.Dispatch;

/// <summary>Jobs as rows.</summary>
internal sealed class JobStore(JobSigner signer, WorkQueue queue, RemediationOptions options)
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
        public Guid PlanId { get; init; }
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

    /// <summary>Jobs of a plan on one asset, in order.</summary>
    public static Task<IReadOnlyList<Row>> OfPlanAsync(StoreSession session, Guid plan, Guid asset) =>
        session.QueryAsync<Row>($"select {Columns} from remediation_job where plan_id = @plan and asset_id = @asset order by place", new { plan, asset });

    /// <summary>Makes one signed job, ready for its agent. Never for an asset that is only observed: callers ask <see cref="PlanInputs.Held"/> first.</summary>
    public async Task InsertAsync(StoreSession session, NewJob job, DateTimeOffset now)
    {
        var id = Guid.CreateVersion7(now);
        var (start, end) = WindowTimes.Next(job.Body.Window, now, options.JobLifetime);
        var payload = JsonSerializer.SerializeToUtf8Bytes(
            new JobPayload
            {
                JobId = id,
                AssetId = job.Asset,
                PlanHash = PlanCanon.Hash(job.Body),
                Verb = job.Verb,
                Packages = [.. job.Changes.SelectMany(change => change.Packages)],
                Units = [.. job.Changes.SelectMany(change => change.Units).Distinct().Order(StringComparer.Ordinal).Take(RemediationLimits.JobUnitsMax)],
                NotBeforeUtc = start,
                ExpiresUtc = end,
            },
            ContractsJson.Default.JobPayload);
        if (payload.Length > RemediationLimits.JobPayloadBytesMax)
        {
            throw new InvalidOperationException($"A job of plan {job.Body.Plan} has {payload.Length} bytes, wanted at most {RemediationLimits.JobPayloadBytesMax}.");
        }
        var title = job.Title;
        await session.ExecuteAsync(
            """
            insert into remediation_job
              (id, plan_id, asset_id, wave, place, verb, title, payload, signature, key_id, changes, is_follow_up, state, version, created_us, not_before_us, expires_us, contradictions)
            values (@id, @Plan, @Asset, @wave, @Place, @verb, @title, @payload, @signature, @KeyId, @changes, @followUp, @ready, 1, @now, @start, @end, 0)
            """,
            new
            {
                id, job.Body.Plan, job.Asset, wave = job.Changes[0].Wave, job.Place, verb = (int)job.Verb, title, payload, signature = signer.Sign(payload), signer.KeyId,
                changes = PlanCanon.Text(job.Changes), followUp = job.IsFollowUp ? 1 : 0, ready = (int)JobState.Ready, now, start, end,
            });
        await session.AppendLedgerAsync(now, "server", "job.made", $"job:{id}", new { job.Body.Plan, job.Asset, Verb = job.Verb.ToString(), title, ExpiresUtc = end });
        await queue.EnqueueAsync(session, now, RemediationWork.JobsDue, job.Asset.ToString("N", CultureInfo.InvariantCulture), end);
    }

    /// <summary>Writes a job's new state when it still is as it was seen.</summary>
    /// <returns>False when it is not.</returns>
    public static async Task<bool> MoveAsync(StoreSession session, Row job, JobState to, string evidence, Guid? report, int contradictions, DateTimeOffset now)
    {
        var ended = to is JobState.Verified or JobState.Failed or JobState.Expired ? now : (DateTimeOffset?)null;
        var rows = await session.ExecuteAsync(
            """
            update remediation_job set state = @to, version = version + 1, evidence = @evidence, evidence_report = @report, contradictions = @contradictions, ended_us = @ended
            where id = @Id and state = @state and version = @Version
            """,
            new { job.Id, to = (int)to, state = (int)job.State, job.Version, evidence, report, contradictions, ended });
        return rows == 1;
    }
}

/// <summary>A job to make.</summary>
internal sealed record NewJob(PlanBody Body, Guid Asset, JobVerb Verb, int Place, IReadOnlyList<PlanChange> Changes, bool IsFollowUp)
{
    public string Title => Verb switch
    {
        JobVerb.EnsurePackage => PlanWords.Action(Changes[0]),
        JobVerb.RestartService => PlanWords.Restart([.. Changes.SelectMany(change => change.Units).Distinct().Order(StringComparer.Ordinal)]),
        _ => "reboot",
    };

    /// <summary>The jobs of a plan on one asset, in order: one an upgrade, one for all restarts, one for the reboot.</summary>
    public static IReadOnlyList<NewJob> Of(PlanBody body, Guid asset)
    {
        var changes = body.Changes.Where(change => change.Asset == asset).ToList();
        var jobs = new List<NewJob>();
        foreach (var upgrade in changes.Where(change => change.Verb == JobVerb.EnsurePackage))
        {
            jobs.Add(new NewJob(body, asset, JobVerb.EnsurePackage, jobs.Count + 1, [upgrade], false));
        }
        foreach (var verb in new[] { JobVerb.RestartService, JobVerb.Reboot })
        {
            var same = changes.Where(change => change.Verb == verb).ToList();
            if (same.Count > 0)
            {
                jobs.Add(new NewJob(body, asset, verb, jobs.Count + 1, same, false));
            }
        }
        return jobs;
    }
}
