using Microsoft.Extensions.Options;
using Suture.Advisories;
using Suture.Contracts.Api;
using Suture.Platform;
using Suture.Platform.Identity;
using Suture.Platform.Work;

namespace Suture.Server.Api;

/// <summary>What the server says of itself.</summary>
internal static class StatusApi
{
    internal static IEndpointRouteBuilder MapStatusApi(this IEndpointRouteBuilder api)
    {
        api.MapGet("/status", GetAsync).RequireAnyRole().WithSummary("Version, clock and how complete the answers are");
        return api;
    }

    private static async Task<ServerStatus> GetAsync(
        WorkQueue work, FeedLibrary feeds, IOptions<PlatformOptions> platform, TimeProvider time, CancellationToken cancellation) => new()
    {
        Version = typeof(StatusApi).Assembly.GetName().Version!.ToString(3),
        AtUtc = time.GetUtcNow(),
        IsSolo = platform.Value.Solo,
        IsReady = feeds.IsLoaded,
        WorkWaiting = await work.CountWaitingAsync(cancellation),
    };
}
