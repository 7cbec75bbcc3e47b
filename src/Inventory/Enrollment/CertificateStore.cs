using Suture.Inventory.Certificates;
using Suture.Platform.Storage;

namespace Suture.Inventory.Enrollment;

/// <summary>Certificates as the store knows them: serials, never keys.</summary>
internal static class CertificateStore
{
    public static Task<int> InsertAsync(StoreSession session, Guid assetId, IssuedCertificate certificate) =>
        session.ExecuteAsync(
            """
            insert into inventory_certificate (serial, asset_id, not_before_us, not_after_us)
            values (@Serial, @assetId, @NotBeforeUtc, @NotAfterUtc)
            """,
            new { certificate.Serial, assetId, certificate.NotBeforeUtc, certificate.NotAfterUtc });

    /// <summary>Revokes all of an asset that are not revoked yet.</summary>
    /// <returns>How many.</returns>
    public static Task<int> RevokeAllAsync(StoreSession session, Guid assetId, DateTimeOffset now) =>
        session.ExecuteAsync("update inventory_certificate set revoked_us = @now where asset_id = @assetId and revoked_us is null", new { assetId, now });

    /// <summary>True when the asset has a certificate that counts, if only to renew it.</summary>
    public static async Task<bool> HasLiveAsync(StoreSession session, Guid assetId, DateTimeOffset now) =>
        await session.SingleOrDefaultAsync<int>(
            "select count(*) from inventory_certificate where asset_id = @assetId and revoked_us is null and not_after_us > @end",
            new { assetId, end = now - Certificate.RenewalGrace }) > 0;

    public static Task<int> CountSinceAsync(StoreSession session, Guid assetId, DateTimeOffset since) =>
        session.SingleOrDefaultAsync<int>(
            "select count(*) from inventory_certificate where asset_id = @assetId and not_before_us >= @since", new { assetId, since });
}
