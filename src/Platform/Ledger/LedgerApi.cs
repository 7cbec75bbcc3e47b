using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Suture.Contracts.Api;
using Suture.Contracts.Ledger;
using Suture.Platform.Api;
using Suture.Platform.Identity;
using Suture.Platform.Storage;

namespace Suture.Platform.Ledger;

/// <summary>Reads the ledger.</summary>
public static class LedgerApi
{
    /// <summary>Maps <c>GET /ledger</c> and what verifies it: <c>GET /ledger/chain</c>, <c>GET /ledger/checkpoints</c>.</summary>
    /// <param name="api">Group of <c>/api/v1</c>.</param>
    public static IEndpointRouteBuilder MapLedgerApi(this IEndpointRouteBuilder api)
    {
        api.MapGet("/ledger", async (HttpContext context, Store store, string? subject, string? action, long? after, int? limit, CancellationToken cancellation) =>
                await ListAsync(store, context.GetPrincipal().Scope, new LedgerFilter(subject, action, after ?? long.MaxValue), limit ?? Paging.LimitDefault, cancellation))
            .RequireRole(Role.Auditor, Role.Admin)
            .WithTags("Ledger").WithName("ListLedger")
            .WithSummary("List ledger rows, newest first: of one subject, or of actions that begin with some text. A reader without all groups sees the rows of its groups.");
        api.MapGet("/ledger/chain", async (Store store, long? after, int? limit, CancellationToken cancellation) => await ListSealedAsync(store, after ?? 0, limit ?? Paging.LimitDefault, cancellation))
            .RequireAllGroups("The ledger's chain")
            .RequireRole(Role.Auditor, Role.Admin)
            .WithTags("Ledger").WithName("ListLedgerChain")
            .WithSummary("List sealed rows in the order of the chain, each with its hash, so that anybody can work the chain out again.");
        api.MapGet("/ledger/checkpoints", CheckpointsAsync)
            .RequireAllGroups("The ledger's chain")
            .RequireRole(Role.Auditor, Role.Admin)
            .WithTags("Ledger").WithName("ListLedgerCheckpoints")
            .WithSummary("The checkpoints that the server signed and keeps outside of the store, the keys that signed them, and how much is not sealed yet.");
        return api;
    }

    internal static Task<Page<SealedRow>> ListSealedAsync(Store store, long after, int limit, CancellationToken cancellation) => store.ReadAsync(
        async session =>
        {
            var rows = await session.QueryAsync<LedgerRecord>(
                $"select {LedgerRecord.Columns} from platform_ledger where position > @after order by position limit @most", new { after, most = limit + 1 });
            var page = rows.Take(limit).Select(row => row.At(row.Position!.Value)).ToList();
            return new Page<SealedRow> { Items = page, Next = rows.Count > limit ? $"{page[^1].Position}" : null };
        },
        cancellation);

    private static async Task<LedgerCheckpoints> CheckpointsAsync(Store store, CheckpointLog log, CheckpointSigner signer, CancellationToken cancellation)
    {
        // The file first: what is sealed meanwhile is no row that a checkpoint misses.
        var checkpoints = log.All();
        var open = await store.ReadAsync(
            session => session.SingleOrDefaultAsync<Open>("select count(*) as number, min(at_us) as first_us from platform_ledger where position is null"), cancellation);
        return new LedgerCheckpoints { Keys = signer.PublicKeys, Checkpoints = checkpoints, Unsealed = open?.Number ?? 0, OldestUnsealedUtc = open?.FirstUs };
    }

    internal static Task<Page<LedgerRow>> ListAsync(Store store, Scope scope, LedgerFilter filter, int limit, CancellationToken cancellation) =>
        store.ReadAsync(
            async session =>
            {
                var bySubject = filter.Subject is null ? "" : "and l.subject = @Subject";
                var byAction = filter.Action is null ? "" : "and substr(l.action, 1, length(@Action)) = @Action";
                var byScope = scope.IsAll ? "" : "and " + session.Dialect.In("l.group_id", "groups");
                var rows = await session.QueryAsync<Row>(
                    $"""
                    select l.sequence, l.at_us, l.actor, l.action, l.subject, l.detail, g.name as group_name
                    from platform_ledger l left join platform_group g on g.id = l.group_id
                    where l.sequence < @Before {bySubject} {byAction} {byScope}
                    order by l.sequence desc limit @most
                    """,
                    new { filter.Before, filter.Subject, filter.Action, groups = scope.Groups, most = limit + 1 });
                var page = rows.Take(limit).Select(row => row.ToRow()).ToList();
                return new Page<LedgerRow> { Items = page, Next = rows.Count > limit ? $"{page[^1].Sequence}" : null };
            },
            cancellation);

    /// <summary>Rows that wait for the sealer.</summary>
    private sealed record Open
    {
        public int Number { get; init; }
        public DateTimeOffset? FirstUs { get; init; }
    }

    private sealed record Row
    {
        public long Sequence { get; init; }
        public DateTimeOffset AtUs { get; init; }
        public string Actor { get; init; } = "";
        public string Action { get; init; } = "";
        public string Subject { get; init; } = "";
        public string Detail { get; init; } = "";
        public string? GroupName { get; init; }

        internal LedgerRow ToRow() =>
            new() { Sequence = Sequence, AtUtc = AtUs, Actor = Actor, Action = Action, Subject = Subject, Detail = Detail, Group = GroupName };
    }
}

/// <summary>Which rows: of one subject, of actions that begin so, before a position; null for all.</summary>
internal sealed record LedgerFilter(string? Subject, string? Action, long Before);
