using Suture.Platform.Storage;

namespace Suture.Inventory.Assets;

/// <summary>Writes context values.</summary>
internal static class ContextStore
{
    /// <summary>Sets a value of one source; the same value again keeps its time.</summary>
    public static Task<int> SetAsync(StoreSession session, Guid assetId, string key, int source, string value, string setBy, DateTimeOffset now) =>
        session.ExecuteAsync(
            """
            insert into inventory_context (asset_id, key, source, value, at_us, set_by)
            values (@assetId, @key, @source, @value, @now, @setBy)
            on conflict (asset_id, key, source) do update set value = excluded.value, at_us = excluded.at_us, set_by = excluded.set_by
            where inventory_context.value <> excluded.value
            """,
            new { assetId, key, source, value, setBy, now });

    /// <summary>Removes a value of one source.</summary>
    public static Task<int> ClearAsync(StoreSession session, Guid assetId, string key, int source) =>
        session.ExecuteAsync("delete from inventory_context where asset_id = @assetId and key = @key and source = @source", new { assetId, key, source });
}
