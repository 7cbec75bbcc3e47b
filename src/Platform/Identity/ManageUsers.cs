using Suture.Contracts.Api;
using Suture.Platform.Api;
using Suture.Platform.Ledger;
using Suture.Platform.Storage;

namespace Suture.Platform.Identity;

/// <summary>Makes users and changes their rights. An admin gives any role, but only groups of its own scope, and never raises itself; an API token
/// also gives no role that it does not hold. At least one enabled admin with all groups is always left.</summary>
internal sealed class ManageUsers(Store store, TimeProvider time)
{
    /// <summary>How long a one-time sign-in code holds.</summary>
    internal static readonly TimeSpan CodeTime = TimeSpan.FromHours(1);

    /// <summary>Makes a user with a one-time sign-in code.</summary>
    internal async Task<Answer<SignInCodeResponse>> CreateAsync(PrincipalIdentity caller, UserRequest request, CancellationToken cancellation)
    {
        if ((UserRules.UserNameFault(request.Name) ?? UserRules.RolesFault(request.Roles)) is { } fault)
        {
            return Refused<SignInCodeResponse>(Problems.BadRequest("The user is not accepted", fault));
        }
        var now = time.GetUtcNow();
        var name = request.Name.ToLowerInvariant();
        return await store.WriteAsync(
            async session =>
            {
                await session.LockAsync(UserQueries.UsersLock);
                var asked = await AskedRightsAsync(session, request.Roles, request.Groups, caller.Principal.Scope);
                if (asked.IsRefused || RefusalOf(caller, asked.Value) is not null)
                {
                    return Refused<SignInCodeResponse>(asked.Or(rights => RefusalOf(caller, rights)!));
                }
                if (await session.FindUserAsync(name) is not null)
                {
                    return Refused<SignInCodeResponse>(Problems.Conflict("The user is there already", $"A user '{name}' exists. Choose another name, or change its rights with PUT /api/v1/users/{name}."));
                }
                var user = await InsertAsync(session, name, asked.Value, now);
                await session.AppendLedgerAsync(now, caller.Principal.Actor, "user.created", "user:" + name, Detail(request.Roles, request.Groups), LedgerScope.Installation);
                return await IssueCodeAsync(session, user, caller.Principal.Actor, now);
            },
            cancellation);
    }

    /// <summary>Sets a user's rights. Its tokens and sessions are cut with them from the next call on.</summary>
    internal Task<Answer<UserRow>> SetRightsAsync(PrincipalIdentity caller, string name, UserRightsRequest request, CancellationToken cancellation) =>
        ChangeAsync<UserRow>(caller, name, async (session, user, held, now) =>
        {
            if (UserRules.RolesFault(request.Roles) is { } fault)
            {
                return Refused<UserRow>(Problems.BadRequest("The rights are not accepted", fault));
            }
            var asked = await AskedRightsAsync(session, request.Roles, request.Groups, caller.Principal.Scope);
            if (asked.IsRefused || RefusalOf(caller, asked.Value) is not null)
            {
                return Refused<UserRow>(asked.Or(rights => RefusalOf(caller, rights)!));
            }
            if (user.Id == caller.UserId && (UserRules.Missing(request.Roles, held.Roles).Count > 0 || !UserRules.Covers(held.Scope, asked.Value.Scope)))
            {
                return Refused<UserRow>(Problems.Forbidden("Nobody raises their own rights", "You may lower your own rights. To raise them ask another admin."));
            }
            if (!IsFullAdmin(asked.Value) && await IsLastAdminAsync(session, user))
            {
                return Refused<UserRow>(LastAdmin(user));
            }
            await WriteRightsAsync(session, user, asked.Value);
            await session.AppendLedgerAsync(
                now, caller.Principal.Actor, "user.rights-set", "user:" + user.Name,
                new { before = UserRules.Names(held.Roles), after = Detail(request.Roles, request.Groups) }, LedgerScope.Installation);
            return await session.RowOfAsync((await session.FindUserAsync(user.Name))!);
        }, cancellation);

