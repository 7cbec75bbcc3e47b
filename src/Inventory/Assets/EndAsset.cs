using Suture.Contracts.Api;
using Suture.Inventory.Certificates;
using Suture.Inventory.Enrollment;
using Suture.Platform.Identity;
using Suture.Platform.Ledger;
using Suture.Platform.Storage;
using Suture.Platform.Work;

namespace Suture.Inventory.Assets;

/// <summary>A person's decisions on whether an asset may speak: retire, revoke its certificates, release it from quarantine. Each is safe to call again.</summary>
internal sealed class EndAsset(Store store, WorkQueue queue, AgentAdmission admission, TimeProvider time)
{
    /// <summary>The asset is gone: its certificates are revoked, its record stays.</summary>
    public Task<ChangeOutcome> RetireAsync(Principal principal, Guid assetId, CancellationToken cancellation) =>
        ChangeAsync(principal, assetId, RetireAsync, cancellation);

    /// <summary>Revokes all certificates of the asset; the endpoint must enrol again, as a new asset.</summary>
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
            async session => await AssetStore.FindAsync(session, principal.Scope, assetId) is { } asset
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
        await session.ExecuteAsync("update inventory_asset set state = 3, version = version + 1 where id = @Id", new { asset.Id });
        var revoked = await CertificateStore.RevokeAllAsync(session, asset.Id, now);
        await session.AppendLedgerAsync(now, actor, "asset.retired", $"asset:{asset.Id:D}", new { asset.Name, RevokedCertificates = revoked });
        await queue.EnqueueAsync(session, now, InventoryWork.AssetChanged, asset.Id.ToString("N"));
        return ChangeOutcome.Done;
    }

    private static async Task<ChangeOutcome> RevokeAsync(StoreSession session, AssetStored asset, string actor, DateTimeOffset now)
    {
        var revoked = await CertificateStore.RevokeAllAsync(session, asset.Id, now);
        if (revoked > 0)
        {
            await session.AppendLedgerAsync(now, actor, "certificate.revoked", $"asset:{asset.Id:D}", new { asset.Name, RevokedCertificates = revoked });
        }
        return ChangeOutcome.Done;
    }

    private async Task<ChangeOutcome> ReleaseAsync(StoreSession session, AssetStored asset, string actor, DateTimeOffset now)
    {
        if (asset.State != AssetState.Quarantined)
        {
            return asset.State == AssetState.Retired ? ChangeOutcome.IsRetired : ChangeOutcome.IsNotQuarantined;
        }
        await session.ExecuteAsync(
            "update inventory_asset set state = 1, version = version + 1, full_wanted = 1, boot_id = null, sequence = 0 where id = @Id", new { asset.Id });
        await session.ExecuteAsync("delete from inventory_boot where asset_id = @Id", new { asset.Id });
        await session.AppendLedgerAsync(now, actor, "asset.released", $"asset:{asset.Id:D}", new { asset.Name });
        await queue.EnqueueAsync(session, now, InventoryWork.AssetChanged, asset.Id.ToString("N"));
        return ChangeOutcome.Done;
    }
}
