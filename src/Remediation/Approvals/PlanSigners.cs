using System.Text.Json;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Contracts.Approvals;
using Suture.Inventory;
using Suture.Inventory.Approvers;
using Suture.Platform.Storage;
using Suture.Remediation.Planning;

namespace Suture.Remediation.Approvals;

/// <summary>Signatures of approvers on plans, and whether they are those that the agents of its assets demand.</summary>
internal sealed class PlanSigners(ApproverDirectory approvers)
{
    /// <summary>What the assets of a plan demand, one a set of approvers; empty when none demands anything.</summary>
    /// <param name="session">A session.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="assets">Its assets as they are now.</param>
    public async Task<IReadOnlyList<Demand>> DemandsAsync(StoreSession session, PlanStore.Row plan, IEnumerable<AssetRecord> assets)
    {
        var demanding = assets.Where(asset => asset.Approvers is not null).ToLookup(asset => asset.Approvers!);
        if (demanding.Count == 0)
        {
            return [];
        }
        var sets = await approvers.LoadAsync(session, demanding.Select(group => group.Key));
        var signatures = await LoadAsync(session, plan.Id);
        var challenge = Convert.FromHexString(plan.Hash);
        return
        [
            .. demanding.OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => sets.TryGetValue(group.Key, out var set)
                ? new Demand(set, [.. signatures.Select(signature => Holder(set, signature, challenge)).OfType<string>().Distinct()], [.. group])
                : new Demand(null, [], [.. group])),
        ];
    }

    /// <summary>The signatures of a plan, oldest first.</summary>
    public static async Task<IReadOnlyList<ApproverSignature>> LoadAsync(StoreSession session, Guid plan) =>
        [.. (await session.QueryAsync<Row>("select signature from remediation_approval where plan_id = @plan order by at_us, key_id", new { plan })).Select(row => row.Read())];

    /// <summary>Keeps a signature; once more changes nothing.</summary>
    /// <returns>False when it is there.</returns>
    public static async Task<bool> AddAsync(StoreSession session, Guid plan, string holder, ApproverSignature signature, DateTimeOffset now) =>
        await session.ExecuteAsync(
            """
            insert into remediation_approval (plan_id, key_id, holder, signature, at_us) values (@plan, @KeyId, @holder, @text, @now)
            on conflict (plan_id, key_id) do nothing
            """,
            new { plan, signature.KeyId, holder, text = JsonSerializer.Serialize(signature, ContractsJson.Default.ApproverSignature), now }) == 1;

    /// <summary>Who of a set made a signature; null when nobody did.</summary>
    public static string? Holder(ApproverSet set, ApproverSignature signature, ReadOnlySpan<byte> challenge) =>
        set.Keys.FirstOrDefault(key => key.KeyId == signature.KeyId) is { } key && signature.IsBy(key, challenge) ? key.Holder : null;

    private sealed record Row
    {
        public required string Signature { get; init; }

        public ApproverSignature Read() => JsonSerializer.Deserialize(Signature, ContractsJson.Default.ApproverSignature)
            ?? throw new InvalidOperationException("A stored signature of an approver is the text 'null'.");
    }
}

/// <summary>What the agents of some assets demand of a plan.</summary>
/// <param name="Set">Whose signatures; null when they hold a set that is not known here.</param>
/// <param name="SignedBy">Holders who signed.</param>
/// <param name="Assets">The assets.</param>
internal sealed record Demand(ApproverSet? Set, IReadOnlyList<string> SignedBy, IReadOnlyList<AssetRecord> Assets)
{
    public bool IsMet => Set is not null && SignedBy.Count >= Set.Needed;

    /// <summary>Why it is not met.</summary>
    public string Why => Set is null
        ? $"the agent of {Assets[0].Name} demands signatures of approvers that this server does not know; put the backup back that has them, or join the endpoint anew"
        : $"{SignedBy.Count} of {Set.Needed} signatures are there that agents of the group {Set.Group} demand; those of {string.Join(", ", Set.Keys.Select(key => key.Holder).Distinct().Except(SignedBy))} count";

    public SignatureDemand Show() => new()
    {
        Group = Set?.Group ?? Assets[0].Group, Needed = Set?.Needed, SignedBy = SignedBy, Holders = [.. (Set?.Keys ?? []).Select(key => key.Holder).Distinct()],
    };
}
