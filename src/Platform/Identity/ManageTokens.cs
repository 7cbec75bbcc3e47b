using Suture.Contracts.Api;
using Suture.Platform.Api;
using Suture.Platform.Ledger;
using Suture.Platform.Storage;

namespace Suture.Platform.Identity;

/// <summary>Makes, lists and revokes API tokens. A token never has more than its creator: checked when it is made, and cut at every use.</summary>
internal sealed class ManageTokens(Store store, TimeProvider time)
{
    /// <summary>API tokens of one user that are neither expired nor revoked.</summary>
    internal const int TokensMax = 100;

    /// <summary>Longest life of a token, in days.</summary>
    internal const int DaysMax = 365;

    internal async Task<Answer<TokenResponse>> CreateAsync(PrincipalIdentity caller, TokenRequest request, CancellationToken cancellation)
    {
        if (!caller.IsSession)
        {
            // Else a leaked token could outlive its own revocation in a copy.
            return Answer<TokenResponse>.Refused(Problems.Forbidden("An API token makes no tokens", "Sign in and make the token in that session."));
        }
        if (Fault(request, caller.Principal) is { } fault)
        {
            return Answer<TokenResponse>.Refused(Problems.BadRequest("The token is not accepted", fault));
        }
        var now = time.GetUtcNow();
        return await store.WriteAsync(
            async session =>
            {
                var scope = await GroupNames.ScopeAsync(session, request.Groups, caller.Principal.Scope);
                if (scope.IsRefused)
                {
                    return Answer<TokenResponse>.Refused(scope.Or(_ => null!));
                }
                await session.LockAsync("identity.tokens:" + caller.UserId);
                var live = await session.SingleOrDefaultAsync<int>(
                    "select count(*) from platform_token where user_id = @UserId and is_session = 0 and revoked_us is null and expires_us > @now",
                    new { caller.UserId, now });
                return live >= TokensMax
                    ? Answer<TokenResponse>.Refused(Problems.Conflict("Too many tokens", $"You have {live} API tokens in force, the most is {TokensMax}. Revoke one with DELETE /api/v1/tokens/ID."))
                    : await InsertAsync(session, caller, request, scope.Value, now);
            },
            cancellation);
    }

    /// <summary>API tokens of a user, newest first; also revoked and expired ones. Null when there is no such user in the caller's scope.</summary>
    internal Task<Page<TokenRow>?> ListAsync(PrincipalIdentity caller, string? userName, Guid? before, int limit, CancellationToken cancellation) =>
        store.ReadAsync(
            async session =>
            {
                if (await OwnerAsync(session, caller, userName) is not { } owner)
                {
                    return null;
                }
                var rows = await session.QueryAsync<TokenRecord>(
                    """
                    select id, name, roles, all_groups, created_us, expires_us, revoked_us from platform_token
                    where user_id = @Id and is_session = 0 and id < @before order by id desc limit @most
                    """,
                    new { owner.Id, before = before ?? Guid.AllBitsSet, most = limit + 1 });
                var groups = await GroupsAsync(session, rows);
                var items = rows.Take(limit).Select(row => row.ToRow(owner.Name, groups[row.Id])).ToList();
                return new Page<TokenRow> { Items = items, Next = rows.Count > limit ? items[^1].Id.ToString("N") : null };
            },
            cancellation);

    /// <summary>Revokes a token of the caller, or as an admin of a user in scope. False when there is none. Safe to call twice.</summary>
    internal Task<bool> RevokeAsync(PrincipalIdentity caller, Guid id, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        return store.WriteAsync(
            async session =>
            {
                var userName = await session.SingleOrDefaultAsync<string>("select u.name from platform_token t join platform_user u on u.id = t.user_id where t.id = @id and t.is_session = 0", new { id });
                if (userName is null || await OwnerAsync(session, caller, userName) is null)
                {
                    return false;
                }
                if (await session.TryChangeAsync("update platform_token set revoked_us = @now where id = @id and revoked_us is null", new { now, id }))
                {
                    await session.AppendLedgerAsync(now, caller.Principal.Actor, "token.revoked", "token:" + id, new { user = userName }, LedgerScope.Installation);
                }
                return true;
            },
            cancellation);
    }

