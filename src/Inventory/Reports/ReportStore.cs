using Suture.Contracts;
using Suture.Contracts.Inventory;
using Suture.Platform.Storage;

namespace Suture.Inventory.Reports;

/// <summary>Reads reports and the content they share.</summary>
internal static class ReportStore
{
    private sealed record FactsStored
    {
        public required Guid Id { get; init; }
        public required string BootId { get; init; }
        public required DateTimeOffset TakenUs { get; init; }
        public required DateTimeOffset ReceivedUs { get; init; }
        public required int ClockWrong { get; init; }
        public Guid? AfterJob { get; init; }
        public string? Release { get; init; }
        public byte[]? Software { get; init; }
        public required byte[] State { get; init; }
    }

    public static async Task<AssetFacts?> LoadFactsAsync(StoreSession session, Guid assetId)
    {
        var row = await session.SingleOrDefaultAsync<FactsStored>(
            """
            select r.id, r.boot_id, r.taken_us, r.received_us, r.clock_wrong, r.after_job, a.release, w.content as software, m.content as state
            from inventory_asset a
            join inventory_report r on r.id = a.report_id
            join inventory_machine_state m on m.digest = r.state_digest
            left join inventory_software_set w on w.digest = r.software_digest
            where a.id = @assetId
            """,
            new { assetId });
        return row is null ? null : new AssetFacts
        {
            ReportId = row.Id,
            BootId = row.BootId,
            TakenUtc = row.TakenUs,
            ReceivedUtc = row.ReceivedUs,
            ClockWrong = row.ClockWrong != 0,
            AfterJob = row.AfterJob,
            Release = row.Release,
            Packages = row.Software is null ? null : PackedJson.Unpack(row.Software, ContractsJson.Default.IReadOnlyListInstalledPackage),
            State = PackedJson.Unpack(row.State, ContractsJson.Default.MachineState),
        };
    }

    /// <summary>Packages of a set; null when the set is not here.</summary>
    public static async Task<IReadOnlyList<InstalledPackage>?> LoadSoftwareAsync(StoreSession session, string digest)
    {
        var packed = await session.SingleOrDefaultAsync<byte[]>("select content from inventory_software_set where digest = @digest", new { digest });
        return packed is null ? null : PackedJson.Unpack(packed, ContractsJson.Default.IReadOnlyListInstalledPackage);
    }
}
