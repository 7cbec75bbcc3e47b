using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Contracts.Approvals;
using Suture.Platform.Api;
using Suture.Platform.Identity;
using Suture.Platform.Ledger;
using Suture.Platform.Storage;

namespace Suture.Inventory.Approvers;

/// <summary>Takes the next set of approvers of a group. The first is an admin's word; each later one needs the signatures of the one in force, as its agents demand too.</summary>
internal sealed class SetApprovers(Store store, TimeProvider time)
{
    /// <summary>The set in force and how many assets hold it; null when the group is not in scope.</summary>
    public Task<GroupApprovers?> ShowAsync(Scope scope, string group, CancellationToken cancellation) =>
        store.ReadAsync(async session => await session.FindGroupAsync(group, scope) is { } id ? await ShowAsync(session, group, id) : null, cancellation);

    /// <summary>Takes a set.</summary>
    /// <returns>A refusal, or null when it is in force now; it may have been before.</returns>
    public Task<IResult?> HandleAsync(Principal principal, string group, SignedApproverSet offered, CancellationToken cancellation)
    {
        if (offered.ReadDocument() is not { } document || Parse(document) is not { } set)
        {
            return Task.FromResult<IResult?>(Problems.BadRequest(
                "No set of approvers", $"'document' is not the base64 of at most {SignedApproverSet.DocumentBytesMax} bytes of JSON as './suture approvers draft' writes it."));
        }
        var fault = set.Group != group ? $"It is for the group '{set.Group}', not for '{group}'." : offered.Signatures.Count > ApproverSet.KeysMax ? $"It has more than {ApproverSet.KeysMax} signatures." : set.Fault();
        return fault is not null
            ? Task.FromResult<IResult?>(Problems.BadRequest("The set of approvers is not accepted", fault))
            : store.WriteAsync(session => WriteAsync(session, principal, set, document, offered.Signatures), cancellation);
    }

    private async Task<IResult?> WriteAsync(StoreSession session, Principal principal, ApproverSet set, byte[] document, IReadOnlyList<ApproverSignature> signatures)
    {
        if (await session.FindGroupAsync(set.Group, principal.Scope) is not { } group)
        {
            return Problems.NotFound("No such group", $"There is no group '{set.Group}' in your scope. GET /api/v1/groups lists yours.");
        }
        await session.LockAsync($"inventory.approvers:{group:N}");
        var challenge = SignedApproverSet.Challenge(document);
        var digest = Convert.ToHexStringLower(challenge);
        var newest = await ApproverDirectory.NewestRowAsync(session, group);
        if (newest?.Digest == digest)
        {
            await MergeAsync(session, newest, signatures);
            return null;
        }
        var before = newest?.Read();
        if (set.Version != (before?.Version ?? 0) + 1)
        {
            return Problems.Conflict("The set of approvers is not the next", $"Its version is {set.Version}, wanted {(before?.Version ?? 0) + 1}. Draft it again from the one in force.");
        }
        var signed = before is null ? 0 : ApproverSignature.CountHolders(signatures, challenge, before);
        if (before is null ? set.Needed == 0 : signed < before.Needed)
        {
            return before is null
                ? Problems.BadRequest("The set of approvers is not accepted", "The first set of a group wants at least one signature; without a set none is demanded.")
                : Problems.Forbidden("Signatures are missing", $"{signed} of those in force have signed it, wanted {before.Needed} of {Names(before)}. Each signs with './suture approvers sign FILE --key KEY'.");
        }
        await InsertAsync(session, principal, group, set, digest, document, signatures);
        return null;
    }

    private async Task InsertAsync(
        StoreSession session, Principal principal, Guid group, ApproverSet set, string digest, byte[] document, IReadOnlyList<ApproverSignature> signatures)
    {
        var now = time.GetUtcNow();
        await session.ExecuteAsync(
            """
            insert into inventory_approver_set (digest, group_id, version, needed, document, signatures, created_us, created_by)
            values (@digest, @group, @Version, @Needed, @document, @signatures, @now, @Actor)
            """,
            new { digest, group, set.Version, set.Needed, document, signatures = Text(signatures), now, principal.Actor });
        await session.AppendLedgerAsync(
            now, principal.Actor, "group.approvers-set", $"group:{set.Group}",
            new { Digest = digest, set.Version, set.Needed, Holders = set.Keys.Select(key => key.Holder).Distinct(), Keys = set.Keys.Select(key => key.KeyId), SignedWith = signatures.Select(each => each.KeyId) },
            LedgerScope.Of(group));
    }

    // An agent that comes from another group wants signatures of those it knows: they may be added later.
    private static Task<int> MergeAsync(StoreSession session, ApproverDirectory.Row row, IReadOnlyList<ApproverSignature> more) => session.ExecuteAsync(
        "update inventory_approver_set set signatures = @signatures where digest = @Digest",
        new { row.Digest, signatures = Text([.. more.Concat(row.ReadSignatures()).DistinctBy(signature => signature.KeyId).Take(ApproverSet.KeysMax)]) });

    private static async Task<GroupApprovers> ShowAsync(StoreSession session, string group, Guid id)
    {
        var newest = await ApproverDirectory.NewestRowAsync(session, id);
        var digest = newest?.Digest ?? "";
        var holding = await session.SingleOrDefaultAsync<Holding>(
            """
            select count(*) as assets, coalesce(sum(case when approvers_digest = @digest then 1 else 0 end), 0) as holders
            from inventory_asset where group_id = @id and state <> @retired
            """,
            new { id, digest, retired = (int)AssetState.Retired });
        return new GroupApprovers { Group = group, Digest = newest?.Digest, Set = newest?.ToSigned(), Assets = (int)holding!.Assets, Holding = (int)holding.Holders };
    }

    private static ApproverSet? Parse(byte[] document)
    {
        try
        {
            return JsonSerializer.Deserialize(document, ContractsJson.Default.ApproverSet);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Names(ApproverSet set) => string.Join(", ", set.Keys.Select(key => key.Holder).Distinct());

    private static string Text(IReadOnlyList<ApproverSignature> signatures) => JsonSerializer.Serialize(signatures, ContractsJson.Default.IReadOnlyListApproverSignature);

    private sealed record Holding
    {
        public long Assets { get; init; }
        public long Holders { get; init; }
    }
}
