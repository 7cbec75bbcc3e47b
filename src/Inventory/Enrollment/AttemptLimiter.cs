using System.Collections.Concurrent;
using System.Net;
using Suture.Platform.Identity;

namespace Suture.Inventory.Enrollment;

/// <summary>Counts attempts a minute by address, IPv6 by its /64. Bounded: when too many addresses are counted, new ones wait for the next minute.</summary>
internal sealed class AttemptLimiter(int perMinute, TimeProvider time)
{
    private readonly Lock _turn = new();
    private ConcurrentDictionary<string, int> _counts = new(StringComparer.Ordinal);
    private long _minute;

    /// <summary>Counts an attempt.</summary>
    /// <returns>False when it is one too many.</returns>
    public bool TryCount(IPAddress? address)
    {
        var counts = CountsOf(time.GetUtcNow().ToUnixTimeSeconds() / 60);
        var key = CallerAddress.KeyOf(address);
        if (counts.Count >= InventoryLimits.AddressesCountedMax && !counts.ContainsKey(key))
        {
            return false;
        }
        return counts.AddOrUpdate(key, 1, static (_, before) => before == int.MaxValue ? before : before + 1) <= perMinute;
    }

    private ConcurrentDictionary<string, int> CountsOf(long minute)
    {
        lock (_turn)
        {
            if (minute != _minute)
            {
                _minute = minute;
                _counts = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
            }
            return _counts;
        }
    }
}
