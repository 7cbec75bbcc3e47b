using System.Globalization;
using Microsoft.Extensions.Logging;
using Suture.Contracts.Api;
using Suture.Exposure.Findings;
using Suture.Platform.Storage;
using Suture.Platform.Work;
using Suture.Remediation.Dispatch;
using Suture.Remediation.Planning;

namespace Suture.Remediation.Verification;

/// <summary>Proves or disproves an asset's open jobs by its last report, then asks for its plans.</summary>
internal sealed partial class ProveJobs(
    Store store, WorkQueue queue, ExposureIndex exposures, EndPlan ends, JobSignal signal, TimeProvider time, ILogger<ProveJobs> logger)
{
    /// <summary>Does the work of an item whose subject is an asset, and completes it in the transaction of its effect.</summary>
    public async Task RunAsync(WorkItem item, CancellationToken cancellation)
    {
        await exposures.WhenReadyAsync(cancellation);
        var asset = Guid.ParseExact(item.Subject, "N");
        await Races.WriteAsync(store, session => WriteAsync(session, item, asset), cancellation);
        signal.Wake(asset);
    }

    private async Task<bool> WriteAsync(StoreSession session, WorkItem item, Guid asset)
    {
        var now = time.GetUtcNow();
        await PlanClocks.CatchUpAsync(session, asset);
        if (exposures.Of(asset) is { } report)
        {
            foreach (var plan in await ProveAsync(session, asset, report, now))
            {
                await ends.AfterJobsAsync(session, plan, asset, now);
            }
        }
        await queue.EnqueueAsync(session, now, RemediationWork.PlanAsset, asset.ToString("N", CultureInfo.InvariantCulture));
        await WorkQueue.CompleteAsync(session, item);
        return true;
    }

    /// <returns>Plans of which a job moved.</returns>
    private async Task<SortedSet<Guid>> ProveAsync(StoreSession session, Guid asset, AssetExposure report, DateTimeOffset now)
    {
        var moved = new SortedSet<Guid>();
        foreach (var job in await JobStore.OfAssetAsync(session, asset, JobStore.Provable))
        {
            if (DecideProof.Of(Question(job), report) is not { } proof)
            {
                continue;
            }
            if (!await JobStore.MoveAsync(session, job, proof.State, proof.Evidence, report.ReportId, proof.Contradictions, now))
            {
                throw new PlanRaceException($"Job {job.Id} moved meanwhile.");
            }
            if (proof.State != job.State)
            {
                await session.AppendJobAsync(
                    now, "server", $"job.{Snake(proof.State)}", job.Id, asset, new { Plan = job.PlanId, Report = report.ReportId, proof.Evidence });
                LogProved(job.Id, asset, proof.State);
            }
            if (job.PlanId is { } plan)
            {
                moved.Add(plan);
            }
        }
        return moved;
    }

    private static JobInQuestion Question(JobStore.Row job) => new()
    {
        Id = job.Id,
        Verb = job.Verb,
        State = job.State,
        Changes = job.ReadChanges(),
        LeasedUtc = job.LeasedUs,
        LeasedBoot = job.LeasedBoot,
        // A clock that runs ahead must not make every later report look old.
        EndedUtc = job.ReadResult() is { } result && job.ResultUs is { } arrived ? (result.EndedUtc < arrived ? result.EndedUtc : arrived) : null,
        EvidenceReport = job.EvidenceReport,
        Contradictions = job.Contradictions,
    };

    private static string Snake(JobState state) => state switch
    {
        JobState.PendingEffect => "pending_effect",
        _ => state.ToString().ToLowerInvariant(),
    };

    [LoggerMessage(4302, LogLevel.Information, "Job {JobId} of {AssetId} is {State} by a fresh report")]
    private partial void LogProved(Guid jobId, Guid assetId, JobState state);
}
