using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Suture.Platform.Api;

namespace Suture.Platform.Identity;

/// <summary>Keeps what is the whole installation's (its policy, its feeds, its work) from callers whose scope is a part of it.</summary>
public static class WholeScope
{
    /// <summary>Lets only callers with all groups through; the others get 403. Beside <see cref="RouteRights.RequireRole"/>, which states the role.</summary>
    /// <param name="route">The route.</param>
    /// <param name="what">What belongs to no single group, as a sentence begins: <c>The policy</c>.</param>
    public static RouteHandlerBuilder RequireAllGroups(this RouteHandlerBuilder route, string what) =>
        route.AddEndpointFilter(async (call, next) => call.HttpContext.GetPrincipal().Scope.IsAll
            ? await next(call)
            : Problems.Forbidden("This wants all groups", $"{what} belongs to the whole installation and your scope is a part of it. Ask somebody with all groups."));
}
