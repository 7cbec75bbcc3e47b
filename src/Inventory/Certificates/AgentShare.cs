namespace Suture.Inventory.Certificates;

/// <summary>Why a request of an agent is not looked at now.</summary>
internal enum ShareRefusal
{
    /// <summary>Too many requests over time.</summary>
    TooOften = 1,
    /// <summary>Too many bytes of messages over time.</summary>
    TooMuch = 2,
    /// <summary>Too many requests at the same time.</summary>
    TooManyAtOnce = 3,
    /// <summary>Too many open connections.</summary>
    TooManyConnections = 4,
}

/// <summary>What one agent may take of the server: requests and bytes over time (each a bucket that fills by itself), requests, large messages and connections at the
/// same time. It is one for all connections of an asset, whatever certificate of it they show. Safe for use by many at once.</summary>
internal sealed class AgentShare
{
    private readonly Lock _turn = new();
    private double _requests = InventoryLimits.AgentRequestsBurst;
    private double _bytes = InventoryLimits.AgentBytesBurst;
    private DateTimeOffset _filledUtc;
    private DateTimeOffset _toldUtc = DateTimeOffset.MinValue;
    private int _inFlight;
    private int _connections;
    private bool _isLargeTaken;

    public AgentShare(DateTimeOffset now) => _filledUtc = now;

    /// <summary>Whether a request may go on, and when to come back if not.</summary>
    /// <param name="Refusal">Why not; null when it may.</param>
    /// <param name="RetryAfterSeconds">Whole seconds, at least 1; 0 when it may go on.</param>
    /// <param name="IsNews">True when nobody was told of a refusal of this agent within the last minute.</param>
    internal readonly record struct Verdict(ShareRefusal? Refusal, int RetryAfterSeconds, bool IsNews);

    /// <summary>Begins a request. One that may go on is ended by <see cref="Leave"/>.</summary>
    public Verdict Enter(DateTimeOffset now)
    {
        lock (_turn)
        {
            Fill(now);
            if (_inFlight >= InventoryLimits.AgentRequestsAtOnce)
            {
                return Refuse(ShareRefusal.TooManyAtOnce, 1, now);
            }
            if (_bytes <= 0)
            {
                return Refuse(ShareRefusal.TooMuch, (1 - _bytes) / InventoryLimits.AgentBytesPerSecond, now);
            }
            if (_requests < 1)
            {
                return Refuse(ShareRefusal.TooOften, (1 - _requests) / InventoryLimits.AgentRequestsPerSecond, now);
            }
            _requests--;
            _inFlight++;
            return default;
        }
    }

    /// <summary>Ends a request.</summary>
    public void Leave()
    {
        lock (_turn)
        {
            _inFlight--;
        }
    }

    /// <summary>Counts bytes that were read or unpacked for it. What is over is paid back before the next request.</summary>
    public void Spend(long bytes, DateTimeOffset now)
    {
        lock (_turn)
        {
            Fill(now);
            _bytes -= bytes;
        }
    }

    /// <summary>Takes the one place for a large message; given back by <see cref="EndLarge"/>.</summary>
    /// <returns>False when another of this agent has it.</returns>
    public bool TryBeginLarge()
    {
        lock (_turn)
        {
            return !_isLargeTaken && (_isLargeTaken = true);
        }
    }

    /// <summary>Gives the place for a large message back.</summary>
    public void EndLarge()
    {
        lock (_turn)
        {
            _isLargeTaken = false;
        }
    }

    /// <summary>Counts a connection; ended by <see cref="Disconnect"/>.</summary>
    /// <returns>How many there are now.</returns>
    public int Connect()
    {
        lock (_turn)
        {
            return ++_connections;
        }
    }

    /// <summary>Counts a connection that ended.</summary>
    public void Disconnect()
    {
        lock (_turn)
        {
            _connections--;
        }
    }

    /// <summary>The refusal of a request on a connection too many.</summary>
    public Verdict RefuseConnection(DateTimeOffset now)
    {
        lock (_turn)
        {
            return Refuse(ShareRefusal.TooManyConnections, 1, now);
        }
    }

    /// <summary>True when it is as good as new and nobody uses it.</summary>
    public bool IsIdle(DateTimeOffset now)
    {
        lock (_turn)
        {
            Fill(now);
            return _connections == 0 && _inFlight == 0 && _requests >= InventoryLimits.AgentRequestsBurst && _bytes >= InventoryLimits.AgentBytesBurst;
        }
    }

    private Verdict Refuse(ShareRefusal refusal, double seconds, DateTimeOffset now)
    {
        var isNews = now - _toldUtc >= InventoryLimits.AgentRefusalsToldEvery || now < _toldUtc;
        _toldUtc = isNews ? now : _toldUtc;
        return new Verdict(refusal, (int)Math.Clamp(Math.Ceiling(seconds), 1, InventoryLimits.AgentRetrySecondsMax), isNews);
    }

    // A clock that was set back fills nothing, and takes nothing away.
    private void Fill(DateTimeOffset now)
    {
        var seconds = Math.Max(0, (now - _filledUtc).TotalSeconds);
        _filledUtc = now;
        _requests = Math.Min(InventoryLimits.AgentRequestsBurst, _requests + (seconds * InventoryLimits.AgentRequestsPerSecond));
        _bytes = Math.Min(InventoryLimits.AgentBytesBurst, _bytes + (seconds * InventoryLimits.AgentBytesPerSecond));
    }
}