    /// <summary>Ends the session or token that the call came with.</summary>
    internal Task EndOwnAsync(PrincipalIdentity caller, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        return store.WriteAsync(
            async session =>
            {
                if (await session.TryChangeAsync("update platform_token set revoked_us = @now where id = @TokenId and revoked_us is null", new { now, caller.TokenId }))
                {
                    var (action, subject) = caller.IsSession ? ("session.closed", "session:") : ("token.revoked", "token:");
                    await session.AppendLedgerAsync(now, caller.Principal.Actor, action, subject + caller.TokenId, new { }, LedgerScope.Installation);
                }
            },
            cancellation);
    }

    private static string? Fault(TokenRequest request, Principal creator)
    {
        if (request.Name.Trim().Length is 0 or > UserRules.NameLengthMax)
        {
            return $"The name has {request.Name.Trim().Length} characters; wanted are 1 to {UserRules.NameLengthMax} that say what the token is for.";
        }
        if (request.Days is < 1 or > DaysMax)
        {
            return $"days is {request.Days}; wanted is 1 to {DaysMax}.";
        }
        var missing = UserRules.Missing(request.Roles, creator.Roles);
        return UserRules.RolesFault(request.Roles)
            ?? (missing.Count == 0 ? null : $"You do not hold {string.Join(", ", missing)}; a token has at most its creator's roles: {string.Join(", ", UserRules.Names(creator.Roles))}.");
    }

    private static async Task<Answer<TokenResponse>> InsertAsync(StoreSession session, PrincipalIdentity caller, TokenRequest request, Scope scope, DateTimeOffset now)
    {
        var id = Guid.CreateVersion7(now);
        var token = Secrets.NewToken(isSession: false);
        var expires = now + TimeSpan.FromDays(request.Days);
        await session.ExecuteAsync(
            """
            insert into platform_token (id, hash, user_id, name, is_session, roles, all_groups, created_us, expires_us)
            values (@id, @hash, @UserId, @name, 0, @roles, @all, @now, @expires)
            """,
            new { id, hash = Secrets.Hash(token), caller.UserId, name = request.Name.Trim(), roles = Rights.ToBits(request.Roles), all = scope.IsAll, now, expires });
        await session.ExecuteAsync("insert into platform_token_group (token_id, group_id) values (@id, @group)", scope.Groups.Select(group => new { id, group }));
        await session.AppendLedgerAsync(
            now, caller.Principal.Actor, "token.created", "token:" + id, new { roles = UserRules.Names(request.Roles), groups = request.Groups, expires }, LedgerScope.Installation);
        return new TokenResponse { Id = id, Token = token, ExpiresUtc = expires };
    }

    // Own tokens, or as an admin those of a user whose groups lie in the caller's scope.
    private static async Task<UserRecord?> OwnerAsync(StoreSession session, PrincipalIdentity caller, string? userName)
    {
        var name = (userName ?? caller.Principal.Name).ToLowerInvariant();
        var user = await session.FindUserAsync(name);
        if (user is null || user.Id == caller.UserId)
        {
            return user;
        }
        var mayManage = caller.Principal.Roles.Contains(Role.Admin) && UserRules.Covers(caller.Principal.Scope, (await session.RightsOfAsync(user)).Scope);
        return mayManage ? user : null;
    }

    private static async Task<ILookup<Guid, string>> GroupsAsync(StoreSession session, IReadOnlyList<TokenRecord> tokens)
    {
        var ties = await session.QueryAsync<Tie>(
            $"""
            select tg.token_id, g.name from platform_token_group tg join platform_group g on g.id = tg.group_id
            where {session.Dialect.In("tg.token_id", "ids")} order by g.name
            """,
            new { ids = tokens.Select(token => token.Id) });
        return ties.ToLookup(tie => tie.TokenId, tie => tie.Name);
    }

    private sealed record Tie
    {
        public Guid TokenId { get; init; }
        public string Name { get; init; } = "";
    }

    private sealed record TokenRecord
    {
        public Guid Id { get; init; }
        public string Name { get; init; } = "";
        public int Roles { get; init; }
        public int AllGroups { get; init; }
        public DateTimeOffset CreatedUs { get; init; }
        public DateTimeOffset ExpiresUs { get; init; }
        public DateTimeOffset? RevokedUs { get; init; }

        internal TokenRow ToRow(string user, IEnumerable<string> groups) => new()
        {
            Id = Id,
            Name = Name,
            User = user,
            Roles = [.. Rights.FromBits(Roles).Order()],
            Groups = AllGroups == 1 ? null : [.. groups],
            CreatedUtc = CreatedUs,
            ExpiresUtc = ExpiresUs,
            RevokedUtc = RevokedUs,
        };
    }
}
