using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Suture.Contracts.Api;
using Suture.Platform.Api;

namespace Suture.Platform.Identity;

/// <summary>Another way than a signed-in user to be let in on a route, carried as its metadata: an agent's certificate.</summary>
public interface IRouteGuard
{
    /// <summary>Decides on a call before the endpoint runs. False, or an exception, refuses it.</summary>
    /// <param name="context">The call.</param>
    ValueTask<bool> AllowsAsync(HttpContext context);
}

/// <summary>States who may call a route. A route that states nothing refuses everybody.</summary>
public static class RouteRights
{
    /// <summary>All roles: every signed-in user with any role.</summary>
    public static IReadOnlyList<Role> AnyRole { get; } = Enum.GetValues<Role>();

    /// <summary>What every such route may answer, for the API's description: a faulty query or body, nobody signed in, no right to it.</summary>
    private static readonly ProducesResponseTypeMetadata[] Refusals =
    [
        .. new[] { StatusCodes.Status400BadRequest, StatusCodes.Status401Unauthorized, StatusCodes.Status403Forbidden }
            .Select(status => new ProducesResponseTypeMetadata(status, typeof(Problem), [Problems.ContentType])),
    ];

    /// <summary>Lets in callers with any of the roles. Called twice (on a group and on a route), both must hold.</summary>
    /// <param name="builder">The route or the group.</param>
    /// <param name="roles">At least one.</param>
    /// <typeparam name="TBuilder">Route or group.</typeparam>
    public static TBuilder RequireRole<TBuilder>(this TBuilder builder, params Role[] roles)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentOutOfRangeException.ThrowIfZero(roles.Length);
        var required = new RequiredRoles(roles);
        builder.Add(endpoint =>
        {
            endpoint.Metadata.Add(required);
            foreach (var refusal in Refusals)
            {
                endpoint.Metadata.Add(refusal);
            }
        });
        return builder;
    }

    /// <summary>Lets in every signed-in user with any role.</summary>
    /// <param name="builder">The route or the group.</param>
    /// <typeparam name="TBuilder">Route or group.</typeparam>
    public static TBuilder RequireAnyRole<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.RequireRole([.. AnyRole]);

    /// <summary>Lets in callers that a guard allows, signed in or not.</summary>
    /// <param name="builder">The route or the group.</param>
    /// <param name="guard">Decides on each call.</param>
    /// <typeparam name="TBuilder">Route or group.</typeparam>
    public static TBuilder RequireGuard<TBuilder>(this TBuilder builder, IRouteGuard guard)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Add(endpoint => endpoint.Metadata.Add(guard));
        return builder;
    }

    /// <summary>What lets callers in on an endpoint; for tests that go through all routes.</summary>
    /// <param name="endpoint">An endpoint.</param>
    public static RouteAccess AccessOf(Endpoint endpoint)
    {
        var metadata = endpoint.Metadata;
        if (metadata.GetMetadata<IAllowAnonymous>() is not null)
        {
            return RouteAccess.Anonymous;
        }
        // A guard or roles: each on its own lets somebody in. Neither lets nobody in.
        return metadata.GetMetadata<IRouteGuard>() is not null ? RouteAccess.Guarded
            : metadata.GetMetadata<RequiredRoles>() is not null ? RouteAccess.Roles
            : RouteAccess.Nobody;
    }

    /// <summary>Pure decision on roles: all statements of the route must hold, each by any of its roles; no statement refuses.</summary>
    internal static bool Allows(IReadOnlyList<RequiredRoles> required, IReadOnlySet<Role> held) =>
        required.Count > 0 && required.All(each => each.Roles.Any(held.Contains));
}

/// <summary>What lets callers in on a route.</summary>
public enum RouteAccess
{
    /// <summary>No statement: everybody is refused.</summary>
    Nobody = 1,
    /// <summary>Anybody, by an explicit <c>AllowAnonymous</c>.</summary>
    Anonymous = 2,
    /// <summary>Signed-in users with a role.</summary>
    Roles = 3,
    /// <summary>Whoever a guard allows.</summary>
    Guarded = 4,
}

/// <summary>Route metadata: any of these roles.</summary>
internal sealed record RequiredRoles(IReadOnlyList<Role> Roles);

/// <summary>The only rule of the default and of the fallback policy.</summary>
internal sealed class RouteRequirement : IAuthorizationRequirement;

/// <summary>Reads the route's statements and decides.</summary>
internal sealed class RouteRequirementHandler : AuthorizationHandler<RouteRequirement>
{
    protected override async Task HandleRequirementAsync(AuthorizationHandlerContext context, RouteRequirement requirement)
    {
        if (context.Resource is not HttpContext http || http.GetEndpoint() is not { } endpoint)
        {
            return;
        }
        var guards = endpoint.Metadata.GetOrderedMetadata<IRouteGuard>();
        foreach (var guard in guards)
        {
            if (!await guard.AllowsAsync(http))
            {
                return;
            }
        }
        var required = endpoint.Metadata.GetOrderedMetadata<RequiredRoles>();
        if (endpoint.Metadata.GetMetadata<RequiredWholeScope>() is { } whole && http.User.Identity is PrincipalIdentity { Principal.Scope.IsAll: false })
        {
            context.Fail(new AuthorizationFailureReason(this, whole.Detail));
            return;
        }
        var guarded = guards.Count > 0 && required.Count == 0;
        if (guarded || (http.User.Identity is PrincipalIdentity { Principal: var principal } && RouteRights.Allows(required, principal.Roles)))
        {
            context.Succeed(requirement);
        }
    }
}

/// <summary>Says why a caller with the role is refused all the same. Answers 404, 405 and 415 where no route of ours matched, also to callers who are not signed in; nothing else runs for them.</summary>
internal sealed class RouteResultHandler : IAuthorizationMiddlewareResultHandler
{
    private readonly AuthorizationMiddlewareResultHandler _usual = new();

    public Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        if (MismatchOf(context.GetEndpoint()) is not { } status)
        {
            if (authorizeResult is { Forbidden: true, AuthorizationFailure.FailureReasons: var reasons } && reasons.FirstOrDefault() is { } reason)
            {
                return Problems.Forbidden("This wants all groups", reason.Message).ExecuteAsync(context);
            }
            return _usual.HandleAsync(next, context, policy, authorizeResult);
        }
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    // Routing stands in endpoints of its own, which are no routes, for a path that matched with another method or media type.
    private static int? MismatchOf(Endpoint? endpoint) => endpoint switch
    {
        null => StatusCodes.Status404NotFound,
        RouteEndpoint => null,
        { DisplayName: "405 HTTP Method Not Supported" } => StatusCodes.Status405MethodNotAllowed,
        { DisplayName: "415 HTTP Unsupported Media Type" } => StatusCodes.Status415UnsupportedMediaType,
        _ => null,
    };
}
