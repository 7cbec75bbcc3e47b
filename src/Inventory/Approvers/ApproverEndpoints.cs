using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Suture.Contracts.Api;
using Suture.Contracts.Approvals;
using Suture.Platform.Api;
using Suture.Platform.Identity;

namespace Suture.Inventory.Approvers;

/// <summary>Routes of a group's approvers.</summary>
internal sealed class ApproverEndpoints(SetApprovers approvers)
{
    public void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/groups/{name}/approvers", ShowAsync).RequireAnyRole().WithName("GetApprovers").Produces<GroupApprovers>().Refuses(404)
            .WithSummary("Whose signatures the agents of a group demand on plans, and how many of them hold the newest set.");
        api.MapPut("/groups/{name}/approvers", SetAsync).RequireRole(Role.Admin).WithName("SetApprovers").Produces<GroupApprovers>().Refuses(404, 409)
            .WithSummary("Sets whose signatures the agents of a group demand. Each set after the first must be signed by the one in force.");
    }

    private async Task<IResult> ShowAsync(string name, HttpContext context, CancellationToken cancellation) =>
        await approvers.ShowAsync(context.GetPrincipal().Scope, name, cancellation) is { } shown
            ? Results.Ok(shown)
            : Problems.NotFound("No such group", $"There is no group '{name}' in your scope. GET /api/v1/groups lists yours.");

    private async Task<IResult> SetAsync(string name, SignedApproverSet set, HttpContext context, CancellationToken cancellation) =>
        await approvers.HandleAsync(context.GetPrincipal(), name, set, cancellation) ?? await ShowAsync(name, context, cancellation);
}
