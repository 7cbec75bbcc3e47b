using Suture.Platform.Storage;

namespace Suture.Platform.Identity;

/// <summary>Finds out at every use what a token allows: its own rights, cut with what its user may do now.</summary>
internal sealed class TokenAuthority(Store store, TimeProvider time)
{
    /// <summary>The caller behind a token; null when it is unknown, expired, revoked, or its user is disabled.</summary>
    internal async Task<PrincipalIdentity?> FindAsync(string secret, CancellationToken cancellation)
    {
        if (!Secrets.LooksLikeToken(secret))
        {
            return null;
        }
        var now = time.GetUtcNow();
        var hash = Secrets.Hash(secret);
        return await store.ReadAsync(
            async session =>
            {
                var row = await session.SingleOrDefaultAsync<TokenUse>(
                    """
                    select t.id token_id, t.is_session, t.roles token_roles, t.all_groups token_all_groups, t.expires_us, t.revoked_us,
                           u.id user_id, u.name, u.roles user_roles, u.all_groups user_all_groups, u.is_enabled
                    from platform_token t join platform_user u on u.id = t.user_id
                    where t.hash = @hash
                    """,
                    new { hash });
                return row is null || !IsLive(row, now) ? null : await IdentityOfAsync(session, row);
            },
            cancellation);
    }

    private static bool IsLive(TokenUse row, DateTimeOffset now) => row.IsEnabled == 1 && row.RevokedUs is null && now < row.ExpiresUs;

    private static async Task<PrincipalIdentity> IdentityOfAsync(StoreSession session, TokenUse row)
    {
        var user = new Rights(Rights.FromBits(row.UserRoles), await ScopeAsync(session, row.UserAllGroups == 1, UserGroups, row.UserId));
        var token = new Rights(Rights.FromBits(row.TokenRoles), await ScopeAsync(session, row.TokenAllGroups == 1, TokenGroups, row.TokenId));
        var rights = token.Cut(user);
        var principal = new Principal { Actor = "user:" + row.Name, Name = row.Name, Roles = rights.Roles, Scope = rights.Scope };
        return new PrincipalIdentity(principal, row.UserId, row.TokenId, row.IsSession == 1);
    }

    private const string UserGroups = "select group_id from platform_user_group where user_id = @id";
    private const string TokenGroups = "select group_id from platform_token_group where token_id = @id";

    private static async Task<Scope> ScopeAsync(StoreSession session, bool all, string sql, Guid id) =>
        all ? Scope.All : Scope.Of(await session.QueryAsync<Guid>(sql, new { id }));

    private sealed record TokenUse
    {
        public Guid TokenId { get; init; }
        public int IsSession { get; init; }
        public int TokenRoles { get; init; }
        public int TokenAllGroups { get; init; }
        public DateTimeOffset ExpiresUs { get; init; }
        public DateTimeOffset? RevokedUs { get; init; }
        public Guid UserId { get; init; }
        public string Name { get; init; } = "";
        public int UserRoles { get; init; }
        public int UserAllGroups { get; init; }
        public int IsEnabled { get; init; }
    }
}
