using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Inventory.Assets;
using Suture.Platform.Api;
using Suture.Platform.Identity;

namespace Suture.Inventory.Enrollment;

/// <summary>The API's route of enrolment tokens.</summary>
internal sealed class TokenEndpoints(EnrollmentTokens tokens)
{
    public void Map(IEndpointRouteBuilder api) =>
        api.MapPost("/enrollment-tokens", CreateAsync).RequireRole(Role.Operator).WithName("CreateEnrollmentToken")
            .WithSummary("Makes a one-use enrolment token and the join command that carries it.").Produces<EnrollmentTokenResponse>().Refuses(429);

    private async Task<IResult> CreateAsync(HttpContext context, EnrollmentTokenRequest request, CancellationToken cancellation)
    {
        var principal = context.GetPrincipal();
        var (outcome, token) = await tokens.CreateAsync(principal.Scope, principal.Actor, request, cancellation);
        return outcome switch
        {
            TokenOutcome.Created => Results.Json(token!, ContractsJson.Default.EnrollmentTokenResponse),
            TokenOutcome.MinutesOutOfBounds => Problems.BadRequest(
                "The minutes are out of bounds", $"minutes is {request.Minutes}, wanted 1 to {EnrollmentTokens.MinutesMax}."),
            TokenOutcome.UnknownEnvironment => Problems.BadRequest(
                "The environment is not one", $"Wanted one of {string.Join(", ", ContextKeys.Environments)}."),
            TokenOutcome.NoGroup => Problems.BadRequest(
                "No such group", "The group does not exist in your scope; list yours with GET /api/v1/groups."),
            TokenOutcome.TooMany => Problems.TooMany(
                "Too many tokens wait", $"{InventoryLimits.TokensWaitingMax} tokens of this group wait to be used; try again when some have ended."),
            _ => throw new InvalidOperationException($"Outcome {outcome} is not known."),
        };
    }
}
