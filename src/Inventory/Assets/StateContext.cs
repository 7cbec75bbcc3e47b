using Suture.Contracts.Api;
using Suture.Platform.Identity;
using Suture.Platform.Ledger;
using Suture.Platform.Storage;
using Suture.Platform.Work;

namespace Suture.Inventory.Assets;

/// <summary>What became of a person's change of an asset.</summary>
internal enum ChangeOutcome
{
    /// <summary>Done, or so already.</summary>
    Done = 1,
    /// <summary>No such asset in scope.</summary>
    NoAsset = 2,
    /// <summary>No such group in scope.</summary>
    NoGroup = 3,
    /// <summary>The asset is retired.</summary>
    IsRetired = 4,
    /// <summary>The asset is not quarantined.</summary>
    IsNotQuarantined = 5,
}

/// <summary>Sets a context value, or the group, by a person's word.</summary>
internal sealed class StateContext(Store store, WorkQueue queue, TimeProvider time)
{
    /// <summary>Sets a value that <see cref="ContextKeys.Fault"/> has passed. Safe to call again.</summary>
    public Task<ChangeOutcome> SetAsync(Principal principal, Guid assetId, ContextRequest request, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        return store.WriteAsync(session => WriteAsync(session, principal, assetId, request, now), cancellation);
    }

    private async Task<ChangeOutcome> WriteAsync(StoreSession session, Principal principal, Guid assetId, ContextRequest request, DateTimeOffset now)
    {
        var asset = await AssetStore.FindAsync(session, principal.Scope, assetId);
        if (asset is null)
        {
            return ChangeOutcome.NoAsset;
        }
        if (asset.State == AssetState.Retired)
        {
            return ChangeOutcome.IsRetired;
        }
        var (isGroupThere, before) = await ChangeAsync(session, principal, asset, request, now);
        if (!isGroupThere)
        {
            return ChangeOutcome.NoGroup;
        }
        await session.AppendLedgerAsync(
            now, principal.Actor, request.Key == ContextKeys.Group ? "asset.moved" : "asset.context-stated", $"asset:{assetId:D}",
            new { request.Key, request.Value, Before = before });
        await queue.EnqueueAsync(session, now, InventoryWork.AssetChanged, assetId.ToString("N"));
        return ChangeOutcome.Done;
    }

    private static async Task<(bool IsGroupThere, string? Before)> ChangeAsync(
        StoreSession session, Principal principal, AssetStored asset, ContextRequest request, DateTimeOffset now)
    {
        if (request.Key == ContextKeys.Group)
        {
            return (await MoveAsync(session, principal.Scope, asset.Id, request.Value), asset.GroupName);
        }
        var before = await session.SingleOrDefaultAsync<string>(
            "select value from inventory_context where asset_id = @Id and key = @Key and source = @source",
            new { asset.Id, request.Key, source = ContextSource.Stated });
        await ContextStore.SetAsync(session, asset.Id, request.Key, ContextSource.Stated, request.Value, principal.Actor, now);
        if (request.Key == ContextKeys.Environment)
        {
            await session.ExecuteAsync(
                "update inventory_asset set environment = @Value, version = version + 1 where id = @Id", new { asset.Id, request.Value });
        }
        return (true, before);
    }

    private static async Task<bool> MoveAsync(StoreSession session, Scope scope, Guid assetId, string name)
    {
        var group = await session.FindGroupAsync(name, scope);
        if (group is not null)
        {
            await session.ExecuteAsync("update inventory_asset set group_id = @group, version = version + 1 where id = @assetId", new { assetId, group = group.Value });
        }
        return group is not null;
    }
}