    /// <summary>Disables a user and revokes all its sessions and tokens for good. Safe to call twice.</summary>
    internal Task<Answer<UserRow>> DisableAsync(PrincipalIdentity caller, string name, CancellationToken cancellation) =>
        ChangeAsync<UserRow>(caller, name, async (session, user, _, now) =>
        {
            if (await IsLastAdminAsync(session, user))
            {
                return Refused<UserRow>(LastAdmin(user));
            }
            if (user.IsEnabled == 1)
            {
                await SetEnabledAsync(session, user, false);
                var revoked = await session.RevokeAsync(user.Id, now, sessionsOnly: false);
                await session.AppendLedgerAsync(now, caller.Principal.Actor, "user.disabled", "user:" + user.Name, new { tokensRevoked = revoked }, LedgerScope.Installation);
            }
            return await session.RowOfAsync(user with { IsEnabled = 0 });
        }, cancellation);

    /// <summary>Lets a disabled user sign in again. Safe to call twice.</summary>
    internal Task<Answer<UserRow>> EnableAsync(PrincipalIdentity caller, string name, CancellationToken cancellation) =>
        ChangeAsync<UserRow>(caller, name, async (session, user, _, now) =>
        {
            if (user.IsEnabled == 0)
            {
                await SetEnabledAsync(session, user, true);
                await session.AppendLedgerAsync(now, caller.Principal.Actor, "user.enabled", "user:" + user.Name, new { }, LedgerScope.Installation);
            }
            return await session.RowOfAsync(user with { IsEnabled = 1 });
        }, cancellation);

    /// <summary>Makes a new one-time sign-in code; the one before no longer holds, the password holds until the code is used.</summary>
    internal Task<Answer<SignInCodeResponse>> NewCodeAsync(PrincipalIdentity caller, string name, CancellationToken cancellation) =>
        ChangeAsync<SignInCodeResponse>(caller, name, async (session, user, _, now) => user.IsEnabled == 0
            ? Refused<SignInCodeResponse>(Problems.Conflict("The user is disabled", $"'{user.Name}' may not sign in. Enable it first with POST /api/v1/users/{user.Name}/enable."))
            : await IssueCodeAsync(session, user, caller.Principal.Actor, now), cancellation);

    internal static async Task<UserRecord> InsertAsync(StoreSession session, string name, Rights rights, DateTimeOffset now)
    {
        var user = new UserRecord { Id = Guid.CreateVersion7(now), Name = name, Roles = Rights.ToBits(rights.Roles), AllGroups = rights.Scope.IsAll ? 1 : 0, IsEnabled = 1 };
        await session.ExecuteAsync(
            """
            insert into platform_user (id, name, roles, all_groups, is_enabled, version, created_us)
            values (@Id, @Name, @Roles, @AllGroups, @IsEnabled, 0, @now)
            """,
            new { user.Id, user.Name, user.Roles, user.AllGroups, user.IsEnabled, now });
        await InsertGroupsAsync(session, user.Id, rights.Scope);
        return user;
    }

    internal static async Task<SignInCodeResponse> IssueCodeAsync(StoreSession session, UserRecord user, string actor, DateTimeOffset now)
    {
        var code = Secrets.NewCode();
        var until = now + CodeTime;
        await session.ChangeAsync(
            "update platform_user set code_hash = @hash, code_until_us = @until, version = version + 1 where id = @Id and version = @Version",
            new { hash = Secrets.Hash(code), until, user.Id, user.Version },
            $"User {user.Name}");
        await session.AppendLedgerAsync(now, actor, "user.code-issued", "user:" + user.Name, new { until }, LedgerScope.Installation);
        return new SignInCodeResponse { User = await session.RowOfAsync(user), Code = code, ExpiresUtc = until };
    }

