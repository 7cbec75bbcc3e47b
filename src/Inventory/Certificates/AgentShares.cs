using System.Collections.Concurrent;

namespace Suture.Inventory.Certificates;

/// <summary>The share of each agent. Bounded by the assets that were heard of lately: a certificate of ours names one, and those that are as good as new are let go.</summary>
internal sealed class AgentShares(TimeProvider time)
{
    private readonly ConcurrentDictionary<Guid, AgentShare> _shares = new();
    private readonly Lock _sweeping = new();
    private DateTimeOffset _sweptUtc = time.GetUtcNow();

    /// <summary>Shares that are held.</summary>
    public int Count => _shares.Count;

    /// <summary>Counts a connection of an asset.</summary>
    /// <returns>The asset's share, and how many connections it has now.</returns>
    public (AgentShare Share, int Connections) Connect(Guid asset)
    {
        var now = time.GetUtcNow();
        lock (_sweeping)
        {
            // In the turn of the sweep: none is let go between being found and being used.
            Sweep(now);
            var share = _shares.GetOrAdd(asset, static (_, at) => new AgentShare(at), now);
            return (share, share.Connect());
        }
    }

    private void Sweep(DateTimeOffset now)
    {
        if (now - _sweptUtc < InventoryLimits.AgentSharesSweptEvery && now >= _sweptUtc)
        {
            return;
        }
        _sweptUtc = now;
        foreach (var (asset, share) in _shares)
        {
            if (share.IsIdle(now))
            {
                _shares.TryRemove(asset, out _);
            }
        }
    }
}
