using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Contracts.Jobs;
using Suture.Platform.Storage;
using Suture.Platform.Work;
using Suture.Remediation.Planning;
using Suture.Remediation.Verification;

namespace Suture.Remediation.Dispatch;

internal enum ResultTaken
{
    Taken = 1,
    AlreadyTaken = 2,
    NotYours = 3,
    /// <summary>Others were at the job each time it was tried; nothing was written, the agent sends it again.</summary>
    Busy = 4,
}

/// <summary>Takes an agent's word on how a job ended. It proves nothing: a fresh report does.</summary>
internal sealed partial class TakeResult(Store store, WorkQueue queue, JobSignal signal, EndPlan ends, TimeProvider time, ILogger<TakeResult> logger)
{
    public async Task<ResultTaken> HandleAsync(Guid asset, JobResult result, CancellationToken cancellation)
    {
        try
        {
            var taken = await Races.WriteAsync(store, session => WriteAsync(session, asset, result), cancellation);
            if (taken == ResultTaken.Taken)
            {
                LogTaken(result.JobId, asset, result.Outcome, result.Reason ?? "");
                signal.Wake(asset);
            }
            return taken;
        }
        catch (PlanRaceException race)
        {
            LogBusy(result.JobId, asset, race.Message);
            return ResultTaken.Busy;
        }
    }

    private async Task<ResultTaken> WriteAsync(StoreSession session, Guid asset, JobResult result)
    {
        var now = time.GetUtcNow();
        var job = await session.SingleOrDefaultAsync<JobStore.Row>(
            $"select {JobStore.Columns} from remediation_job where id = @JobId and asset_id = @asset", new { result.JobId, asset });
        if (job is null)
        {
            return ResultTaken.NotYours;
        }
        if (job.Result is not null)
        {
            return ResultTaken.AlreadyTaken;
        }
        var (state, evidence) = Decide(job.State, result, job.Evidence);
        var ended = state is JobState.Failed && job.State != JobState.Failed;
        var rows = await session.ExecuteAsync(
            """
            update remediation_job set state = @state, version = version + 1, result = @text, result_us = @now, evidence = @evidence,
              ended_us = case when @ended = 1 then @now else ended_us end
            where id = @Id and version = @Version
            """,
            new { job.Id, job.Version, state = (int)state, text = JsonSerializer.Serialize(result, ContractsJson.Default.JobResult), now, evidence, ended = ended ? 1 : 0 });
        if (rows != 1)
        {
            throw new PlanRaceException($"Job {job.Id} moved meanwhile.");
        }
        await session.AppendJobAsync(
            now, $"agent:{asset}", "job.result", job.Id, asset, new { Outcome = result.Outcome.ToString(), result.Reason, result.Changes });
        // The report that followed the job may be here already: let the proof be looked for, at once or with that report.
        await queue.EnqueueAsync(session, now, RemediationWork.ResultTaken, asset.ToString("N", CultureInfo.InvariantCulture));
        if (ended && job.PlanId is { } plan)
        {
            await ends.AfterJobsAsync(session, plan, asset, now);
        }
        return ResultTaken.Taken;
    }

    /// <summary>What a result makes of a job. Only one that is with the agent moves; what a report proved, or time decided, stands.</summary>
    internal static (JobState State, string Evidence) Decide(JobState state, JobResult result, string? evidence)
    {
        if (state is not (JobState.Ready or JobState.Leased))
        {
            return (state, evidence ?? "");
        }
        return result.Outcome switch
        {
            JobOutcome.Done => (JobState.Unproven, "the agent says it is done; no fresh report proves it yet"),
            JobOutcome.AlreadySo => (JobState.Unproven, "the agent says the machine was already so; no fresh report proves it yet"),
            JobOutcome.Refused => (JobState.Failed, Said("the agent refused it", result)),
            JobOutcome.PreflightFailed => (JobState.Failed, Said("a check before the change said no, nothing was changed", result)),
            _ => (JobState.Failed, Said("it was tried and did not end well", result)),
        };
    }

    private static string Said(string what, JobResult result) =>
        string.Join(": ", new[] { what, result.Reason, result.Detail }.Where(part => !string.IsNullOrWhiteSpace(part)));

    [LoggerMessage(4204, LogLevel.Information, "Job {JobId} of {AssetId} ended on the agent: {Outcome} {Reason}")]
    private partial void LogTaken(Guid jobId, Guid assetId, JobOutcome outcome, string reason);

    [LoggerMessage(4205, LogLevel.Warning, "The result of job {JobId} of {AssetId} could not be taken, the agent sends it again: {Reason}")]
    private partial void LogBusy(Guid jobId, Guid assetId, string reason);
}
