using System.Globalization;
using Microsoft.Extensions.Logging;
using Suture.Contracts.Api;
using Suture.Exposure;
using Suture.Exposure.Findings;
using Suture.Platform.Storage;
using Suture.Platform.Work;
using Suture.Remediation.Dispatch;
using Suture.Remediation.Planning;

namespace Suture.Remediation.Verification;

/// <summary>Proves or disproves an asset's open jobs by its last report, then asks for its plans.</summary>
internal sealed partial class VerifyAsset(
    Store store, WorkQueue queue, ExposureIndex exposures, EndPlan ends, JobSignal signal, TimeProvider time, ILogger<VerifyAsset> logger) : IWorkHandler
{
    private const int JobsMax = 1_000;

    public string Kind => ExposureWork.AssetJudged;

    public async Task HandleAsync(WorkItem item, CancellationToken cancellation)
    {
        await exposures.WhenReadyAsync(cancellation);
        var asset = Guid.ParseExact(item.Subject, "N");
        var wake = await store.WriteAsync(session => WriteAsync(session, item, asset), cancellation);
        foreach (var woken in wake)
        {
            signal.Wake(woken);
        }
    }

    private async Task<IReadOnlyList<Guid>> WriteAsync(StoreSession session, WorkItem item, Guid asset)
    {
        var now = time.GetUtcNow();
        var wake = new List<Guid>();
        if (exposures.Of(asset) is { } report)
        {
            foreach (var plan in await ProveAsync(session, asset, report, now))
            {
                wake.AddRange(await ends.AfterJobsAsync(session, plan, now));
            }
        }
        await queue.EnqueueAsync(session, now, RemediationWork.PlanAsset, asset.ToString("N", CultureInfo.InvariantCulture));
        await WorkQueue.CompleteAsync(session, item);
        return wake;
    }

    /// <returns>Plans of which a job moved.</returns>
    private async Task<IReadOnlyList<Guid>> ProveAsync(StoreSession session, Guid asset, AssetExposure report, DateTimeOffset now)
    {
        var open = await session.QueryAsync<JobStore.Row>(
            $"select {JobStore.Columns} from remediation_job where asset_id = @asset and state in (3, 4, 6) order by created_us, place limit @most",
            new { asset, most = JobsMax });
        if (open.Count == 0)
        {
            return [];
        }
        var boot = await session.SingleOrDefaultAsync<string>("select boot_id from inventory_asset_v where id = @asset", new { asset });
        var moved = new HashSet<Guid>();
        foreach (var job in open)
        {
            if (DecideProof.Of(Question(job), report, boot) is not { } proof)
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
        return [.. moved];
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
