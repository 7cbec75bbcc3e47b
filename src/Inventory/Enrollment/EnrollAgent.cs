using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Suture.Contracts.Api;
using Suture.Contracts.Approvals;
using Suture.Contracts.Enrollment;
using Suture.Inventory.Approvers;
using Suture.Inventory.Assets;
using Suture.Inventory.Certificates;
using Suture.Platform.Ledger;
using Suture.Platform.Storage;

namespace Suture.Inventory.Enrollment;

/// <summary>Turns a one-use token and a key into an asset with a certificate, in one transaction.</summary>
internal sealed partial class EnrollAgent(
    Store store, AgentAuthority authority, IJobSigningKeys signingKeys, InventoryOptions options, TimeProvider time, ILogger<EnrollAgent> logger)
{
    internal sealed record Result(EnrollResponse? Response, bool IsTokenRefused, IReadOnlyDictionary<string, string[]> Faults);

    private sealed record TokenUsed
    {
        public required Guid GroupId { get; init; }
        public required string Environment { get; init; }
        public required string CreatedBy { get; init; }
    }

    /// <summary>Enrols. A request with faults does not use up the token.</summary>
    public async Task<Result> EnrollAsync(EnrollRequest request, CancellationToken cancellation)
    {
        var (key, faults) = Check(request);
        if (key is null || faults.Count > 0)
        {
            return new Result(null, false, faults);
        }
        var hash = EnrollmentTokens.Hash(request.Token);
        var now = time.GetUtcNow();
        var assetId = Guid.CreateVersion7(now);
        var joined = hash is null ? null : await store.WriteAsync(session => WriteAsync(session, request, hash, key, assetId, now), cancellation);
        if (joined is null)
        {
            LogTokenRefused();
            return new Result(null, true, faults);
        }
        LogEnrolled(assetId, joined.Certificate.Serial);
        return new Result(Response(assetId, joined), false, faults);
    }

    private static (PublicKey? Key, Dictionary<string, string[]> Faults) Check(EnrollRequest request)
    {
        var faults = new Dictionary<string, string[]>();
        var (key, keyFault) = Certificate.ReadRequest(request.CertificateRequest);
        if (keyFault is not null)
        {
            faults["certificateRequest"] = [keyFault];
        }
        if (!Grammar.IsHostName(request.HostName))
        {
            faults["hostName"] = ["hostName is not a host name; wanted 1 to 253 of letters, digits, dot, dash and underscore."];
        }
        if (!Grammar.IsAgentVersion(request.AgentVersion))
        {
            faults["agentVersion"] = ["agentVersion is not a version; wanted 1 to 64 of letters, digits, dot, plus, dash and underscore."];
        }
        return (key, faults);
    }

    private sealed record Joined(IssuedCertificate Certificate, SignedApproverSet? Approvers);

    private async Task<Joined?> WriteAsync(
        StoreSession session, EnrollRequest request, byte[] hash, PublicKey key, Guid assetId, DateTimeOffset now)
    {
        // Compare-and-set: of many that come with one token, one changes this row.
        var token = await session.SingleOrDefaultAsync<TokenUsed>(
            """
            update inventory_enrollment_token set used_us = @now, asset_id = @assetId
            where hash = @hash and used_us is null and expires_us > @now
            returning group_id, environment, created_by
            """,
            new { hash, assetId, now });
        if (token is null)
        {
            return null;
        }
        await InsertAssetAsync(session, request, token, assetId, now);
        var issued = authority.IssueAgent(assetId, key, now);
        await CertificateStore.InsertAsync(session, assetId, issued);
        await session.AppendLedgerAsync(
            now, $"agent:{assetId:D}", "asset.enrolled", $"asset:{assetId:D}",
            new { request.HostName, token.Environment, Group = token.GroupId, InvitedBy = token.CreatedBy, issued.Serial, request.ObservedOnly },
            LedgerScope.Of(token.GroupId));
        return new Joined(issued, await ApproverDirectory.NewestAsync(session, token.GroupId));
    }

    private static async Task InsertAssetAsync(StoreSession session, EnrollRequest request, TokenUsed token, Guid assetId, DateTimeOffset now)
    {
        var ordinal = await session.SingleOrDefaultAsync<int>("update inventory_ordinal set last = last + 1 where id = 1 returning last");
        await session.ExecuteAsync(
            """
            insert into inventory_asset (id, ordinal, name, group_id, environment, observed_only, state, version, enrolled_us, sequence, agent_version)
            values (@assetId, @ordinal, @HostName, @GroupId, @Environment, @observedOnly, @state, 1, @now, 0, @AgentVersion)
            """,
            new
            {
                assetId,
                ordinal,
                request.HostName,
                token.GroupId,
                token.Environment,
                observedOnly = request.ObservedOnly ? 1 : 0,
                state = (int)AssetState.Active,
                now,
                request.AgentVersion,
            });
        await ContextStore.SetAsync(session, assetId, ContextKeys.Environment, ContextSource.Stated, token.Environment, token.CreatedBy, now);
    }

    private EnrollResponse Response(Guid assetId, Joined joined) => new()
    {
        AssetId = assetId,
        Certificate = joined.Certificate.Pem,
        CertificateAuthority = authority.CertificatePem,
        AgentUrl = options.AgentUrl.GetLeftPart(UriPartial.Authority),
        JobSigningKeys = signingKeys.PublicKeys,
        Approvers = joined.Approvers,
    };

    [LoggerMessage(1201, LogLevel.Information, "Asset {AssetId} enrolled, certificate {Serial}")]
    private partial void LogEnrolled(Guid assetId, string serial);

    [LoggerMessage(1202, LogLevel.Warning, "An enrolment was refused: its token is unknown, used or too old")]
    private partial void LogTokenRefused();
}
