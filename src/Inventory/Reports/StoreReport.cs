using System.Text.Json;
using Suture.Contracts;
using Suture.Contracts.Inventory;
using Suture.Inventory.Assets;
using Suture.Platform.Ledger;
using Suture.Platform.Storage;
using Suture.Platform.Work;

namespace Suture.Inventory.Reports;

/// <summary>Writes a report, its asset's row and the work that follows, in one transaction.</summary>
internal sealed class StoreReport(WorkQueue queue)
{
    /// <summary>Stores.</summary>
    /// <returns>False when the asset changed since it was read; nothing may commit then.</returns>
    public async Task<bool> WriteAsync(StoreSession session, AssetStored asset, AssetReport report, ReportContent content, DateTimeOffset now)
    {
        if (!await UpdateAssetAsync(session, asset, report, content, now, Guid.CreateVersion7(now)))
        {
            return false;
        }
        if (content.Summary is { } summary)
        {
            await ObserveAsync(session, asset.Id, summary, now);
        }
        await session.ExecuteAsync(
            "insert into inventory_boot (asset_id, boot_id, first_us, first_sequence) values (@Id, @BootId, @now, @Sequence) on conflict (asset_id, boot_id) do nothing",
            new { asset.Id, report.BootId, now, report.Sequence });
        await EnqueueAsync(session, asset, report, content, now);
        await RemoveOldAsync(session, asset.Id, report.BootId != asset.BootId);
        return true;
    }

    /// <summary>Takes an asset out of use because two hold its identity.</summary>
    /// <returns>False when the asset changed since it was read.</returns>
    public static async Task<bool> QuarantineAsync(StoreSession session, AssetStored asset, AssetReport report, string reason, DateTimeOffset now)
    {
        var changed = await session.ExecuteAsync(
            "update inventory_asset set state = 2, version = version + 1 where id = @Id and version = @Version and state = 1", new { asset.Id, asset.Version });
        if (changed == 1)
        {
            await session.AppendLedgerAsync(
                now, "server", "asset.quarantined", $"asset:{asset.Id:D}",
                new { Reason = reason, report.BootId, report.Sequence, LastBootId = asset.BootId, LastSequence = asset.Sequence },
                LedgerScope.Of(asset.GroupId));
        }
        return changed == 1;
    }

    private static async Task<bool> UpdateAssetAsync(
        StoreSession session, AssetStored asset, AssetReport report, ReportContent content, DateTimeOffset now, Guid reportId)
    {
        // The asset's row first: whoever changes it first wins, the other reads again.
        var changed = await session.ExecuteAsync(
            """
            update inventory_asset set name = @HostName, observed_only = @observedOnly, version = version + 1,
              last_seen_us = case when last_seen_us is null or last_seen_us < @now then @now else last_seen_us end,
              boot_id = @BootId, sequence = @Sequence, report_id = @reportId, reported_us = @now, software_digest = @SoftwareDigest,
              state_digest = @StateDigest, indexes_digest = @indexesDigest, release = @release, agent_version = @AgentVersion, full_wanted = 0, claimed_boot = null, claimed_sequence = null
            where id = @Id and version = @Version and state = 1
            """,
            new
            {
                asset.Id,
                asset.Version,
                report.HostName,
                observedOnly = report.ObservedOnly ? 1 : 0,
                now,
                report.BootId,
                report.Sequence,
                reportId,
                report.SoftwareDigest,
                report.StateDigest,
                indexesDigest = content.Summary is { } summary ? summary.IndexesDigest : asset.IndexesDigest,
                release = content.Summary is { } known ? known.Release : asset.Release,
                report.AgentVersion,
            });
        if (changed != 1)
        {
            return false;
        }
        await InsertContentAsync(session, report, content, now);
        await InsertReportAsync(session, asset.Id, report, reportId, now);
        return true;
    }

    private static async Task InsertContentAsync(StoreSession session, AssetReport report, ReportContent content, DateTimeOffset now)
    {
        // The update of a set that is there already keeps it from being removed as unused meanwhile.
        if (content.Software is not null)
        {
            await session.ExecuteAsync(
                """
                insert into inventory_software_set (digest, content, packages, used_us) values (@SoftwareDigest, @Software, @Packages, @now)
                on conflict (digest) do update set used_us = excluded.used_us
                """,
                new { report.SoftwareDigest, content.Software, content.Packages, now });
        }
        if (content.State is not null)
        {
            await session.ExecuteAsync(
                """
                insert into inventory_machine_state (digest, content, used_us) values (@StateDigest, @State, @now)
                on conflict (digest) do update set used_us = excluded.used_us
                """,
                new { report.StateDigest, content.State, now });
        }
    }

