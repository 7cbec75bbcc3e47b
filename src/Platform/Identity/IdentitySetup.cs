using Suture.Contracts.Api;
using Suture.Platform.Ledger;
using Suture.Platform.Storage;

namespace Suture.Platform.Identity;

/// <summary>What the launcher does with users before the server starts: there are no default credentials.</summary>
public static class IdentitySetup
{
    /// <summary>Name of the first user.</summary>
    public const string FirstUserName = "admin";

    private const string ModeSetting = "identity.solo";

    /// <summary>Makes the group <see cref="GroupNames.Default"/> and the first user with all roles and all groups, no password, and a one-time sign-in code.
    /// As long as nobody has ever signed in, each call gives a new code; after that it does nothing. Also states a change of solo mode in the ledger.</summary>
    /// <param name="store">A migrated store.</param>
    /// <param name="time">Clock.</param>
    /// <param name="solo">True when one person may ask for and approve a plan.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The code to print, or null when somebody can sign in.</returns>
    public static Task<SignInCodeResponse?> EnsureFirstUserAsync(Store store, TimeProvider time, bool solo, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        return store.WriteAsync(
            async session =>
            {
                await session.LockAsync(UserQueries.UsersLock);
                await StateModeAsync(session, solo, now);
                var users = await session.QueryAsync<UserRecord>($"select {UserQueries.Columns} from platform_user limit 2");
                if (users.Count > 1 || users.Any(user => user.PasswordHash is not null))
                {
                    return null;
                }
                var first = users.Count == 1 ? users[0] : await MakeFirstAsync(session, now);
                return await ManageUsers.IssueCodeAsync(session, first, "server", now);
            },
            cancellation);
    }

    /// <summary>Makes a new one-time sign-in code for a user, for who has the server's machine but no way to sign in. Written to the ledger.</summary>
    /// <param name="store">A migrated store.</param>
    /// <param name="time">Clock.</param>
    /// <param name="name">Name of the user.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The code, or null when there is no such enabled user.</returns>
    public static Task<SignInCodeResponse?> NewCodeAsync(Store store, TimeProvider time, string name, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        return store.WriteAsync(
            async session =>
            {
                await session.LockAsync(UserQueries.UsersLock);
                var user = await session.FindUserAsync(name.ToLowerInvariant());
                return user is { IsEnabled: 1 } ? await ManageUsers.IssueCodeAsync(session, user, "server", now) : null;
            },
            cancellation);
    }

    private static async Task<UserRecord> MakeFirstAsync(StoreSession session, DateTimeOffset now)
    {
        if (await ManageGroups.InsertAsync(session, GroupNames.Default, now))
        {
            await session.AppendLedgerAsync(now, "server", "group.created", "group:" + GroupNames.Default, new { }, LedgerScope.Installation);
        }
        var roles = Enum.GetValues<Role>();
        var user = await ManageUsers.InsertAsync(session, FirstUserName, new Rights(roles.ToHashSet(), Scope.All), now);
        await session.AppendLedgerAsync(now, "server", "user.created", "user:" + FirstUserName, new { roles = UserRules.Names(roles), groups = (string[]?)null }, LedgerScope.Installation);
        return user;
    }

    private static async Task StateModeAsync(StoreSession session, bool solo, DateTimeOffset now)
    {
        byte[] value = [solo ? (byte)1 : (byte)0];
        var before = await session.SingleOrDefaultAsync<byte[]>("select value from platform_setting where name = @ModeSetting", new { ModeSetting });
        if (before is not null && before.AsSpan().SequenceEqual(value))
        {
            return;
        }
        await session.ExecuteAsync(
            "insert into platform_setting (name, value) values (@ModeSetting, @value) on conflict (name) do update set value = excluded.value", new { ModeSetting, value });
        await session.AppendLedgerAsync(now, "server", solo ? "server.solo-on" : "server.solo-off", "server", new { onePersonMayApprove = solo }, LedgerScope.Installation);
    }
}
