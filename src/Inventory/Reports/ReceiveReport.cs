using Microsoft.Extensions.Logging;
using Suture.Contracts.Inventory;
using Suture.Inventory.Assets;
using Suture.Inventory.Certificates;
using Suture.Platform.Identity;
using Suture.Platform.Storage;

namespace Suture.Inventory.Reports;

/// <summary>Takes a report: read what is known, decide, write.</summary>
internal sealed partial class ReceiveReport(
    Store store, StoreReport storing, Heartbeats heartbeats, AgentAdmission admission, TimeProvider time, ILogger<ReceiveReport> logger)
{
    // Reports of one asset come one after the other; only a person's change or a second holder is ever in the way.
    private const int AttemptsMax = 5;

    internal enum ReceiveOutcome
    {
        Answered = 1,
        Lie = 2,
        Busy = 3,
    }

    internal sealed record Result(ReceiveOutcome Outcome, ReportResponse? Response, string? FaultPlace);

    private sealed record Claim
    {
        public string? ClaimedBoot { get; init; }
        public long? ClaimedSequence { get; init; }
    }

    private sealed record SameReport
    {
        public string? SoftwareDigest { get; init; }
        public required string StateDigest { get; init; }
    }

    /// <summary>Receives a report that <see cref="CheckReport"/> has passed.</summary>
    public async Task<Result> ReceiveAsync(Guid assetId, AssetReport report, CancellationToken cancellation)
    {
        for (var attempt = 1; attempt <= AttemptsMax; attempt++)
        {
            var now = time.GetUtcNow();
            heartbeats.Touch(assetId, now);
            var history = await store.ReadAsync(session => ReadAsync(session, assetId, report), cancellation);
            var (verdict, detail) = DecideReport.Decide(history, report);
            var result = await CarryOutAsync(history.Asset, report, verdict, detail, now, cancellation);
            if (result is not null)
            {
                return result;
            }
        }
        return new Result(ReceiveOutcome.Busy, null, null);
    }

    // Null when the asset changed meanwhile and everything is to be read again.
    private async Task<Result?> CarryOutAsync(
        AssetStored asset, AssetReport report, ReportVerdict verdict, string? detail, DateTimeOffset now, CancellationToken cancellation)
    {
        switch (verdict)
        {
            case ReportVerdict.FullWanted:
                return Answer(ReportOutcome.FullReportWanted, detail);
            case ReportVerdict.Claimed:
                return await ClaimAsync(asset, report, detail, cancellation);
            case ReportVerdict.AlreadyStored:
                return Answer(ReportOutcome.AlreadyStored, detail);
            case ReportVerdict.Quarantined:
                return Answer(ReportOutcome.Quarantined, detail);
            case ReportVerdict.Quarantine:
                return await QuarantineAsync(asset, report, detail ?? "", now, cancellation);
            case ReportVerdict.Store:
                return await StoreAsync(asset, report, now, cancellation);
            default:
                throw new InvalidOperationException($"Report verdict {verdict} is not known.");
        }
    }

    private async Task<Result?> QuarantineAsync(AssetStored asset, AssetReport report, string reason, DateTimeOffset now, CancellationToken cancellation)
    {
        if (!await store.WriteAsync(session => StoreReport.QuarantineAsync(session, asset, report, reason, now), cancellation))
        {
            return null;
        }
        admission.Forget();
        LogQuarantined(asset.Id, reason, report.Sequence, asset.Sequence);
        return Answer(ReportOutcome.Quarantined, DecideReport.QuarantinedDetail);
    }

    private async Task<Result?> ClaimAsync(AssetStored asset, AssetReport report, string? detail, CancellationToken cancellation)
    {
        var rows = await store.WriteAsync(
            session => session.ExecuteAsync(
                "update inventory_asset set claimed_boot = @BootId, claimed_sequence = @Sequence where id = @Id and version = @Version and state = 1",
                new { report.BootId, report.Sequence, asset.Id, asset.Version }),
            cancellation);
        return rows == 1 ? Answer(ReportOutcome.FullReportWanted, detail) : null;
    }

    private async Task<Result?> StoreAsync(AssetStored asset, AssetReport report, DateTimeOffset now, CancellationToken cancellation)
    {
        var baseSoftware = report.SoftwareDelta is null
            ? null
            : await store.ReadAsync(session => ReportStore.LoadSoftwareAsync(session, report.BaseDigest!), cancellation);
        var (outcome, fault, content) = PrepareContent.Prepare(report, baseSoftware);
        if (outcome == ContentOutcome.Lie)
        {
            LogLie(asset.Id, fault ?? "", report.Sequence);
            return new Result(ReceiveOutcome.Lie, null, fault);
        }
        if (outcome == ContentOutcome.FullWanted)
        {
            return Answer(ReportOutcome.FullReportWanted, "The difference does not lead to the digest; send everything.");
        }
        if (!await store.WriteAsync(session => storing.WriteAsync(session, asset, report, content, now), cancellation))
        {
            return null;
        }
        LogStored(asset.Id, report.Sequence, content.Software is not null, content.State is not null);
        return Answer(ReportOutcome.Accepted, null);
    }

    private static async Task<ReportHistory> ReadAsync(StoreSession session, Guid assetId, AssetReport report)
    {
        var asset = await AssetStore.FindAsync(session, Scope.All, assetId)
            ?? throw new InvalidOperationException($"Asset {assetId} has a certificate but no row; the store was changed by something else.");
        var same = await session.SingleOrDefaultAsync<SameReport>(
            "select software_digest, state_digest from inventory_report where asset_id = @assetId and boot_id = @BootId and sequence = @Sequence",
            new { assetId, report.BootId, report.Sequence });
        var boots = await session.SingleOrDefaultAsync<int>(
            "select count(*) from inventory_boot where asset_id = @assetId and boot_id = @BootId", new { assetId, report.BootId });
        var oldest = await session.SingleOrDefaultAsync<long?>(
            "select min(sequence) from inventory_report where asset_id = @assetId and boot_id = @BootId", new { assetId, report.BootId });
        var first = await session.SingleOrDefaultAsync<long?>(
            "select first_sequence from inventory_boot where asset_id = @assetId and boot_id = @BootId", new { assetId, report.BootId });
        var next = await session.SingleOrDefaultAsync<long?>(
            """
            select min(n.first_sequence) from inventory_boot b join inventory_boot n on n.asset_id = b.asset_id and n.first_us >= b.first_us and n.boot_id <> b.boot_id
            where b.asset_id = @assetId and b.boot_id = @BootId
            """,
            new { assetId, report.BootId });
        var claim = await session.SingleOrDefaultAsync<Claim>("select claimed_boot, claimed_sequence from inventory_asset where id = @assetId", new { assetId });
        return new ReportHistory
        {
            Asset = asset,
            HasSame = same is not null,
            SameSoftwareDigest = same?.SoftwareDigest,
            SameStateDigest = same?.StateDigest,
            IsKnownBoot = boots > 0,
            OldestSequence = oldest,
            FirstSequence = first,
            NextBootSequence = next,
            ClaimedBoot = claim?.ClaimedBoot,
            ClaimedSequence = claim?.ClaimedSequence,
        };
    }

    private static Result Answer(ReportOutcome outcome, string? detail) =>
        new(ReceiveOutcome.Answered, new ReportResponse { Outcome = outcome, Detail = detail }, null);

    [LoggerMessage(1301, LogLevel.Information, "Report {Sequence} of asset {AssetId} stored (software new: {HasSoftware}, state new: {HasState})")]
    private partial void LogStored(Guid assetId, long sequence, bool hasSoftware, bool hasState);

    [LoggerMessage(1302, LogLevel.Error, "Asset {AssetId} quarantined: {Reason} (report {Sequence}, last stored {LastSequence}); a person must release or retire it")]
    private partial void LogQuarantined(Guid assetId, string reason, long sequence, long lastSequence);

    [LoggerMessage(1303, LogLevel.Warning, "Report {Sequence} of asset {AssetId} refused: {Place} is not that of its content")]
    private partial void LogLie(Guid assetId, string place, long sequence);
}
