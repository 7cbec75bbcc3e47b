using Suture.Contracts.Api;
using Suture.Platform.Identity;
using Suture.Platform.Storage;

namespace Suture.Inventory.Assets;

/// <summary>A row of <c>inventory_asset</c> with its group's name.</summary>
internal sealed record AssetStored
{
    public required Guid Id { get; init; }
    public required int Ordinal { get; init; }
    public required string Name { get; init; }
    public required Guid GroupId { get; init; }
    public required string GroupName { get; init; }
    public required string Environment { get; init; }
    public required int ObservedOnly { get; init; }
    public required AssetState State { get; init; }
    public required long Version { get; init; }
    public required DateTimeOffset EnrolledUs { get; init; }
    public DateTimeOffset? LastSeenUs { get; init; }
    public string? BootId { get; init; }
    public required long Sequence { get; init; }
    public Guid? ReportId { get; init; }
    public DateTimeOffset? ReportedUs { get; init; }
    public string? SoftwareDigest { get; init; }
    public string? StateDigest { get; init; }
    public string? IndexesDigest { get; init; }
    public string? Release { get; init; }
    public required int FullWanted { get; init; }
    public string? ApproversDigest { get; init; }
    public int? SignaturesNeeded { get; init; }
}

/// <summary>When an asset was last seen.</summary>
internal sealed record SeenStored
{
    public required Guid Id { get; init; }
    public required DateTimeOffset SeenUs { get; init; }
}

/// <summary>A row of <c>inventory_context</c>.</summary>
internal sealed record ContextStored
{
    public required Guid AssetId { get; init; }
    public required string Key { get; init; }
    public required int Source { get; init; }
    public required string Value { get; init; }
    public required DateTimeOffset AtUs { get; init; }
}

/// <summary>Reads asset rows. Scope is an argument of each query; what is out of scope is not there.</summary>
internal static class AssetStore
{
    private const string Columns =
        """
        select a.id, a.ordinal, a.name, a.group_id, g.name as group_name, a.environment, a.observed_only, a.state, a.version, a.enrolled_us, a.last_seen_us,
               a.boot_id, a.sequence, a.report_id, a.reported_us, a.software_digest, a.state_digest, a.indexes_digest, a.release, a.full_wanted,
               coalesce(a.approvers_digest, n.digest) as approvers_digest, coalesce(h.needed, case when a.approvers_digest is null then n.needed end) as signatures_needed
        from inventory_asset a join platform_group g on g.id = a.group_id
        left join inventory_approver_set h on h.digest = a.approvers_digest
        left join inventory_approver_set n on n.group_id = a.group_id and n.version = (select max(s.version) from inventory_approver_set s where s.group_id = a.group_id)
        """;

    private const string ContextColumns = "select c.asset_id, c.key, c.source, c.value, c.at_us from inventory_context c";

    public static Task<AssetStored?> FindAsync(StoreSession session, Scope scope, Guid id) =>
        session.SingleOrDefaultAsync<AssetStored>($"{Columns} where a.id = @id and {InScope(session, scope)}", new { id, groups = scope.Groups });

    /// <summary>As <see cref="FindAsync"/>, and holds the row until the transaction ends: what was read is still so when it is written.</summary>
    public static Task<AssetStored?> HoldAsync(StoreSession session, Scope scope, Guid id) =>
        session.SingleOrDefaultAsync<AssetStored>(
            $"{Columns} where a.id = @id and {InScope(session, scope)} {session.Dialect.Hold("a")}", new { id, groups = scope.Groups });

    public static Task<IReadOnlyList<AssetStored>> ListAsync(StoreSession session, Scope scope) =>
        session.QueryAsync<AssetStored>($"{Columns} where {InScope(session, scope)} order by a.name, a.id", new { groups = scope.Groups });

