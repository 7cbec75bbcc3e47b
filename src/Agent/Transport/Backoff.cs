using System.Security.Cryptography;

namespace Suture.Agent.Transport;

/// <summary>How long to wait after failures: doubling, bounded, and spread so that a fleet does not come back in one second.</summary>
internal sealed class Backoff
{
    /// <summary>Wait after the first failure, before spreading.</summary>
    public static readonly TimeSpan First = TimeSpan.FromSeconds(1);

    /// <summary>Longest wait, before spreading.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    private int _failures;

    /// <summary>Counts a failure.</summary>
    /// <param name="asked">What the server asks to wait; null when it says nothing.</param>
    /// <returns>How long to wait now.</returns>
    public TimeSpan Next(TimeSpan? asked = null)
    {
        _failures = Math.Min(_failures + 1, 30);
        var spread = RandomNumberGenerator.GetInt32(0, 1_000) / 1_000.0;
        var own = Of(_failures, spread);
        return asked is { } wanted && Asked(wanted, spread) is var told && told > own ? told : own;
    }

    /// <summary>Counts a success: the next failure starts anew.</summary>
    public void Reset() => _failures = 0;

    /// <summary>The wait itself.</summary>
    /// <param name="failures">Failures in a row, 1 or more.</param>
    /// <param name="spread">0 to 1, by chance.</param>
    /// <returns>Half to all of the doubled wait; never above <see cref="Longest"/>.</returns>
    public static TimeSpan Of(int failures, double spread)
    {
        var whole = Math.Min(First.TotalSeconds * Math.Pow(2, failures - 1), Longest.TotalSeconds);
        return TimeSpan.FromSeconds(whole * (0.5 + (0.5 * spread)));
    }

    /// <summary>The wait that a server asks for.</summary>
    /// <param name="wanted">What it asks; taken up to <see cref="Longest"/>, for a server cannot silence an agent.</param>
    /// <param name="spread">0 to 1, by chance.</param>
    /// <returns>All of it, and up to a quarter more: who is turned away together is not to come back together.</returns>
    public static TimeSpan Asked(TimeSpan wanted, double spread) => (wanted < Longest ? wanted : Longest) * (1 + (0.25 * spread));
}
