using Suture.Platform.Storage;

namespace Suture.Remediation.Planning;

/// <summary>Somebody else was faster; the transaction must not commit, and the same work sees their rows next time.</summary>
internal sealed class PlanRaceException(string message) : Exception(message);

/// <summary>The one place where an expected race is handled: agents, reports, clocks and people move the same plans and jobs.</summary>
internal static class Races
{
    /// <summary>How often work is tried that meets others at the same rows.</summary>
    public const int TriesMax = 5;

    /// <summary>Writes, and tries again with fresh eyes when somebody else was faster.</summary>
    /// <exception cref="PlanRaceException">Others were faster each time; nothing was written.</exception>
    public static async Task<T> WriteAsync<T>(Store store, Func<StoreSession, Task<T>> write, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await store.WriteAsync(write, cancellation);
            }
            catch (PlanRaceException) when (attempt < TriesMax)
            {
                // What they wrote is in the store now.
            }
        }
    }
}
