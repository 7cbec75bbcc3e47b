using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Suture.Advisories.Fetching;

/// <summary>Looks at the public addresses again and again and hands what changed to the library.</summary>
internal sealed partial class FeedFetcher(FeedHttp http, FeedLibrary library, FeedOptions options, TimeProvider time, ILogger<FeedFetcher> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.IsFetching)
        {
            return;
        }
        using var timer = new PeriodicTimer(options.Interval, time);
        try
        {
            do
            {
                foreach (var source in options.Sources)
                {
                    await TryFetchAsync(source, stoppingToken);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Shutdown; nothing is half taken, an import is kept only when it is whole.
        }
    }

    // The store may be away for a while, or a folder full; the fetcher outlives that, and the server with it.
    private async Task TryFetchAsync(FeedSource source, CancellationToken cancellation)
    {
        try
        {
            await FetchAsync(source, cancellation);
        }
        catch (Exception fault) when (!cancellation.IsCancellationRequested)
        {
            LogFailed(source.Feed, fault);
        }
    }

    /// <summary>Looks at one address once.</summary>
    internal async Task FetchAsync(FeedSource source, CancellationToken cancellation)
    {
        try
        {
            var state = await library.FindStateAsync(source.Feed, cancellation);
            // Validators belong to the address they came from; content of another origin is asked for whole.
            var known = state?.Url == source.Url.ToString() ? new FeedValidator(state.Etag, state.LastModified) : FeedValidator.None;
            var response = await http.GetAsync(source.Url, source.BytesMax, known, cancellation);
            if (response.IsUnchanged)
            {
                await library.RecordUnchangedAsync(source.Feed, cancellation);
                return;
            }
            await ImportAsync(source, response, cancellation);
        }
        // An address that cannot be reached leaves the last known good in force; the feed's state says why.
        catch (Exception fault) when (fault is HttpRequestException or InvalidDataException or IOException)
        {
            await RecordAsync(source, FeedState.ProblemOf(fault), cancellation);
        }
    }

    // A publisher that stays away for days is told once, not at every look.
    private async Task RecordAsync(FeedSource source, string problem, CancellationToken cancellation)
    {
        if ((await library.FindStateAsync(source.Feed, cancellation))?.Problem != problem)
        {
            LogNotTaken(source.Feed, source.Url, problem);
        }
        await library.RecordProblemAsync(source.Feed, source.Url.ToString(), problem, time.GetUtcNow(), cancellation);
    }

    private async Task ImportAsync(FeedSource source, FeedResponse response, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("suture-feed-");
        try
        {
            await File.WriteAllBytesAsync(Path.Combine(folder.FullName, source.FileName), response.Body, cancellation);
            await library.ImportAsync(folder.FullName, new FeedOrigin(source.Feed, source.Url.ToString(), response.Validator), cancellation);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [LoggerMessage(2103, LogLevel.Error, "Looking at feed {Feed} failed; it is tried again at the next turn")]
    private partial void LogFailed(string feed, Exception fault);

    [LoggerMessage(2102, LogLevel.Warning, "Feed {Feed} at {Url}: {Problem}; the last known good stays in force")]
    private partial void LogNotTaken(string feed, Uri url, string problem);
}
