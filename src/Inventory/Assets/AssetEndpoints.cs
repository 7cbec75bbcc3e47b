using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Inventory.Enrollment;
using Suture.Platform.Api;
using Suture.Platform.Identity;
using Suture.Platform.Storage;

namespace Suture.Inventory.Assets;

/// <summary>The API's routes of assets.</summary>
internal sealed class AssetEndpoints(
    Store store, AssetDirectory directory, StateContext stating, EndAsset ending, IAssetFigures figures, TimeProvider time)
{
    public void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/assets", ListAsync).RequireAnyRole().WithName("ListAssets").WithSummary("Assets in scope, by name.").Produces<Page<AssetRow>>();
        api.MapGet("/assets/{id:guid}", FindAsync).RequireAnyRole().WithName("GetAsset").WithSummary("An asset with what is known of it.")
            .Produces<AssetDetail>().Refuses(404);
        api.MapPut("/assets/{id:guid}/context", SetContextAsync).RequireRole(Role.Operator).WithName("SetAssetContext")
            .WithSummary("States a context value of an asset, or moves it to another group.")
            .WithDescription("An asset of production leaves it, or its group, only by the word of somebody who is approver too.")
            .Produces<AssetDetail>().Refuses(404, 409);
        api.MapPost("/assets/{id:guid}/retire", RetireAsync).RequireRole(Role.Operator).WithName("RetireAsset")
            .WithSummary("Takes an asset out of the fleet and revokes its certificates.").Produces(StatusCodes.Status204NoContent).Refuses(404);
        api.MapPost("/assets/{id:guid}/release", ReleaseAsync).RequireRole(Role.Operator).WithName("ReleaseAsset")
            .WithSummary("Ends the quarantine of an asset; its next report must be full.").Produces(StatusCodes.Status204NoContent).Refuses(404, 409);
        api.MapDelete("/assets/{id:guid}/certificate", RevokeAsync).RequireRole(Role.Operator).WithName("RevokeAssetCertificate")
            .WithSummary("Revokes the certificates of an asset; the endpoint must enrol again, as a new asset.")
            .WithDescription("The asset stays in the fleet with its findings, and says that it cannot speak. When the machine is gone, retire it instead: that revokes too.")
            .Produces(StatusCodes.Status204NoContent).Refuses(404);
    }

    private async Task<IResult> ListAsync(HttpContext context, string? after, int? limit, CancellationToken cancellation)
    {
        var key = after is null ? null : AssetKey.Parse(after);
        if (after is not null && key is null)
        {
            return Problems.BadRequest("The place in the list is not one", "after is not a place of this list; pass the next of the page before, or nothing.");
        }
        var scope = context.GetPrincipal().Scope;
        var page = await store.ReadAsync(session => PageAsync(session, scope, key, limit ?? Paging.LimitDefault), cancellation);
        return Results.Json(page, ContractsJson.Default.PageAssetRow);
    }

    private async Task<Page<AssetRow>> PageAsync(StoreSession session, Scope scope, AssetKey? key, int most)
    {
        var stored = await AssetStore.PageAsync(session, scope, key, most + 1);
        var total = await AssetStore.CountAsync(session, scope, InventoryLimits.CountMax);
        var shown = stored.Take(most).ToList();
        var context = (await AssetStore.ContextAsync(session, shown.Select(asset => asset.Id))).ToLookup(row => row.AssetId);
        var now = time.GetUtcNow();
        return new Page<AssetRow>
        {
            Items = [.. shown.Select(asset => AssetViews.ToRow(directory.ToRecord(asset, context[asset.Id], now), figures))],
            Next = stored.Count > most ? new AssetKey(shown[^1].Name, shown[^1].Id).ToText() : null,
            Total = total > InventoryLimits.CountMax ? null : total,
        };
    }

    private Task<IResult> FindAsync(HttpContext context, Guid id, CancellationToken cancellation) =>
        DetailAsync(context.GetPrincipal().Scope, id, cancellation);

    private async Task<IResult> DetailAsync(Scope scope, Guid id, CancellationToken cancellation)
    {
        if (await directory.FindAsync(scope, id, cancellation) is not { } asset)
        {
            return NoAsset(id);
        }
        var (context, maySpeak) = await store.ReadAsync(
            async session => (await AssetStore.ContextAsync(session, id), await CertificateStore.HasLiveAsync(session, id, time.GetUtcNow())), cancellation);
        var facts = await directory.LoadFactsAsync(id, cancellation);
        return Results.Json(AssetViews.ToDetail(asset, [.. context.Select(AssetStore.ToValue)], facts, maySpeak, figures), ContractsJson.Default.AssetDetail);
    }

    private async Task<IResult> SetContextAsync(HttpContext context, Guid id, ContextRequest request, CancellationToken cancellation)
    {
        if (ContextKeys.Fault(request.Key, request.Value) is { } fault)
        {
            return Problems.BadRequest("The context value is not one", fault);
        }
        var principal = context.GetPrincipal();
        var outcome = await stating.SetAsync(principal, id, request, cancellation);
        // Moved out of its old group, it is still in scope: both groups are.
        return outcome == ChangeOutcome.Done ? await DetailAsync(principal.Scope, id, cancellation) : Answer(outcome, id);
    }

    private async Task<IResult> RetireAsync(HttpContext context, Guid id, CancellationToken cancellation) =>
        Answer(await ending.RetireAsync(context.GetPrincipal(), id, cancellation), id);

    private async Task<IResult> ReleaseAsync(HttpContext context, Guid id, CancellationToken cancellation) =>
        Answer(await ending.ReleaseAsync(context.GetPrincipal(), id, cancellation), id);

    private async Task<IResult> RevokeAsync(HttpContext context, Guid id, CancellationToken cancellation) =>
        Answer(await ending.RevokeAsync(context.GetPrincipal(), id, cancellation), id);

    private static IResult Answer(ChangeOutcome outcome, Guid id) => outcome switch
    {
        ChangeOutcome.Done => Results.NoContent(),
        ChangeOutcome.NoAsset => NoAsset(id),
        ChangeOutcome.NoGroup => Problems.BadRequest("No such group", "The group to move to does not exist in your scope; list yours with GET /api/v1/groups."),
        ChangeOutcome.WantsApprover => Problems.Forbidden(
            "Only an approver takes an asset out of production",
            "Its environment and its group decide whether a person is asked before it is changed. Ask somebody who is operator and approver in this scope."),
        ChangeOutcome.IsRetired => Problems.Conflict("The asset is retired", "A retired asset does not change any more; enrol the endpoint again."),
        ChangeOutcome.IsNotQuarantined => Problems.Conflict("The asset is not quarantined", "There is nothing to release it from."),
        _ => throw new InvalidOperationException($"Outcome {outcome} is not known."),
    };

    // One text for "is not there" and "is not yours".
    private static IResult NoAsset(Guid id) =>
        Problems.NotFound("No such asset", $"There is no asset {id:D} in your scope; list yours with GET /api/v1/assets.");
}
