using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Suture.Contracts.Api;
using Suture.Platform.Api;
using Suture.Platform.Storage;

namespace Suture.Platform.Identity;

/// <summary>Routes of sign-in, tokens, users and groups.</summary>
public static class IdentityApi
{
    /// <summary>Maps <c>/auth</c>, <c>/tokens</c>, <c>/users</c> and <c>/groups</c>.</summary>
    /// <param name="api">Group of <c>/api/v1</c>.</param>
    public static IEndpointRouteBuilder MapIdentityApi(this IEndpointRouteBuilder api)
    {
        MapAuth(api.MapGroup("/auth").WithTags("Sign-in"));
        MapTokens(api.MapGroup("/tokens").WithTags("Tokens"));
        MapUsers(api.MapGroup("/users").WithTags("Users"));
        MapGroups(api.MapGroup("/groups").WithTags("Groups"));
        return api;
    }

    private static void MapAuth(RouteGroupBuilder auth)
    {
        auth.MapPost("/sign-in", async (SignInRequest request, HttpContext context, SignIn signIn, CancellationToken cancellation) =>
                (await signIn.OpenAsync(request, context.Connection.RemoteIpAddress, cancellation)).Or(Results.Ok))
            .AllowAnonymous()
            .WithName("SignIn").WithSummary("Open a session with a password, or with a one-time code that sets one.")
            .Produces<SignInResponse>().Refuses(400, 401, 429);
        auth.MapPost("/sign-out", async (HttpContext context, ManageTokens tokens, CancellationToken cancellation) =>
            {
                await tokens.EndOwnAsync(context.GetPrincipalIdentity(), cancellation);
                return Results.NoContent();
            })
            .RequireAnyRole()
            .WithName("SignOut").WithSummary("End the session, or revoke the API token, that this call came with.")
            .Produces(204);
        auth.MapGet("/me", (HttpContext context, Store store, CancellationToken cancellation) => MeAsync(context.GetPrincipal(), store, cancellation))
            .RequireAnyRole()
            .WithName("Me").WithSummary("Who this call comes from, with the roles and groups in force for it.")
            .Produces<UserRow>();
    }

    private static void MapTokens(RouteGroupBuilder tokens)
    {
        tokens.RequireAnyRole();
        tokens.MapPost("", async (TokenRequest request, HttpContext context, ManageTokens manage, CancellationToken cancellation) =>
                (await manage.CreateAsync(context.GetPrincipalIdentity(), request, cancellation)).Or(made => Results.Created($"/api/v1/tokens/{made.Id:N}", made)))
            .WithName("CreateToken").WithSummary("Make an API token with a part of your own rights. Its secret is shown once.")
            .Produces<TokenResponse>(201).Refuses(409);
        tokens.MapGet("", async (HttpContext context, ManageTokens manage, string? user, Guid? after, int? limit, CancellationToken cancellation) =>
                await manage.ListAsync(context.GetPrincipalIdentity(), user, after, limit ?? Paging.LimitDefault, cancellation) is { } page
                    ? Results.Ok(page)
                    : Problems.NotFound("No such user", $"There is no user '{user}' whose tokens you may see."))
            .WithName("ListTokens").WithSummary("List your API tokens, newest first; an admin also those of a user in scope.")
            .Produces<Page<TokenRow>>().Refuses(404);
        tokens.MapDelete("/{id:guid}", async (Guid id, HttpContext context, ManageTokens manage, CancellationToken cancellation) =>
                await manage.RevokeAsync(context.GetPrincipalIdentity(), id, cancellation)
                    ? Results.NoContent()
                    : Problems.NotFound("No such token", $"There is no API token {id:N} that you may revoke. GET /api/v1/tokens lists yours."))
            .WithName("RevokeToken").WithSummary("Revoke an API token. It is refused from the next call on.")
            .Produces(204).Refuses(404);
    }

