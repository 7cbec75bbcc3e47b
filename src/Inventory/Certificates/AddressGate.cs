using System.Net;
using Suture.Platform.Identity;

namespace Suture.Inventory.Certificates;

/// <summary>Lets connections into the handshake, which costs a signature: a number at once, then so many a second for each address (IPv6 by its /64). One too many waits for
/// its moment, for a fleet comes back together after a restart; one that would wait too long is closed. Bounds also the connections of the port, and those of one address
/// that show no certificate. Safe for use by many at once.</summary>
internal sealed class AddressGate(TimeProvider time)
{
    private readonly Lock _turn = new();
    private readonly Dictionary<string, Address> _addresses = new(StringComparer.Ordinal);
    private DateTimeOffset _sweptUtc = time.GetUtcNow();
    private int _open;

    private sealed class Address
    {
        public double Handshakes { get; set; } = InventoryLimits.AddressHandshakesBurst;
        public DateTimeOffset FilledUtc { get; set; }
        public int Unnamed { get; set; }
    }

    /// <summary>Counts a connection; ended by <see cref="Leave"/> when it may go on.</summary>
    /// <returns>How long it waits before its handshake; null when it is to be closed.</returns>
    public TimeSpan? Enter(IPAddress? from)
    {
        lock (_turn)
        {
            var now = time.GetUtcNow();
            Sweep(now);
            if (_open >= InventoryLimits.AgentPortConnectionsMax || Find(from, now) is not { } address)
            {
                return null;
            }
            Fill(address, now);
            if (address.Handshakes < 1 - (InventoryLimits.AddressHandshakesPerSecond * InventoryLimits.AddressWaitMax.TotalSeconds))
            {
                return null;
            }
            // Below zero stands for those that wait.
            address.Handshakes--;
            _open++;
            return address.Handshakes >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-address.Handshakes / InventoryLimits.AddressHandshakesPerSecond);
        }
    }

    /// <summary>Counts a connection that ended.</summary>
    public void Leave()
    {
        lock (_turn)
        {
            _open--;
        }
    }

    /// <summary>Counts a connection that shows no certificate; ended by <see cref="LeaveUnnamed"/> when it may go on.</summary>
    /// <returns>False when its address has too many of them.</returns>
    public bool TryEnterUnnamed(IPAddress? from)
    {
        lock (_turn)
        {
            if (Find(from, time.GetUtcNow()) is not { } address || address.Unnamed >= InventoryLimits.AddressUnnamedMax)
            {
                return false;
            }
            address.Unnamed++;
            return true;
        }
    }

    /// <summary>Counts one of them that ended.</summary>
    public void LeaveUnnamed(IPAddress? from)
    {
        lock (_turn)
        {
            if (_addresses.TryGetValue(CallerAddress.KeyOf(from), out var address))
            {
                address.Unnamed--;
            }
        }
    }

    private Address? Find(IPAddress? from, DateTimeOffset now)
    {
        var key = CallerAddress.KeyOf(from);
        if (_addresses.TryGetValue(key, out var address))
        {
            return address;
        }
        if (_addresses.Count >= InventoryLimits.AddressesCountedMax)
        {
            return null;
        }
        return _addresses[key] = new Address { FilledUtc = now };
    }

    private static void Fill(Address address, DateTimeOffset now)
    {
        var seconds = Math.Max(0, (now - address.FilledUtc).TotalSeconds);
        address.FilledUtc = now;
        address.Handshakes = Math.Min(InventoryLimits.AddressHandshakesBurst, address.Handshakes + (seconds * InventoryLimits.AddressHandshakesPerSecond));
    }

    private void Sweep(DateTimeOffset now)
    {
        if (_addresses.Count < InventoryLimits.AddressesCountedMax && now - _sweptUtc < InventoryLimits.AgentSharesSweptEvery && now >= _sweptUtc)
        {
            return;
        }
        _sweptUtc = now;
        foreach (var (key, address) in _addresses)
        {
            Fill(address, now);
            if (address is { Unnamed: 0, Handshakes: >= InventoryLimits.AddressHandshakesBurst })
            {
                _addresses.Remove(key);
            }
        }
    }
}
