using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Suture.Platform.Work;

/// <summary>Claims work and hands it to its handler. Each kind has a lane of its own, one item at a time: neither a flood nor one long piece of work of a
/// kind holds up another kind.</summary>
public sealed partial class WorkLoop : BackgroundService
{
    /// <summary>Longest a lane waits before it looks for work that another node asked for, or that has come due.</summary>
    public static readonly TimeSpan IdleWait = TimeSpan.FromSeconds(1);

    /// <summary>Longest one item may take; then it is stopped and tried again.</summary>
    public static readonly TimeSpan RunMax = TimeSpan.FromMinutes(30);

    /// <summary>Items that a lane claims at once.</summary>
    public const int ClaimMost = 16;

    private readonly WorkQueue _queue;
    private readonly Dictionary<string, IWorkHandler> _handlers;
    private readonly TimeProvider _time;
    private readonly ILogger<WorkLoop> _logger;

    /// <summary>Makes the loop.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="handlers">All handlers; their kinds are unique. Work of other kinds is left for a node that knows it.</param>
    /// <param name="time">Clock.</param>
    /// <param name="logger">Log.</param>
    public WorkLoop(WorkQueue queue, IEnumerable<IWorkHandler> handlers, TimeProvider time, ILogger<WorkLoop> logger)
    {
        _queue = queue;
        _handlers = handlers.ToDictionary(handler => handler.Kind);
        _time = time;
        _logger = logger;
    }

    /// <summary>Runs what is due now, of all kinds, one after the other.</summary>
    /// <param name="cancellation">Shutdown.</param>
    /// <returns>Items claimed.</returns>
    public async Task<int> RunDueAsync(CancellationToken cancellation)
    {
        var count = 0;
        foreach (var handler in _handlers.Values)
        {
            count += await RunDueAsync(handler, cancellation);
        }
        return count;
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(_handlers.Values.Select(handler => RunLaneAsync(handler, stoppingToken)));

    private async Task RunLaneAsync(IWorkHandler handler, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            if (await TryRunDueAsync(handler, cancellation) == 0)
            {
                await WaitAsync(handler.Kind, cancellation);
            }
        }
    }

    // The store may be away for a while; the lane outlives that.
    private async Task<int> TryRunDueAsync(IWorkHandler handler, CancellationToken cancellation)
    {
        try
        {
            return await RunDueAsync(handler, cancellation);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            LogLane(handler.Kind, fault);
            return 0;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return 0;
        }
    }

    private async Task WaitAsync(string kind, CancellationToken cancellation)
    {
        try
        {
            await _queue.WaitAsync(kind, IdleWait, cancellation);
        }
        catch (OperationCanceledException)
        {
            // Shutdown; the lane's loop ends.
        }
    }

    private async Task<int> RunDueAsync(IWorkHandler handler, CancellationToken cancellation)
    {
        var items = await _queue.ClaimAsync(handler.Kind, ClaimMost, cancellation);
        if (items.Count == 0)
        {
            return 0;
        }
        await using var leases = new LeaseKeeper(_queue, items, _time, cancellation);
        foreach (var item in items)
        {
            if (leases.TokenOf(item) is { } lease)
            {
                await RunAsync(handler, item, lease, cancellation);
            }
            leases.Done(item);
        }
        return items.Count;
    }

    private async Task RunAsync(IWorkHandler handler, WorkItem item, CancellationToken lease, CancellationToken shutdown)
    {
        using var longest = new CancellationTokenSource(RunMax, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(lease, longest.Token);
        try
        {
            await handler.HandleAsync(item, either.Token);
        }
        // The one place of this entry point that catches everything: one item's fault must not stop the others.
        catch (Exception fault) when (!shutdown.IsCancellationRequested)
        {
            var reason = longest.IsCancellationRequested ? $"It took longer than {RunMax.TotalMinutes} minutes." : fault.Message;
            LogFailed(item.Kind, item.Subject, item.Attempts, fault);
            await _queue.ReleaseAsync(item, reason, shutdown);
        }
    }

    [LoggerMessage(101, LogLevel.Error, "Work {Kind} {Subject} failed at try {Attempts}")]
    private partial void LogFailed(string kind, string subject, int attempts, Exception fault);

    [LoggerMessage(102, LogLevel.Error, "The lane of work {Kind} could not look for work")]
    private partial void LogLane(string kind, Exception fault);
}
