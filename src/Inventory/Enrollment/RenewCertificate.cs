using Microsoft.Extensions.Logging;
using Suture.Contracts.Api;
using Suture.Contracts.Enrollment;
using Suture.Inventory.Assets;
using Suture.Inventory.Certificates;
using Suture.Platform.Identity;
using Suture.Platform.Ledger;
using Suture.Platform.Storage;

namespace Suture.Inventory.Enrollment;

/// <summary>Gives an agent its next certificate. The one it replaces stays good until its end, in case the answer is lost.</summary>
internal sealed partial class RenewCertificate(Store store, AgentAuthority authority, IJobSigningKeys signingKeys, TimeProvider time, ILogger<RenewCertificate> logger)
{
    internal sealed record Result(RenewResponse? Response, string? Fault, bool IsTooOften);

    public async Task<Result> RenewAsync(AgentCaller caller, RenewRequest request, CancellationToken cancellation)
    {
        var (key, fault) = Certificate.ReadRequest(request.CertificateRequest);
        if (key is null)
        {
            return new Result(null, fault, false);
        }
        var now = time.GetUtcNow();
        var issued = authority.IssueAgent(caller.AssetId, key, now);
        var isIssued = await store.WriteAsync(session => WriteAsync(session, caller, issued, now), cancellation);
        if (!isIssued)
        {
            return new Result(null, null, true);
        }
        LogRenewed(caller.AssetId, issued.Serial, caller.Serial);
        return new Result(
            new RenewResponse { Certificate = issued.Pem, CertificateAuthority = authority.CertificatePem, JobSigningKeys = signingKeys.PublicKeys }, null, false);
    }

    private static async Task<bool> WriteAsync(StoreSession session, AgentCaller caller, IssuedCertificate issued, DateTimeOffset now)
    {
        // Held and read again here: a revocation or retirement that committed since the request was admitted must not be outrun, and one that comes now waits
        // until this certificate is there to be revoked.
        var asset = await AssetStore.HoldAsync(session, Scope.All, caller.AssetId);
        var isRevoked = await session.SingleOrDefaultAsync<int>(
            "select count(*) from inventory_certificate where serial = @Serial and revoked_us is not null", new { caller.Serial }) > 0;
        var recent = await CertificateStore.CountSinceAsync(session, caller.AssetId, now - TimeSpan.FromDays(1));
        if (asset is not { State: AssetState.Active } || isRevoked || recent >= InventoryLimits.CertificatesADayMax)
        {
            return false;
        }
        await CertificateStore.InsertAsync(session, caller.AssetId, issued);
        await session.AppendLedgerAsync(
            now, $"agent:{caller.AssetId:D}", "certificate.renewed", $"asset:{caller.AssetId:D}", new { issued.Serial, Before = caller.Serial },
            LedgerScope.Of(asset.GroupId));
        return true;
    }

    [LoggerMessage(1203, LogLevel.Information, "Certificate of asset {AssetId} renewed: {Serial} after {Before}")]
    private partial void LogRenewed(Guid assetId, string serial, string before);
}
