using Suture.Platform.Storage;

namespace Suture.Exposure.Findings;

/// <summary>Clocks of an episode that later stages stamp.</summary>
public enum EpisodeClock
{
    /// <summary>A plan carries it.</summary>
    Planned = 1,
    /// <summary>That plan was approved.</summary>
    Approved = 2,
    /// <summary>Its job went to the agent.</summary>
    Dispatched = 3,
}

/// <summary>Stamps clocks of open episodes, in the transaction of the fact.</summary>
public static class EpisodeClocks
{
    /// <summary>Vulnerabilities a statement carries at most; longer lists are cut into several statements.</summary>
    public const int StampBatchMax = 500;

    /// <summary>Stamps one clock where it is not stamped yet. Safe to call twice: the first instant stands.</summary>
    /// <param name="session">A writing session: the one that writes the fact.</param>
    /// <param name="assetId">The asset.</param>
    /// <param name="vulnerabilities">CVE and unrated ids; may be empty. Those without an open episode are passed over.</param>
    /// <param name="clock">Which clock.</param>
    /// <param name="now">The instant of the fact.</param>
    /// <returns>Episodes stamped.</returns>
    public static async Task<int> StampAsync(
        StoreSession session, Guid assetId, IEnumerable<string> vulnerabilities, EpisodeClock clock, DateTimeOffset now)
    {
        var column = clock switch
        {
            EpisodeClock.Planned => "planned_us",
            EpisodeClock.Approved => "approved_us",
            EpisodeClock.Dispatched => "dispatched_us",
            _ => throw new ArgumentOutOfRangeException(nameof(clock), clock, "No such clock."),
        };
        var stamped = 0;
        foreach (var ids in vulnerabilities.Distinct(StringComparer.Ordinal).Chunk(StampBatchMax))
        {
            stamped += await session.ExecuteAsync(
                $"""
                update exposure_episode set {column} = @now
                where asset_id = @assetId and closed_us is null and {column} is null and {session.Dialect.In("vulnerability", "ids")}
                """,
                new { now, assetId, ids });
        }
        return stamped;
    }
}
