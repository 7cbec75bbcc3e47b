using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Suture.Advisories.Fetching;

/// <summary>Looks at each address again and again and hands what changed to the library.</summary>
internal sealed partial class FeedFetcher(FeedHttp http, FeedLibrary library, FeedOptions options, TimeProvider time, ILogger<FeedFetcher> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.IsFetching)
        {
            return;
        }
        try
        {
            var due = options.Sources.ToDictionary(source => source, _ => time.GetUtcNow());
            while (due.Count > 0)
            {
                var now = time.GetUtcNow();
                foreach (var source in options.Sources.Where(source => due[source] <= now))
                {
                    due[source] = now + source.Every;
                    await TryFetchAsync(source, stoppingToken);
                }
                var wait = due.Values.Min() - time.GetUtcNow();
                await Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, time, stoppingToken);
            }
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
        using var folder = library.CreateIncoming();
        try
        {
            var known = await library.FindValidatorAsync(source, cancellation);
            var (isUnchanged, validator) = await http.DownloadAsync(source.Url, Path.Combine(folder.Path, source.FileName), source.BytesMax, known, cancellation);
            if (isUnchanged)
            {
                await library.RecordUnchangedAsync(source, cancellation);
                return;
            }
            await library.ImportAsync(folder.Path, new FeedOrigin(source, validator), cancellation);
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
        if (await library.RecordProblemAsync(source, problem, cancellation))
        {
            LogNotTaken(source.Feed, source.Url, problem);
        }
    }

    [LoggerMessage(2103, LogLevel.Error, "Looking at feed {Feed} failed; it is tried again at the next turn")]
    private partial void LogFailed(string feed, Exception fault);

    [LoggerMessage(2102, LogLevel.Warning, "Feed {Feed} at {Url}: {Problem}; the last known good stays in force")]
    private partial void LogNotTaken(string feed, Uri url, string problem);
}
