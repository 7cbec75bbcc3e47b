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
    /// <returns>How long to wait now.</returns>
    public TimeSpan Next()
    {
        _failures = Math.Min(_failures + 1, 30);
        return Of(_failures, RandomNumberGenerator.GetInt32(0, 1_000) / 1_000.0);
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
}
