using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Suture.Contracts.Api;
using Suture.Platform.Storage;

namespace Suture.Remediation.Dispatch;

/// <summary>Looks into the store for jobs that became ready without this node's doing: made by another node, or their time has come. One look for all polls.</summary>
internal sealed partial class JobWatch(Store store, JobSignal signal, RemediationOptions options, TimeProvider time, ILogger<JobWatch> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.StoreLook, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            // A store that is away for a moment must not end the watch; polls still look by themselves when they begin and end.
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                LogFailed(fault);
            }
        }
    }

    /// <summary>One look.</summary>
    internal async Task LookAsync(CancellationToken cancellation)
    {
        if (!signal.IsAwaited)
        {
            return;
        }
        var now = time.GetUtcNow();
        var ready = await store.ReadAsync(
            session => session.QueryAsync<Guid>(
                "select distinct asset_id from remediation_job where state = @ready and not_before_us <= @now and expires_us > @now limit @most",
                new { ready = (int)JobState.Ready, now, most = RemediationLimits.ReadyAssetsMax }),
            cancellation);
        foreach (var asset in ready)
        {
            signal.Wake(asset);
        }
    }

    [LoggerMessage(4202, LogLevel.Warning, "Could not look for ready jobs; the next look is due as usual")]
    private partial void LogFailed(Exception fault);
}
