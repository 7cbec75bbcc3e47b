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
    /// <summary>It would leave production, or its group there, and who asks may not approve plans.</summary>
    WantsApprover = 6,
}

/// <summary>Sets a context value, or the group, by a person's word.</summary>
/// <remarks>Environment and group decide whether the policy asks a person. So what counts as production leaves it, or its group, only by the word of somebody who may
/// approve plans: else whoever keeps the assets could have the policy approve what an approver would not.</remarks>
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
        var asset = await AssetStore.HoldAsync(session, principal.Scope, assetId);
        if (asset is null)
        {
            return ChangeOutcome.NoAsset;
        }
        if (asset.State == AssetState.Retired)
        {
            return ChangeOutcome.IsRetired;
        }
        if (LeavesProduction(asset, request) && !principal.Roles.Contains(Role.Approver))
        {
            return ChangeOutcome.WantsApprover;
        }
        if (request.Key == ContextKeys.Group)
        {
            if (await session.FindGroupAsync(request.Value, principal.Scope) is not { } group)
            {
                return ChangeOutcome.NoGroup;
            }
            await MoveAsync(session, principal, asset, group, request, now);
        }
        else
        {
            await SetAsync(session, principal, asset, request, now);
        }
        await queue.EnqueueAsync(session, now, InventoryWork.AssetChanged, assetId.ToString("N"));
        return ChangeOutcome.Done;
    }

    private static bool LeavesProduction(AssetStored asset, ContextRequest request) => ContextKeys.CountsAsProduction(asset.Environment) && request.Key switch
    {
        ContextKeys.Environment => !ContextKeys.CountsAsProduction(request.Value),
        ContextKeys.Group => !string.Equals(request.Value, asset.GroupName, StringComparison.Ordinal),
        _ => false,
    };

    // A fact of both groups: one sees its asset go, the other sees it come.
    private static async Task MoveAsync(StoreSession session, Principal principal, AssetStored asset, Guid group, ContextRequest request, DateTimeOffset now)
    {
        await session.ChangeAsync(
            "update inventory_asset set group_id = @group, version = version + 1 where id = @Id and state = @State and version = @Version",
            new { group, asset.Id, asset.State, asset.Version }, $"Asset {asset.Name}");
        await session.AppendLedgerAsync(
            now, principal.Actor, "asset.moved", $"asset:{asset.Id:D}", new { request.Key, request.Value, Before = asset.GroupName },
            LedgerScope.OfEach([asset.GroupId, group]));
    }

    private static async Task SetAsync(StoreSession session, Principal principal, AssetStored asset, ContextRequest request, DateTimeOffset now)
    {
        var before = await session.SingleOrDefaultAsync<string>(
            "select value from inventory_context where asset_id = @Id and key = @Key and source = @source",
            new { asset.Id, request.Key, source = ContextSource.Stated });
        await ContextStore.SetAsync(session, asset.Id, request.Key, ContextSource.Stated, request.Value, principal.Actor, now);
        if (request.Key == ContextKeys.Environment)
        {
            await session.ChangeAsync(
                "update inventory_asset set environment = @Value, version = version + 1 where id = @Id and state = @State and version = @Version",
                new { request.Value, asset.Id, asset.State, asset.Version }, $"Asset {asset.Name}");
        }
        await session.AppendLedgerAsync(
            now, principal.Actor, "asset.context-stated", $"asset:{asset.Id:D}", new { request.Key, request.Value, Before = before }, LedgerScope.Of(asset.GroupId));
    }
}