    private Task<Answer<T>> ChangeAsync<T>(
        PrincipalIdentity caller, string name, Func<StoreSession, UserRecord, Rights, DateTimeOffset, Task<Answer<T>>> change, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        return store.WriteAsync(
            async session =>
            {
                await session.LockAsync(UserQueries.UsersLock);
                var user = UserRules.IsName(name) ? await session.FindUserAsync(name.ToLowerInvariant()) : null;
                var held = user is null ? null : await session.RightsOfAsync(user);
                // A user of other groups looks the same as none.
                if (user is null || held is null || !UserRules.Covers(caller.Principal.Scope, held.Scope))
                {
                    return Refused<T>(Problems.NotFound("No such user", $"There is no user '{name}' in your scope. GET /api/v1/users lists them."));
                }
                return RefusalOf(caller, held) is { } refusal ? Refused<T>(refusal) : await change(session, user, held, now);
            },
            cancellation);
    }

    /// <summary>Why the caller may not hand out, or act on, these rights; null when it may.</summary>
    private static Microsoft.AspNetCore.Http.IResult? RefusalOf(PrincipalIdentity caller, Rights rights)
    {
        if (!UserRules.Covers(caller.Principal.Scope, rights.Scope))
        {
            return Problems.Forbidden("Groups outside of your scope", "You may give and change only what lies in your own groups. Name groups of your scope, or ask an admin with all groups.");
        }
        var missing = caller.IsSession ? [] : UserRules.Missing(rights.Roles, caller.Principal.Roles);
        return missing.Count == 0
            ? null
            : Problems.Forbidden("The API token holds fewer roles", $"An API token cannot give or change the roles {string.Join(", ", missing)}, which it does not hold. Sign in instead.");
    }

    private static async Task<Answer<Rights>> AskedRightsAsync(StoreSession session, IReadOnlyList<Role> roles, IReadOnlyList<string>? groups, Scope visible)
    {
        var scope = await GroupNames.ScopeAsync(session, groups, visible);
        return scope.IsRefused ? Answer<Rights>.Refused(scope.Or(_ => null!)) : new Rights(roles.ToHashSet(), scope.Value);
    }

    private static async Task WriteRightsAsync(StoreSession session, UserRecord user, Rights rights)
    {
        await session.ChangeAsync(
            "update platform_user set roles = @roles, all_groups = @all, version = version + 1 where id = @Id and version = @Version",
            new { roles = Rights.ToBits(rights.Roles), all = rights.Scope.IsAll, user.Id, user.Version },
            $"User {user.Name}");
        await session.ExecuteAsync("delete from platform_user_group where user_id = @Id", new { user.Id });
        await InsertGroupsAsync(session, user.Id, rights.Scope);
    }

    private static Task InsertGroupsAsync(StoreSession session, Guid user, Scope scope) =>
        session.ExecuteAsync("insert into platform_user_group (user_id, group_id) values (@user, @group)", scope.Groups.Select(group => new { user, group }));

    private static Task SetEnabledAsync(StoreSession session, UserRecord user, bool isEnabled) => session.ChangeAsync(
        "update platform_user set is_enabled = @isEnabled, code_hash = null, code_until_us = null, version = version + 1 where id = @Id and version = @Version",
        new { isEnabled, user.Id, user.Version },
        $"User {user.Name}");

    private static bool IsFullAdmin(Rights rights) => rights.Scope.IsAll && rights.Roles.Contains(Role.Admin);

    private static async Task<bool> IsLastAdminAsync(StoreSession session, UserRecord user)
    {
        var others = await session.QueryAsync<int>("select roles from platform_user where is_enabled = 1 and all_groups = 1 and id != @Id", new { user.Id });
        return user is { IsEnabled: 1, AllGroups: 1 } && user.RoleSet.Contains(Role.Admin) && !others.Any(bits => Rights.FromBits(bits).Contains(Role.Admin));
    }

    private static Microsoft.AspNetCore.Http.IResult LastAdmin(UserRecord user) => Problems.Conflict(
        "The last admin stays",
        $"'{user.Name}' is the last enabled admin with all groups; without it nobody could manage users. Make another one first.");

    private static object Detail(IReadOnlyList<Role> roles, IReadOnlyList<string>? groups) => new { roles = UserRules.Names(roles), groups };

    private static Answer<T> Refused<T>(Microsoft.AspNetCore.Http.IResult problem) => Answer<T>.Refused(problem);
}
