using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Suture.Contracts.Api;
using Suture.Platform.Api;
using Suture.Platform.Identity;
using Suture.Platform.Ledger;
using Suture.Platform.Storage;

namespace Suture.Platform.Work;

/// <summary>Shows work that failed for good, and lets a person have it tried again.</summary>
public static class WorkApi
{
    private const string What = "The server's own work";

    /// <summary>Maps <c>GET /work/failed</c> and <c>POST /work/failed/{id}/retry</c>; both want all groups, since work knows none.</summary>
    /// <param name="api">Group of <c>/api/v1</c>.</param>
    public static IEndpointRouteBuilder MapWorkApi(this IEndpointRouteBuilder api)
    {
        var failed = api.MapGroup("/work/failed").WithTags("Work");
        failed.MapGet("", async (WorkQueue queue, Guid? after, int? limit, CancellationToken cancellation) =>
                await ListAsync(queue, after ?? Guid.Empty, limit ?? Paging.LimitDefault, cancellation))
            .RequireRole(Role.Admin, Role.Auditor).RequireAllGroups(What)
            .WithName("ListFailedWork").WithSummary($"List work of the server that failed {WorkQueue.AttemptsMax} times and waits for a person, oldest first.");
        failed.MapPost("/{id:guid}/retry", async (Guid id, HttpContext context, Store store, WorkQueue queue, TimeProvider time, CancellationToken cancellation) =>
                await RetryAsync(id, context.GetPrincipal(), store, queue, time, cancellation))
            .RequireRole(Role.Admin).RequireAllGroups(What)
            .WithName("RetryFailedWork").WithSummary("Have failed work tried again from the start.")
            .Produces(204).Refuses(404);
        return api;
    }

    private static async Task<Page<WorkRow>> ListAsync(WorkQueue queue, Guid after, int limit, CancellationToken cancellation)
    {
        var rows = await queue.ListFailedAsync(after, limit + 1, cancellation);
        var page = rows.Take(limit).ToList();
        return new Page<WorkRow> { Items = page, Next = rows.Count > limit ? page[^1].Id.ToString("N") : null };
    }

    private static async Task<IResult> RetryAsync(Guid id, Principal caller, Store store, WorkQueue queue, TimeProvider time, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var item = await store.WriteAsync(
            async session =>
            {
                var retried = await queue.RetryAsync(session, id, now);
                if (retried is not null)
                {
                    await session.AppendLedgerAsync(now, caller.Actor, "work.retried", "work:" + id, new { kind = retried.Kind, subject = retried.Subject }, LedgerScope.Installation);
                }
                return retried;
            },
            cancellation);
        return item is null
            ? Problems.NotFound("No such failed work", $"Work {id:N} is not failed (any more). GET /api/v1/work/failed lists what is.")
            : Results.NoContent();
    }
}
