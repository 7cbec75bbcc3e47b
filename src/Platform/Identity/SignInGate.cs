using Suture.Platform.Storage;

namespace Suture.Platform.Identity;

/// <summary>Limits tries to sign in, by user name and by address. A try is counted in the store before its password is looked at and taken back when it
/// was right, so that parallel tries cannot pass together on one count.</summary>
internal sealed class SignInGate(Store store)
{
    /// <summary>Wrong tries in a row for one user name before back-off begins.</summary>
    internal const int UserTriesFree = 5;

    /// <summary>Wrong tries from one address before back-off begins; an address may stand for many people.</summary>
    internal const int AddressTriesFree = 20;

    /// <summary>Longest back-off.</summary>
    internal static readonly TimeSpan BackOffMax = TimeSpan.FromMinutes(15);

    /// <summary>Quiet time after which wrong tries are forgotten.</summary>
    internal static readonly TimeSpan ForgetAfter = TimeSpan.FromHours(1);

    /// <summary>Rows that one try removes of those that are forgotten; the table stays as small as the last hour.</summary>
    internal const int SweepMost = 100;

    /// <summary>Counts a try and lets it pass, or says when the next may be.</summary>
    /// <returns>Null when it may pass; else the instant before which no try is looked at.</returns>
    internal Task<DateTimeOffset?> EnterAsync(string? userKey, string addressKey, DateTimeOffset now, CancellationToken cancellation) =>
        store.WriteAsync(
            async session =>
            {
                // Always in this order, and the sweep waits for nobody: two tries never wait for each other in a ring.
                var blocked = await CountAsync(session, addressKey, AddressTriesFree, now);
                if (blocked is null && userKey is not null)
                {
                    blocked = await CountAsync(session, userKey, UserTriesFree, now);
                }
                await SweepAsync(session, now);
                return blocked;
            },
            cancellation);

    /// <summary>Takes a counted try back: the secret was right. In the transaction that makes the session.</summary>
    internal static async Task LeaveAsync(StoreSession session, string userKey, string addressKey, DateTimeOffset now)
    {
        await session.ExecuteAsync(
            "update platform_sign_in set tries = tries - 1, blocked_us = @now where key = @addressKey and tries > 0", new { addressKey, now });
        await session.ExecuteAsync("delete from platform_sign_in where key = @userKey", new { userKey });
    }

    /// <summary>Key of a user name, known or not; null for text that is no user name (the address is counted all the same).</summary>
    internal static string? UserKey(string name) => UserRules.IsName(name) ? "user:" + name : null;

    /// <summary>Back-off after a number of tries: none while they are free, then 1 s, doubled by each, up to <see cref="BackOffMax"/>.</summary>
    internal static TimeSpan BackOff(int tries, int free) =>
        tries < free ? TimeSpan.Zero : TimeSpan.FromSeconds(Math.Min(BackOffMax.TotalSeconds, Math.Pow(2, Math.Min(tries - free, 20))));

    private static async Task<DateTimeOffset?> CountAsync(StoreSession session, string key, int free, DateTimeOffset now)
    {
        // The condition and the count are one statement: of parallel tries each sees the count of the one before.
        var tries = await session.SingleOrDefaultAsync<int?>(
            """
            insert into platform_sign_in (key, tries, last_us, blocked_us) values (@key, 1, @now, @now)
            on conflict (key) do update set
              tries = case when platform_sign_in.last_us < @forget then 1 else platform_sign_in.tries + 1 end,
              last_us = @now
            where platform_sign_in.blocked_us <= @now
            returning tries
            """,
            new { key, now, forget = now - ForgetAfter });
        if (tries is null)
        {
            return await session.SingleOrDefaultAsync<DateTimeOffset?>("select blocked_us from platform_sign_in where key = @key", new { key });
        }
        await session.ExecuteAsync("update platform_sign_in set blocked_us = @until where key = @key", new { key, until = now + BackOff(tries.Value, free) });
        return null;
    }

    private static Task SweepAsync(StoreSession session, DateTimeOffset now) => session.ExecuteAsync(
        $"""
        delete from platform_sign_in where key in (
          select key from platform_sign_in where last_us < @forget order by last_us limit @most {session.Dialect.SkipLocked})
        """,
        new { forget = now - ForgetAfter, most = SweepMost });
}
