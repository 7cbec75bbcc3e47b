using Suture.Contracts.Api;
using Suture.Platform.Ledger;
using Suture.Platform.Storage;

namespace Suture.Platform.Identity;

/// <summary>A short-lived token with the role viewer, by which the launcher shows the first look through the same API as anybody.</summary>
public static class LookToken
{
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(15);

    /// <summary>Makes one in the name of the first user. Written to the ledger.</summary>
    /// <param name="store">A migrated store in which <see cref="IdentitySetup.EnsureFirstUserAsync"/> ran.</param>
    /// <param name="time">Clock.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The token, or null when the first user is gone or disabled.</returns>
    public static Task<string?> CreateAsync(Store store, TimeProvider time, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        return store.WriteAsync(
            async session =>
            {
                var user = await session.FindUserAsync(IdentitySetup.FirstUserName);
                if (user is not { IsEnabled: 1 })
                {
                    return null;
                }
                var id = Guid.CreateVersion7(now);
                var token = Secrets.NewToken(isSession: false);
                await session.ExecuteAsync(
                    """
                    insert into platform_token (id, hash, user_id, name, is_session, roles, all_groups, created_us, expires_us)
                    values (@id, @hash, @userId, 'first look', 0, @roles, 1, @now, @expires)
                    """,
                    new { id, hash = Secrets.Hash(token), userId = user.Id, roles = Rights.ToBits([Role.Viewer]), now, expires = now + Life });
                await session.AppendLedgerAsync(now, "server", "token.created", "token:" + id, new { roles = (string[])["viewer"], expires = now + Life }, LedgerScope.Installation);
                return token;
            },
            cancellation);
    }
}
