using Suture.Platform.Identity;
using Suture.Platform.Storage;

namespace Suture.Inventory.Assets;

/// <summary>Counts the assets of groups for the platform; retired ones are not counted.</summary>
internal sealed class CountMembers(Store store) : IGroupMembers
{
    private sealed record Counted
    {
        public required Guid GroupId { get; init; }
        public required int Assets { get; init; }
    }

    public async Task<IReadOnlyDictionary<Guid, int>> CountAsync(IReadOnlyCollection<Guid> groups, CancellationToken cancellation)
    {
        var rows = await store.ReadAsync(
            session => session.QueryAsync<Counted>(
                $"select group_id, cast(count(*) as integer) as assets from inventory_asset where state <> 3 and {session.Dialect.In("group_id", "groups")} group by group_id",
                new { groups }),
            cancellation);
        return rows.ToDictionary(row => row.GroupId, row => row.Assets);
    }
}
