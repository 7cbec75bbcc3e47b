using Suture.Contracts.Api;
using Suture.Exposure.Findings;
using Suture.Platform.Identity;
using Suture.Platform.Storage;

namespace Suture.Compliance;

/// <summary>Open episodes counted together: of an asset, or of one source of it under one deadline rule.</summary>
internal sealed record OpenCount
{
    public required Guid AssetId { get; init; }

    /// <summary>Null when the count is over all sources.</summary>
    public string? Source { get; init; }

    /// <summary>Null when no rule sets a deadline, and when the count is over all rules.</summary>
    public string? DeadlineRule { get; init; }

    public required int Open { get; init; }

    public required int Overdue { get; init; }

    public required int OverdueAssumed { get; init; }

    public required int Assumed { get; init; }

    /// <summary>The earliest deadline that is not past; null when none lies ahead.</summary>
    public DateOnly? NextDue { get; init; }
}

/// <summary>How long remediation took at one place of all that were remediated, ordered by time taken.</summary>
internal sealed record RemediatedRow
{
    /// <summary>Episodes in all.</summary>
    public required int Many { get; init; }

    /// <summary>From 1.</summary>
    public required int Place { get; init; }

    /// <summary>From detection to the report that proved the fix.</summary>
    public required long TookMicroseconds { get; init; }
}

/// <summary>Counts episodes in the store: what comes back is bounded by assets, never by episodes.</summary>
internal static class CountEpisodes
{
    private const string Counts =
        """
        count(*) as open,
        count(case when e.deadline_day < @day then 1 end) as overdue,
        count(case when e.deadline_day < @day and e.is_assumed = 1 then 1 end) as overdue_assumed,
        count(case when e.is_assumed = 1 then 1 end) as assumed,
        min(case when e.deadline_day >= @day then e.deadline_day end) as next_due
        """;

    /// <summary>One row for each asset in scope that has open episodes.</summary>
    internal static Task<IReadOnlyList<OpenCount>> OpenByAssetAsync(StoreSession session, Scope scope, DateOnly day) => session.QueryAsync<OpenCount>(
        $"""
        select e.asset_id, {Counts}
        from exposure_episode_v e join inventory_asset_v a on a.id = e.asset_id
        where e.closed_us is null and a.state <> @retired and {InScope(session, scope)}
        group by e.asset_id
        """,
        new { day, retired = AssetState.Retired, groups = scope.Groups });

    /// <summary>One row for each source of these assets with open episodes, and each rule that set their deadlines.</summary>
    internal static Task<IReadOnlyList<OpenCount>> OpenByRuleAsync(StoreSession session, IReadOnlyCollection<Guid> assets, DateOnly day) => session.QueryAsync<OpenCount>(
        $"""
        select e.asset_id, e.source, e.deadline_rule, {Counts}
        from exposure_episode_v e
        where e.closed_us is null and {session.Dialect.In("e.asset_id", "assets")}
        group by e.asset_id, e.source, e.deadline_rule
        """,
        new { day, assets });

    /// <summary>The median and the 90th percentile, by nearest rank, of what was remediated within a window.</summary>
    /// <returns>At most two rows by place; empty when nothing was remediated. Where both are at one place, that one.</returns>
    /// <remarks>One statement, so that count and places are of the same moment. Nearest rank of part p of n is place ceil(p n): integers, so that both engines agree.</remarks>
    internal static Task<IReadOnlyList<RemediatedRow>> RemediatedAsync(StoreSession session, Scope scope, DateTimeOffset start, DateTimeOffset end) =>
        session.QueryAsync<RemediatedRow>(
            $"""
            select many, place, took as took_microseconds
            from (
              select e.verified_us - e.detected_us as took,
                     row_number() over (order by e.verified_us - e.detected_us) as place,
                     count(*) over () as many
              from exposure_episode_v e join inventory_asset_v a on a.id = e.asset_id
              where e.closed_reason = @fixedInEffect and e.verified_us >= @start and e.verified_us < @end and {InScope(session, scope)}
            ) ranked
            where place in ((many * 50 + 99) / 100, (many * 90 + 99) / 100)
            order by place
            """,
            new { fixedInEffect = EpisodeEnd.FixedInEffect, start, end, groups = scope.Groups });

    private static string InScope(StoreSession session, Scope scope) => scope.IsAll ? "1 = 1" : session.Dialect.In("a.group_id", "groups");
}
