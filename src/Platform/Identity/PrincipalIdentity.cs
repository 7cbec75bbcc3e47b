using System.Security.Claims;
using Microsoft.AspNetCore.Http;

namespace Suture.Platform.Identity;

/// <summary>The principal of a request as ASP.NET Core carries it.</summary>
internal sealed class PrincipalIdentity(Principal principal, Guid userId, Guid tokenId, bool isSession)
    : ClaimsIdentity([new Claim(ClaimTypes.Name, principal.Name)], BearerHandler.SchemeName)
{
    /// <summary>Who asks, with the rights in force for this call.</summary>
    public Principal Principal { get; } = principal;

    /// <summary>The user.</summary>
    public Guid UserId { get; } = userId;

    /// <summary>The session or API token that was sent.</summary>
    public Guid TokenId { get; } = tokenId;

    /// <summary>True for a session, false for an API token.</summary>
    public bool IsSession { get; } = isSession;
}

/// <summary>Who asks, for endpoints.</summary>
public static class PrincipalExtensions
{
    /// <summary>The principal of this request, with the rights in force for this call.</summary>
    /// <param name="context">A request on a route with <see cref="RouteRights.RequireRole"/>.</param>
    /// <exception cref="InvalidOperationException">The route lets callers in who are not signed in.</exception>
    public static Principal GetPrincipal(this HttpContext context) => context.GetPrincipalIdentity().Principal;

    internal static PrincipalIdentity GetPrincipalIdentity(this HttpContext context) =>
        context.User.Identity as PrincipalIdentity
        ?? throw new InvalidOperationException($"Nobody is signed in on {context.Request.Path}: call RequireRole on its route.");
}
