using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Suture.Platform.Work;

/// <summary>Claims work and hands it to its handler, one item at a time a loop.</summary>
public sealed partial class WorkLoop : BackgroundService
{
    private static readonly TimeSpan IdleWait = TimeSpan.FromSeconds(1);
    private const int ClaimMost = 16;

    private readonly WorkQueue _queue;
    private readonly Dictionary<string, IWorkHandler> _handlers;
    private readonly ILogger<WorkLoop> _logger;

    /// <summary>Makes the loop.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="handlers">All handlers; their kinds are unique.</param>
    /// <param name="logger">Log.</param>
    public WorkLoop(WorkQueue queue, IEnumerable<IWorkHandler> handlers, ILogger<WorkLoop> logger)
    {
        _queue = queue;
        _handlers = handlers.ToDictionary(handler => handler.Kind);
        _logger = logger;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            if (await RunDueAsync(stoppingToken) == 0)
            {
                await _queue.WaitAsync(IdleWait, stoppingToken);
            }
        }
    }

    /// <summary>Runs what is due now.</summary>
    /// <param name="cancellation">Shutdown.</param>
    /// <returns>Items claimed.</returns>
    public async Task<int> RunDueAsync(CancellationToken cancellation)
    {
        var items = await _queue.ClaimAsync(ClaimMost, cancellation);
        foreach (var item in items)
        {
            await RunAsync(item, cancellation);
        }
        return items.Count;
    }

    private async Task RunAsync(WorkItem item, CancellationToken cancellation)
    {
        try
        {
            if (!_handlers.TryGetValue(item.Kind, out var handler))
            {
                throw new InvalidOperationException($"No handler for work of kind '{item.Kind}'; a newer server may have asked for it.");
            }
            await handler.HandleAsync(item, cancellation);
        }
        // The one place of this entry point that catches everything: one item's fault must not stop the others.
        catch (Exception fault) when (fault is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            LogFailed(item.Kind, item.Subject, item.Attempts, fault);
            await _queue.ReleaseAsync(item, fault.Message, cancellation);
        }
    }

    [LoggerMessage(101, LogLevel.Error, "Work {Kind} {Subject} failed at try {Attempts}")]
    private partial void LogFailed(string kind, string subject, int attempts, Exception fault);
}
