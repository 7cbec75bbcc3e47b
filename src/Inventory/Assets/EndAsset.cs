using Suture.Contracts.Api;
using Suture.Inventory.Certificates;
using Suture.Inventory.Enrollment;
using Suture.Platform.Identity;
using Suture.Platform.Ledger;
using Suture.Platform.Storage;
using Suture.Platform.Work;

namespace Suture.Inventory.Assets;

/// <summary>A person's decisions on whether an asset may speak: retire, revoke its certificates, release it from quarantine. Each is safe to call again.</summary>
/// <remarks>Each holds the asset's row from reading to writing, as a renewal does: of two that come at once the second sees what the first decided.</remarks>
internal sealed class EndAsset(Store store, WorkQueue queue, AgentAdmission admission, TimeProvider time)
{
    /// <summary>The asset is gone: its certificates are revoked, its record stays.</summary>
    public Task<ChangeOutcome> RetireAsync(Principal principal, Guid assetId, CancellationToken cancellation) =>
        ChangeAsync(principal, assetId, RetireAsync, cancellation);

    /// <summary>Revokes all certificates of the asset; the endpoint must enrol again, as a new asset. The asset stays in the fleet with its findings: the machine
    /// is still there and still vulnerable, and it says of itself that it cannot speak. Who knows that the machine is gone retires the asset, which revokes too.</summary>
    public Task<ChangeOutcome> RevokeAsync(Principal principal, Guid assetId, CancellationToken cancellation) =>
        ChangeAsync(principal, assetId, RevokeAsync, cancellation);

    /// <summary>Ends a quarantine: the next report must be full and starts a new count. Two live holders will show again.</summary>
    public Task<ChangeOutcome> ReleaseAsync(Principal principal, Guid assetId, CancellationToken cancellation) =>
        ChangeAsync(principal, assetId, ReleaseAsync, cancellation);

    private async Task<ChangeOutcome> ChangeAsync(
        Principal principal, Guid assetId, Func<StoreSession, AssetStored, string, DateTimeOffset, Task<ChangeOutcome>> change, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var outcome = await store.WriteAsync(
            async session => await AssetStore.HoldAsync(session, principal.Scope, assetId) is { } asset
                ? await change(session, asset, principal.Actor, now)
                : ChangeOutcome.NoAsset,
            cancellation);
        admission.Forget();
        return outcome;
    }

    private async Task<ChangeOutcome> RetireAsync(StoreSession session, AssetStored asset, string actor, DateTimeOffset now)
    {
        if (asset.State == AssetState.Retired)
        {
            return ChangeOutcome.Done;
        }
        await session.ChangeAsync(
            "update inventory_asset set state = 3, version = version + 1 where id = @Id and state = @State and version = @Version",
            new { asset.Id, asset.State, asset.Version }, $"Asset {asset.Name}");
        var revoked = await CertificateStore.RevokeAllAsync(session, asset.Id, now);
        await session.AppendLedgerAsync(now, actor, "asset.retired", $"asset:{asset.Id:D}", new { asset.Name, RevokedCertificates = revoked }, LedgerScope.Of(asset.GroupId));
        await queue.EnqueueAsync(session, now, InventoryWork.AssetChanged, asset.Id.ToString("N"));
        return ChangeOutcome.Done;
    }

    private static async Task<ChangeOutcome> RevokeAsync(StoreSession session, AssetStored asset, string actor, DateTimeOffset now)
    {
        var revoked = await CertificateStore.RevokeAllAsync(session, asset.Id, now);
        if (revoked > 0)
        {
            await session.AppendLedgerAsync(
                now, actor, "certificate.revoked", $"asset:{asset.Id:D}", new { asset.Name, RevokedCertificates = revoked }, LedgerScope.Of(asset.GroupId));
        }
        return ChangeOutcome.Done;
    }

    private async Task<ChangeOutcome> ReleaseAsync(StoreSession session, AssetStored asset, string actor, DateTimeOffset now)
    {
        if (asset.State != AssetState.Quarantined)
        {
            return asset.State == AssetState.Retired ? ChangeOutcome.IsRetired : ChangeOutcome.IsNotQuarantined;
        }
        await session.ChangeAsync(
            """
            update inventory_asset set state = 1, version = version + 1, full_wanted = 1, boot_id = null, sequence = 0
            where id = @Id and state = @State and version = @Version
            """,
            new { asset.Id, asset.State, asset.Version }, $"Asset {asset.Name}");
        await session.ExecuteAsync("delete from inventory_boot where asset_id = @Id", new { asset.Id });
        await session.AppendLedgerAsync(now, actor, "asset.released", $"asset:{asset.Id:D}", new { asset.Name }, LedgerScope.Of(asset.GroupId));
        await queue.EnqueueAsync(session, now, InventoryWork.AssetChanged, asset.Id.ToString("N"));
        return ChangeOutcome.Done;
    }
}
