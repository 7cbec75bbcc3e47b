using System.Text.Json;
using Suture.Contracts;
using Suture.Contracts.Approvals;
using Suture.Platform.Storage;
using Suture.Platform.Work;

namespace Suture.Inventory.Approvers;

/// <summary>Whose signatures assets demand, for who plans and decides; and what agents are told of it.</summary>
public sealed class ApproverDirectory
{
    /// <summary>Sets that one poll brings.</summary>
    private const int OfferedMax = 10;

    private readonly Store _store;
    private readonly WorkQueue _queue;
    private readonly TimeProvider _time;

    internal ApproverDirectory(Store store, WorkQueue queue, TimeProvider time) => (_store, _queue, _time) = (store, queue, time);

    /// <summary>The sets of some digests; one that is not known here is missing.</summary>
    /// <param name="session">A session.</param>
    /// <param name="digests">As <see cref="AssetRecord.Approvers"/> has them; repetitions count once.</param>
    public async Task<IReadOnlyDictionary<string, ApproverSet>> LoadAsync(StoreSession session, IEnumerable<string> digests)
    {
        var rows = await session.QueryAsync<Row>(
            $"select digest, version, document, signatures from inventory_approver_set where {session.Dialect.In("digest", "digests")}", new { digests = digests.Distinct().ToArray() });
        return rows.ToDictionary(row => row.Digest, row => row.Read(), StringComparer.Ordinal);
    }

    /// <summary>Notes which set an agent holds, and finds those of its group that it lacks.</summary>
    /// <param name="assetId">The asset.</param>
    /// <param name="held">Digest that its agent told; null for none.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Oldest first; empty for nearly every poll.</returns>
    public async Task<IReadOnlyList<SignedApproverSet>> HearAsync(Guid assetId, string? held, CancellationToken cancellation)
    {
        var asset = await _store.ReadAsync(
            session => session.SingleOrDefaultAsync<Holder>(
                """
                select a.approvers_digest as known, a.group_id,
                       (select s.digest from inventory_approver_set s where s.group_id = a.group_id order by s.version desc limit 1) as newest
                from inventory_asset a where a.id = @assetId
                """,
                new { assetId }),
            cancellation);
        if (asset is null)
        {
            return [];
        }
        if (asset.Known != held)
        {
            await _store.WriteAsync(session => NoteAsync(session, assetId, held), cancellation);
        }
        return asset.Newest is null || asset.Newest == held ? [] : await _store.ReadAsync(session => NewerAsync(session, asset.GroupId, held), cancellation);
    }

    /// <summary>The newest set of a group as it travels; null when it demands no signatures.</summary>
    internal static async Task<SignedApproverSet?> NewestAsync(StoreSession session, Guid group) =>
        await NewestRowAsync(session, group) is { } row ? row.ToSigned() : null;

    internal static Task<Row?> NewestRowAsync(StoreSession session, Guid group) => session.SingleOrDefaultAsync<Row>(
        "select digest, version, document, signatures from inventory_approver_set where group_id = @group order by version desc limit 1", new { group });

    private async Task<bool> NoteAsync(StoreSession session, Guid assetId, string? held)
    {
        await session.ExecuteAsync("update inventory_asset set approvers_digest = @held where id = @assetId", new { assetId, held });
        // Who has to approve is part of what a plan rests on.
        await _queue.EnqueueAsync(session, _time.GetUtcNow(), InventoryWork.AssetChanged, assetId.ToString("N"));
        return true;
    }

    // An agent that holds a set of another group is given all of its own group's: it takes one that enough of those it knows have signed.
    private static async Task<IReadOnlyList<SignedApproverSet>> NewerAsync(StoreSession session, Guid group, string? held)
    {
        var rows = await session.QueryAsync<Row>(
            """
            select digest, version, document, signatures from inventory_approver_set
            where group_id = @group and version > coalesce((select version from inventory_approver_set where group_id = @group and digest = @held), 0)
            order by version limit @most
            """,
            new { group, held = held ?? "", most = OfferedMax });
        return [.. rows.Select(row => row.ToSigned())];
    }

    internal sealed record Row
    {
        public required string Digest { get; init; }
        public required int Version { get; init; }
        public required byte[] Document { get; init; }
        public required string Signatures { get; init; }

        public ApproverSet Read() => JsonSerializer.Deserialize(Document, ContractsJson.Default.ApproverSet)
            ?? throw new InvalidOperationException($"The stored set of approvers {Digest} is the text 'null'.");

        public IReadOnlyList<ApproverSignature> ReadSignatures() => JsonSerializer.Deserialize(Signatures, ContractsJson.Default.IReadOnlyListApproverSignature) ?? [];

        public SignedApproverSet ToSigned() => new() { Document = Convert.ToBase64String(Document), Signatures = ReadSignatures() };
    }

    private sealed record Holder
    {
        public string? Known { get; init; }
        public required Guid GroupId { get; init; }
        public string? Newest { get; init; }
    }
}
