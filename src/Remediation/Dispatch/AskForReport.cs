using Suture.Contracts.Api;
using Suture.Contracts.Jobs;
using Suture.Inventory;
using Suture.Platform.Identity;
using Suture.Platform.Storage;

namespace Suture.Remediation.Dispatch;

internal enum ReportAsked
{
    /// <summary>A job is made, or one that was asked for before still waits: the same answer.</summary>
    Asked = 1,
    NotFound = 2,
    /// <summary>The asset is retired, or quarantined: its agent may fetch nothing.</summary>
    NotActive = 3,
}

/// <summary>A person asks an endpoint for a fresh full report: a signed job of no plan. It changes nothing on the machine, so an observed endpoint takes it too.</summary>
internal sealed class AskForReport(
    Store store, JobStore jobs, JobSigner signer, AssetDirectory assets, JobSignal signal, RemediationOptions options, TimeProvider time)
{
    public async Task<(ReportAsked Outcome, JobRow? Job)> HandleAsync(Principal principal, Guid asset, CancellationToken cancellation)
    {
        if (await assets.FindAsync(principal.Scope, asset, cancellation) is not { } found)
        {
            return (ReportAsked.NotFound, null);
        }
        if (found.State != AssetState.Active)
        {
            return (ReportAsked.NotActive, null);
        }
        var job = await store.WriteAsync(session => WriteAsync(session, principal, asset), cancellation);
        signal.Wake(asset);
        return (ReportAsked.Asked, job);
    }

    private async Task<JobRow> WriteAsync(StoreSession session, Principal principal, Guid asset)
    {
        // Two who ask at once get one job.
        await session.LockAsync($"remediation.report-now:{asset:N}");
        var open = await session.QueryAsync<Guid>(
            "select id from remediation_job where asset_id = @asset and verb = @verb and state in (@ready, @leased) order by created_us limit 1",
            new { asset, verb = (int)JobVerb.ReportNow, ready = (int)JobState.Ready, leased = (int)JobState.Leased });
        var id = open.Count == 1 ? open[0] : await MakeAsync(session, asset, principal.Actor);
        return (await JobRows.ListAsync(session, "j.id = @id", new { id, most = 1 }, "j.id"))[0].Show();
    }

    private async Task<Guid> MakeAsync(StoreSession session, Guid asset, string actor)
    {
        var now = time.GetUtcNow();
        var job = SignJobs.SignReportNow(asset, actor, signer, options, now);
        await jobs.InsertAsync(session, job, actor, now);
        return job.Content.JobId;
    }
}
