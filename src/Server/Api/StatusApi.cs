using Microsoft.Extensions.Options;
using Suture.Advisories;
using Suture.Contracts.Api;
using Suture.Platform;
using Suture.Platform.Identity;
using Suture.Platform.Ledger;
using Suture.Platform.Work;

namespace Suture.Server.Api;

/// <summary>What the server says of itself.</summary>
internal static class StatusApi
{
    private const int FailedShownMax = 20;

    internal static IEndpointRouteBuilder MapStatusApi(this IEndpointRouteBuilder api)
    {
        api.MapGet("/status", GetAsync).RequireAnyRole().WithTags("Status").WithName("GetStatus")
            .WithSummary("Version, clock, how complete the answers are, and what work of the server failed for good.");
        return api;
    }

    private static async Task<ServerStatus> GetAsync(
        HttpContext context, WorkQueue work, FeedLibrary feeds, LedgerWitness ledger, IOptions<PlatformOptions> platform, TimeProvider time, CancellationToken cancellation)
    {
        var isWhole = context.GetPrincipal().Scope.IsAll;
        return new ServerStatus
        {
            Version = ProductVersion.Text,
            AtUtc = time.GetUtcNow(),
            IsSolo = platform.Value.Solo,
            IsReady = feeds.IsLoaded,
            Ledger = isWhole ? await ledger.StateAsync(cancellation) : null,
            WorkWaiting = await work.CountWaitingAsync(cancellation),
            WorkFailed = isWhole ? await work.CountFailedAsync(cancellation) : null,
            FailedWork = isWhole ? await work.ListFailedAsync(Guid.Empty, FailedShownMax, cancellation) : null,
        };
    }
}