    /// <summary>Those of some assets that are in scope.</summary>
    public static Task<IReadOnlyList<AssetStored>> ListAsync(StoreSession session, Scope scope, IReadOnlyCollection<Guid> assets) =>
        session.QueryAsync<AssetStored>(
            $"{Columns} where {session.Dialect.In("a.id", "ids")} and {InScope(session, scope)} order by a.name, a.id", new { ids = assets.ToArray(), groups = scope.Groups });

    public static Task<IReadOnlyList<AssetStored>> PageAsync(StoreSession session, Scope scope, AssetKey? after, int most) =>
        session.QueryAsync<AssetStored>(
            $"{Columns} where {InScope(session, scope)} and (a.name, a.id) > (@name, @id) order by a.name, a.id limit @most",
            new { groups = scope.Groups, name = after?.Name ?? "", id = after?.Id ?? Guid.Empty, most });

    /// <summary>Assets that are not retired and were not seen since an instant.</summary>
    public static Task<IReadOnlyList<SeenStored>> SeenBeforeAsync(StoreSession session, Scope scope, DateTimeOffset since) =>
        session.QueryAsync<SeenStored>(
            $"""
            select a.id, coalesce(a.last_seen_us, a.enrolled_us) as seen_us from inventory_asset a
            where {InScope(session, scope)} and a.state <> @retired and coalesce(a.last_seen_us, a.enrolled_us) < @since
            """,
            new { groups = scope.Groups, retired = AssetState.Retired, since });

    /// <summary>Counts up to a bound; one more than the bound means "more".</summary>
    public static Task<int> CountAsync(StoreSession session, Scope scope, int bound) =>
        session.SingleOrDefaultAsync<int>(
            $"select count(*) from (select a.id from inventory_asset a where {InScope(session, scope)} limit @most) counted",
            new { groups = scope.Groups, most = bound + 1 });

    public static Task<IReadOnlyList<ContextStored>> ContextAsync(StoreSession session, Guid id) =>
        session.QueryAsync<ContextStored>($"{ContextColumns} where c.asset_id = @id order by c.key, c.source", new { id });

    public static Task<IReadOnlyList<ContextStored>> ContextAsync(StoreSession session, Scope scope) =>
        session.QueryAsync<ContextStored>(
            $"{ContextColumns} join inventory_asset a on a.id = c.asset_id where {InScope(session, scope)} order by c.asset_id, c.key, c.source",
            new { groups = scope.Groups });

    public static async Task<IReadOnlyList<ContextStored>> ContextAsync(StoreSession session, IEnumerable<Guid> assets)
    {
        var ids = assets.ToArray();
        return ids.Length == 0
            ? []
            : await session.QueryAsync<ContextStored>($"{ContextColumns} where {session.Dialect.In("c.asset_id", "ids")} order by c.asset_id, c.key, c.source", new { ids });
    }

    /// <summary>The values in force: of several sources of one key the strongest.</summary>
    public static Dictionary<string, ContextValue> InForce(IEnumerable<ContextStored> rows)
    {
        var values = new Dictionary<string, ContextValue>(StringComparer.Ordinal);
        foreach (var row in rows.OrderBy(row => row.Source))
        {
            values[row.Key] = ToValue(row);
        }
        return values;
    }

    public static ContextValue ToValue(ContextStored row) =>
        new() { Key = row.Key, Value = row.Value, Source = SourceName(row.Source), AtUtc = row.AtUs };

    private static string SourceName(int source) => source switch
    {
        ContextSource.Observed => "observed",
        ContextSource.Imported => "imported",
        ContextSource.Stated => "stated",
        _ => throw new InvalidOperationException($"Context source {source} in the store is none of 1, 2, 3; a newer server may have written it."),
    };

    private static string InScope(StoreSession session, Scope scope) => scope.IsAll ? "1 = 1" : session.Dialect.In("a.group_id", "groups");
}

/// <summary>Where context values come from, weakest first.</summary>
internal static class ContextSource
{
    public const int Observed = 1;
    public const int Imported = 2;
    public const int Stated = 3;
}
