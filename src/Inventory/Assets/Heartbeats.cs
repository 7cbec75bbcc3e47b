using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Suture.Platform.Storage;

namespace Suture.Inventory.Assets;

/// <summary>Signs of life, gathered in memory and written in batches. One that is lost in a crash comes again with the next poll.</summary>
internal sealed partial class Heartbeats(Store store, TimeProvider time, ILogger<Heartbeats> logger) : BackgroundService
{
    private static readonly TimeSpan FlushEvery = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _pending = new();

    /// <summary>Notes a sign of life; bounded by the number of assets, for callers are known ones.</summary>
    public void Touch(Guid assetId, DateTimeOffset now) =>
        _pending.AddOrUpdate(assetId, now, (_, earlier) => earlier > now ? earlier : now);

    /// <summary>The later of what is stored and what is not written yet.</summary>
    public DateTimeOffset? Later(Guid assetId, DateTimeOffset? stored) =>
        _pending.TryGetValue(assetId, out var pending) && (stored is null || pending > stored) ? pending : stored;

    /// <summary>Writes what was gathered.</summary>
    public async Task FlushAsync(CancellationToken cancellation)
    {
        // In the order of ids, so that two nodes that flush at once take their locks in one order.
        var batch = _pending.OrderBy(pair => pair.Key).Select(pair => new { id = pair.Key, at = pair.Value }).ToArray();
        if (batch.Length == 0)
        {
            return;
        }
        await store.WriteAsync(
            session => session.ExecuteAsync(
                "update inventory_asset set last_seen_us = @at where id = @id and (last_seen_us is null or last_seen_us < @at)", batch),
            cancellation);
        foreach (var written in batch)
        {
            _pending.TryRemove(KeyValuePair.Create(written.id, written.at));
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(FlushEvery, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await FlushAsync(stoppingToken);
            }
            // The one place of this loop that catches everything: what could not be written stays pending.
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                LogNotFlushed(_pending.Count, fault);
            }
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await FlushAsync(cancellationToken);
    }

    [LoggerMessage(1001, LogLevel.Warning, "Signs of life of {Assets} assets could not be written; they stay pending")]
    private partial void LogNotFlushed(int assets, Exception fault);
}
