using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Suture.Inventory.Certificates;

/// <summary>Lets a request go on when its agent's share allows it.</summary>
internal sealed partial class LimitAgents(TimeProvider time, ILogger<LimitAgents> logger)
{
    /// <summary>Runs what follows, or refuses.</summary>
    public async Task RunAsync(HttpContext context, AgentConnection connection, RequestDelegate next)
    {
        if (connection.Share is not { } share)
        {
            // Nobody's share: the few routes for them have their own bounds, and the rest refuses.
            await next(context);
            return;
        }
        var now = time.GetUtcNow();
        var verdict = connection.IsSurplus ? share.RefuseConnection(now) : share.Enter(now);
        if (verdict.Refusal is { } refusal)
        {
            if (verdict.IsNews)
            {
                LogRefused(connection.Certificate!.AssetId, refusal, verdict.RetryAfterSeconds);
            }
            await RefuseShare.WriteAsync(context, verdict);
            return;
        }
        try
        {
            await next(context);
        }
        finally
        {
            share.Leave();
        }
    }

    [LoggerMessage(1104, LogLevel.Warning, "Agent of asset {AssetId} is refused ({Refusal}) and told to come back in {Seconds} s; told once a minute")]
    private partial void LogRefused(Guid assetId, ShareRefusal refusal, int seconds);
}
