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

/// <summary>Stamps clocks of episodes, in the transaction of the fact.</summary>
public static class EpisodeClocks
{
    /// <summary>Episodes a statement carries at most; longer lists are cut into several statements.</summary>
    public const int StampBatchMax = 500;

    /// <summary>Stamps one clock where it is not stamped yet. Safe to call twice: the first instant stands.</summary>
    /// <param name="session">A writing session: the one that writes the fact.</param>
    /// <param name="episodes">Ids, as <see cref="EpisodeView"/> gives them; may be empty. Those that ended before the fact are passed over.</param>
    /// <param name="clock">Which clock.</param>
    /// <param name="at">The instant of the fact. An episode that was detected only later takes its detection: it was carried from its beginning.</param>
    /// <returns>Episodes stamped.</returns>
    public static async Task<int> StampAsync(StoreSession session, IEnumerable<Guid> episodes, EpisodeClock clock, DateTimeOffset at)
    {
        var column = clock switch
        {
            EpisodeClock.Planned => "planned_us",
            EpisodeClock.Approved => "approved_us",
            EpisodeClock.Dispatched => "dispatched_us",
            _ => throw new ArgumentOutOfRangeException(nameof(clock), clock, "No such clock."),
        };
        var stamped = 0;
        foreach (var ids in episodes.Chunk(StampBatchMax))
        {
            stamped += await session.ExecuteAsync(
                $"""
                update exposure_episode set {column} = case when detected_us > @at then detected_us else @at end
                where {session.Dialect.In("id", "ids")} and {column} is null and (closed_us is null or closed_us > @at)
                """,
                new { at, ids });
        }
        return stamped;
    }
}