    private static Task<int> InsertReportAsync(StoreSession session, Guid assetId, AssetReport report, Guid reportId, DateTimeOffset now)
    {
        var isClockWrong = report.TakenUtc > now + InventoryLimits.ClockAheadMax || report.TakenUtc < now - InventoryLimits.ReportAgeMax;
        return session.ExecuteAsync(
            """
            insert into inventory_report (id, asset_id, boot_id, sequence, taken_us, received_us, clock_wrong, software_digest, state_digest, vitals, after_job)
            values (@reportId, @assetId, @BootId, @Sequence, @taken, @now, @clockWrong, @SoftwareDigest, @StateDigest, @vitals, @AfterJob)
            """,
            new
            {
                reportId,
                assetId,
                report.BootId,
                report.Sequence,
                taken = isClockWrong ? now : report.TakenUtc,
                now,
                clockWrong = isClockWrong ? 1 : 0,
                report.SoftwareDigest,
                report.StateDigest,
                vitals = JsonSerializer.Serialize(report.Vitals, ContractsJson.Default.MachineVitals),
                report.AfterJob,
            });
    }

    private static async Task ObserveAsync(StoreSession session, Guid assetId, StateSummary summary, DateTimeOffset now)
    {
        await SetOrClearAsync(session, assetId, ContextKeys.OperatingSystem, summary.OperatingSystem, now);
        await SetOrClearAsync(session, assetId, ContextKeys.Listening, summary.IsListening is { } listening ? (listening ? "yes" : "no") : null, now);
    }

    private static Task<int> SetOrClearAsync(StoreSession session, Guid assetId, string key, string? value, DateTimeOffset now) =>
        value is null
            ? ContextStore.ClearAsync(session, assetId, key, ContextSource.Observed)
            : ContextStore.SetAsync(session, assetId, key, ContextSource.Observed, value, $"agent:{assetId:D}", now);

    private async Task EnqueueAsync(StoreSession session, AssetStored asset, AssetReport report, ReportContent content, DateTimeOffset now)
    {
        var isSoftwareNew = report.SoftwareDigest != asset.SoftwareDigest;
        var isChanged = isSoftwareNew || report.StateDigest != asset.StateDigest || asset.ReportId is null
            || report.HostName != asset.Name || report.ObservedOnly != (asset.ObservedOnly != 0);
        if (isChanged || report.AfterJob is not null)
        {
            await queue.EnqueueAsync(session, now, InventoryWork.AssetChanged, asset.Id.ToString("N"));
        }
        var release = content.Summary is { } summary ? summary.Release : asset.Release;
        var areIndexesNew = content.Summary is { } known && known.IndexesDigest != asset.IndexesDigest;
        if (release is not null && (isSoftwareNew || areIndexesNew))
        {
            await queue.EnqueueAsync(session, now, InventoryWork.SoftwareChanged, release, now + InventoryWork.SoftwareChangedDelay);
        }
    }

    private static async Task RemoveOldAsync(StoreSession session, Guid assetId, bool isNewBoot)
    {
        await session.ExecuteAsync(Oldest("after_job is null"), new { assetId, kept = InventoryLimits.ReportsKept });
        await session.ExecuteAsync(Oldest("after_job is not null"), new { assetId, kept = InventoryLimits.ProvingReportsKept });
        if (isNewBoot)
        {
            await session.ExecuteAsync(
                """
                delete from inventory_boot where asset_id = @assetId and first_us < (
                  select min(first_us) from (select first_us from inventory_boot where asset_id = @assetId order by first_us desc limit @kept) newest)
                """,
                new { assetId, kept = InventoryLimits.BootsKept });
        }
    }

    // The report in force is the newest, so it is always among those kept.
    private static string Oldest(string kind) =>
        $"""
        delete from inventory_report where asset_id = @assetId and {kind} and received_us < (
          select min(received_us) from (
            select received_us from inventory_report where asset_id = @assetId and {kind} order by received_us desc limit @kept) newest)
        """;
}