    private static void MapUsers(RouteGroupBuilder users)
    {
        users.MapGet("", async (HttpContext context, ManageGroups groups, string? after, int? limit, CancellationToken cancellation) =>
                await groups.ListUsersAsync(context.GetPrincipal().Scope, after ?? "", limit ?? Paging.LimitDefault, cancellation))
            .RequireRole(Role.Admin, Role.Auditor)
            .WithName("ListUsers").WithSummary("List the users in your scope, by name.");
        users.MapPost("", async (UserRequest request, HttpContext context, ManageUsers manage, CancellationToken cancellation) =>
                (await manage.CreateAsync(context.GetPrincipalIdentity(), request, cancellation)).Or(made => Results.Created($"/api/v1/users/{made.User.Name}", made)))
            .RequireRole(Role.Admin)
            .WithName("CreateUser").WithSummary("Make a user. The answer carries a one-time sign-in code.")
            .Produces<SignInCodeResponse>(201).Refuses(409);
        users.MapPut("/{name}", async (string name, UserRightsRequest request, HttpContext context, ManageUsers manage, CancellationToken cancellation) =>
                (await manage.SetRightsAsync(context.GetPrincipalIdentity(), name, request, cancellation)).Or(Results.Ok))
            .RequireRole(Role.Admin)
            .WithName("SetUserRights").WithSummary("Set a user's roles and groups.")
            .Produces<UserRow>().Refuses(404, 409);
        users.MapPost("/{name}/disable", async (string name, HttpContext context, ManageUsers manage, CancellationToken cancellation) =>
                (await manage.DisableAsync(context.GetPrincipalIdentity(), name, cancellation)).Or(Results.Ok))
            .RequireRole(Role.Admin)
            .WithName("DisableUser").WithSummary("Disable a user and revoke its sessions and tokens.")
            .Produces<UserRow>().Refuses(404, 409);
        users.MapPost("/{name}/enable", async (string name, HttpContext context, ManageUsers manage, CancellationToken cancellation) =>
                (await manage.EnableAsync(context.GetPrincipalIdentity(), name, cancellation)).Or(Results.Ok))
            .RequireRole(Role.Admin)
            .WithName("EnableUser").WithSummary("Let a disabled user sign in again.")
            .Produces<UserRow>().Refuses(404);
        users.MapPost("/{name}/code", async (string name, HttpContext context, ManageUsers manage, CancellationToken cancellation) =>
                (await manage.NewCodeAsync(context.GetPrincipalIdentity(), name, cancellation)).Or(Results.Ok))
            .RequireRole(Role.Admin)
            .WithName("NewUserCode").WithSummary("Make a one-time sign-in code for a user who has no password or forgot it.")
            .Produces<SignInCodeResponse>().Refuses(404, 409);
    }

    private static void MapGroups(RouteGroupBuilder groups)
    {
        groups.MapGet("", async (HttpContext context, ManageGroups manage, string? after, int? limit, CancellationToken cancellation) =>
                await manage.ListAsync(context.GetPrincipal().Scope, after ?? "", limit ?? Paging.LimitDefault, cancellation))
            .RequireAnyRole()
            .WithName("ListGroups").WithSummary("List the groups in your scope, by name.");
        groups.MapPost("", async (GroupRequest request, HttpContext context, ManageGroups manage, CancellationToken cancellation) =>
                (await manage.CreateAsync(context.GetPrincipalIdentity(), request, cancellation)).Or(made => Results.Created($"/api/v1/groups/{made.Name}", made)))
            .RequireRole(Role.Admin)
            .WithName("CreateGroup").WithSummary("Make a group.")
            .Produces<GroupRow>(201).Refuses(409);
    }

    private static async Task<UserRow> MeAsync(Principal me, Store store, CancellationToken cancellation)
    {
        var groups = me.Scope.IsAll
            ? null
            : await store.ReadAsync(
                session => session.QueryAsync<string>(
                    $"select name from platform_group where {session.Dialect.In("id", "groups")} order by name", new { groups = me.Scope.Groups }),
                cancellation);
        return new UserRow { Name = me.Name, Roles = [.. me.Roles.Order()], Groups = groups };
    }
}
