namespace Suture.Platform.Work;

/// <summary>Keeps the leases of claimed items alive while they are worked on, and stops work whose lease was lost.</summary>
internal sealed class LeaseKeeper : IAsyncDisposable
{
    private readonly WorkQueue _queue;
    private readonly PeriodicTimer _timer;
    private readonly Dictionary<Guid, (WorkItem Item, CancellationTokenSource Lost)> _held = [];
    private readonly Lock _gate = new();
    private readonly Task _renewal;

    internal LeaseKeeper(WorkQueue queue, IReadOnlyList<WorkItem> items, TimeProvider time, CancellationToken shutdown)
    {
        _queue = queue;
        _timer = new PeriodicTimer(WorkQueue.Lease / 4, time);
        foreach (var item in items)
        {
            _held[item.Id] = (item, CancellationTokenSource.CreateLinkedTokenSource(shutdown));
        }
        _renewal = RenewAsync(shutdown);
    }

    /// <summary>Ends when the item's lease is lost or the server shuts down; null when it is lost already.</summary>
    internal CancellationToken? TokenOf(WorkItem item)
    {
        lock (_gate)
        {
            return _held.TryGetValue(item.Id, out var held) && !held.Lost.IsCancellationRequested ? held.Lost.Token : null;
        }
    }

    /// <summary>The item is completed or released; its lease is no longer kept.</summary>
    internal void Done(WorkItem item)
    {
        lock (_gate)
        {
            if (_held.Remove(item.Id, out var held))
            {
                held.Lost.Dispose();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _timer.Dispose();
        await _renewal;
        foreach (var (_, lost) in _held.Values)
        {
            lost.Dispose();
        }
    }

    private async Task RenewAsync(CancellationToken shutdown)
    {
        try
        {
            while (await _timer.WaitForNextTickAsync(shutdown)) // false once the batch is done
            {
                await RenewOnceAsync(shutdown);
            }
        }
        catch (OperationCanceledException)
        {
            // The server shuts down.
        }
    }

    private async Task RenewOnceAsync(CancellationToken shutdown)
    {
        WorkItem[] items;
        lock (_gate)
        {
            items = [.. _held.Values.Select(held => held.Item)];
        }
        IReadOnlyList<WorkItem> ours;
        try
        {
            ours = await _queue.ExtendAsync(items, shutdown);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            return; // The store is away; three more tries fit into the lease, and completing checks it anyway.
        }
        Lose(items.Except(ours));
    }

    private void Lose(IEnumerable<WorkItem> lost)
    {
        lock (_gate)
        {
            foreach (var item in lost)
            {
                if (_held.TryGetValue(item.Id, out var held))
                {
                    held.Lost.Cancel();
                }
            }
        }
    }
}
