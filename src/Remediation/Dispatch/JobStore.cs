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
internal sealed class JobStore(JobSigner signer, WorkQueue queue, RemediationOptions options)
{
    public const string Columns =
        "id, plan_id, asset_id, place, verb, title, changes, is_follow_up, state, version, created_us, not_before_us, expires_us, leased_us, leased_until_us, "
        + "leased_boot, result, result_us, evidence, evidence_report, contradictions";

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

        public bool IsActive => State is JobState.Waiting or JobState.Ready or JobState.Leased or JobState.Unproven;

        public IReadOnlyList<PlanChange> ReadChanges() => PlanCanon.Read<IReadOnlyList<PlanChange>>(Changes);

        public JobResult? ReadResult() => Result is null ? null : JsonSerializer.Deserialize(Result, ContractsJson.Default.JobResult);
    }

    public static Task<IReadOnlyList<Row>> OfPlanAsync(StoreSession session, Guid plan) =>
        session.QueryAsync<Row>($"select {Columns} from remediation_job where plan_id = @plan order by asset_id, place", new { plan });

    /// <summary>Makes one signed job, ready for its agent. Never for an asset that is only observed: callers ask <see cref="PlanInputs.Held"/> first.</summary>
    public async Task InsertAsync(StoreSession session, NewJob job, DateTimeOffset now)
    {
        var (start, end) = WindowTimes.Next(job.Body.Window, now, options.JobLifetime);
        var payload = new JobPayload
        {
            JobId = Guid.CreateVersion7(now),
            AssetId = job.Asset,
            PlanHash = PlanCanon.Hash(job.Body),
            Verb = job.Verb,
            Packages = [.. job.Changes.SelectMany(change => change.Packages)],
            Units = [.. job.Changes.SelectMany(change => change.Units).Distinct().Order(StringComparer.Ordinal).Take(RemediationLimits.JobUnitsMax)],
            NotBeforeUtc = start,
            ExpiresUtc = end,
        };
        await InsertAsync(session, payload, "server", job, now);
    }

    /// <summary>Makes the signed job of a report that a person asked for; also for an asset that is only observed. It belongs to no plan.</summary>
    /// <returns>The job.</returns>
    public async Task<Guid> InsertReportNowAsync(StoreSession session, Guid asset, string actor, DateTimeOffset now)
    {
        var id = Guid.CreateVersion7(now);
        var payload = new JobPayload
        {
            JobId = id,
            AssetId = asset,
            PlanHash = PlanCanon.Hash(PlanCanon.Text(new { Job = id, Asset = asset, AskedBy = actor })),
            Verb = JobVerb.ReportNow,
            NotBeforeUtc = now,
            ExpiresUtc = now + options.JobLifetime,
        };
        await InsertAsync(session, payload, actor, null, now);
        return id;
    }

    private async Task InsertAsync(StoreSession session, JobPayload job, string actor, NewJob? planned, DateTimeOffset now)
    {
        var payload = JsonSerializer.SerializeToUtf8Bytes(job, ContractsJson.Default.JobPayload);
        var plan = planned?.Body.Plan;
        if (payload.Length > RemediationLimits.JobPayloadBytesMax)
        {
            throw new InvalidOperationException($"A job of plan {plan} has {payload.Length} bytes, wanted at most {RemediationLimits.JobPayloadBytesMax}.");
        }
        var title = planned?.Title ?? "report now";
        await session.ExecuteAsync(
            """
            insert into remediation_job
              (id, plan_id, asset_id, wave, place, verb, title, payload, signature, key_id, changes, is_follow_up, state, version, created_us, not_before_us, expires_us, contradictions)
            values (@JobId, @plan, @AssetId, @wave, @place, @verb, @title, @payload, @signature, @KeyId, @changes, @followUp, @ready, 1, @now, @NotBeforeUtc, @ExpiresUtc, 0)
            """,
            new
            {
                job.JobId, plan, job.AssetId, wave = planned?.Changes[0].Wave ?? 1, place = planned?.Place ?? 1, verb = (int)job.Verb, title, payload,
                signature = signer.Sign(payload), signer.KeyId, changes = PlanCanon.Text(planned?.Changes ?? []), followUp = planned is { IsFollowUp: true } ? 1 : 0,
                ready = (int)JobState.Ready, now, job.NotBeforeUtc, job.ExpiresUtc,
            });
        await session.AppendJobAsync(
            now, actor, "job.made", job.JobId, job.AssetId, new { Plan = plan, Asset = job.AssetId, Verb = job.Verb.ToString(), title, job.ExpiresUtc });
        await queue.EnqueueAsync(session, now, RemediationWork.JobsDue, job.AssetId.ToString("N", CultureInfo.InvariantCulture), job.ExpiresUtc);
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
