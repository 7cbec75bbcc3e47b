using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Suture.Contracts.Api;
using Suture.Platform.Api;
using Suture.Platform.Ledger;
using Suture.Platform.Storage;

namespace Suture.Platform.Identity;

/// <summary>Opens a session for a name with its password, or with a one-time code that sets one.</summary>
internal sealed class SignIn(Store store, SignInGate gate, Passwords passwords, IOptions<PlatformOptions> options, TimeProvider time)
{
    /// <summary>Live sessions of one user; the oldest ends when there would be more.</summary>
    internal const int SessionsMax = 20;

    private static readonly byte[] NobodysCode = RandomNumberGenerator.GetBytes(SHA256.HashSizeInBytes);
    private static readonly TimeSpan KeepDeadSessions = TimeSpan.FromDays(1);

    /// <summary>Signs in. Unknown, disabled and wrong are one answer.</summary>
    /// <param name="request">Name and secret.</param>
    /// <param name="address">Where from; null when not known.</param>
    /// <param name="cancellation">Ends the wait.</param>
    internal async Task<Answer<SignInResponse>> OpenAsync(SignInRequest request, IPAddress? address, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var name = request.UserName.ToLowerInvariant();
        var keys = new GateKeys(SignInGate.UserKey(name), CallerAddress.KeyOf(address));
        if (await gate.EnterAsync(keys.User, keys.Address, now, cancellation) is { } blockedUntil)
        {
            return Answer<SignInResponse>.Refused(Blocked(blockedUntil - now));
        }
        var user = keys.User is null ? null : await store.ReadAsync(session => session.FindUserAsync(name), cancellation);
        var proof = await ProveAsync(user, request.Secret, now, cancellation);
        if (user is null || proof == Proof.None)
        {
            return await RefuseAsync(user, keys, now, cancellation);
        }
        if (NewPasswordFault(proof, request.NewPassword, user.Name) is { } fault)
        {
            return Answer<SignInResponse>.Refused(Problems.BadRequest("The new password is not accepted", fault));
        }
        var newHash = request.NewPassword is { } chosen ? await passwords.HashAsync(chosen, cancellation)
            : proof == Proof.PasswordOfOldHash ? await passwords.HashAsync(request.Secret, cancellation)
            : null;
        return await WriteAsync(user, proof, newHash, request.NewPassword is not null, keys, now, cancellation);
    }

    private async Task<Proof> ProveAsync(UserRecord? user, string secret, DateTimeOffset now, CancellationToken cancellation)
    {
        // Too long to be anything: cut, so that the work stays bounded, and wrong in any case.
        var isBounded = secret.Length <= UserRules.PasswordLengthMax;
        var bounded = isBounded ? secret : secret[..UserRules.PasswordLengthMax];
        // Both are always computed, whoever asks: time tells nothing.
        var password = await passwords.VerifyAsync(user?.PasswordHash, bounded, cancellation);
        var isCode = CryptographicOperations.FixedTimeEquals(user?.CodeHash ?? NobodysCode, Secrets.Hash(Secrets.NormalizeCode(bounded)));
        if (user is null || user.IsEnabled != 1 || !isBounded)
        {
            return Proof.None;
        }
        return password == PasswordVerificationResult.Success ? Proof.Password
            : password == PasswordVerificationResult.SuccessRehashNeeded ? Proof.PasswordOfOldHash
            : isCode && now < user.CodeUntilUs ? Proof.Code
            : Proof.None;
    }

    private static string? NewPasswordFault(Proof proof, string? newPassword, string userName) => newPassword is null
        ? proof == Proof.Code ? "A one-time code signs in once and sets a password: send newPassword with it. The code is not used up yet." : null
        : UserRules.PasswordFault(newPassword, userName);

    private Task<Answer<SignInResponse>> WriteAsync(
        UserRecord user, Proof proof, string? newHash, bool isNewPassword, GateKeys keys, DateTimeOffset now, CancellationToken cancellation) =>
        store.WriteAsync(
            async session =>
            {
                // The user must still be as it was proven: not disabled, not changed, its code not used by somebody quicker.
                var isSame = await session.TryChangeAsync(
                    """
                    update platform_user set
                      password_hash = coalesce(@newHash, password_hash),
                      code_hash = case when @isNewPassword = 1 then null else code_hash end,
                      code_until_us = case when @isNewPassword = 1 then null else code_until_us end,
                      version = version + @isNewPassword
                    where id = @Id and version = @Version and is_enabled = 1
                    """,
                    new { newHash, isNewPassword, user.Id, user.Version });
                if (!isSame)
                {
                    return Answer<SignInResponse>.Refused(Wrong());
                }
                await SignInGate.LeaveAsync(session, keys.User!, keys.Address, now);
                if (isNewPassword)
                {
                    var ended = await session.RevokeAsync(user.Id, now, sessionsOnly: true);
                    await session.AppendLedgerAsync(
                        now, "user:" + user.Name, "user.password-set", "user:" + user.Name,
                        new { by = proof == Proof.Code ? "code" : "password", sessionsEnded = ended }, LedgerScope.Installation);
                }
                return await OpenSessionAsync(session, user, now);
            },
            cancellation);

    private async Task<SignInResponse> OpenSessionAsync(StoreSession session, UserRecord user, DateTimeOffset now)
    {
        await EndOldestAsync(session, user, now);
        var token = Secrets.NewToken(isSession: true);
        var expires = now + TimeSpan.FromHours(options.Value.SessionHours);
        var id = Guid.CreateVersion7(now);
        await session.ExecuteAsync(
            """
            insert into platform_token (id, hash, user_id, name, is_session, roles, all_groups, created_us, expires_us)
            values (@id, @hash, @user, 'session', 1, @roles, 1, @now, @expires)
            """,
            new { id, hash = Secrets.Hash(token), user = user.Id, roles = Rights.ToBits(Enum.GetValues<Role>()), now, expires });
        await session.AppendLedgerAsync(now, "user:" + user.Name, "session.opened", "session:" + id, new { expires }, LedgerScope.Installation);
        return new SignInResponse { Token = token, ExpiresUtc = expires, User = await session.RowOfAsync(user) };
    }

    private static async Task EndOldestAsync(StoreSession session, UserRecord user, DateTimeOffset now)
    {
        await session.ExecuteAsync(
            "delete from platform_token where user_id = @Id and is_session = 1 and (expires_us < @old or revoked_us < @old)",
            new { user.Id, old = now - KeepDeadSessions });
        var live = await session.QueryAsync<Guid>(
            "select id from platform_token where user_id = @Id and is_session = 1 and revoked_us is null and expires_us > @now order by created_us desc, id desc",
            new { user.Id, now });
        foreach (var id in live.Skip(SessionsMax - 1))
        {
            await session.ExecuteAsync("update platform_token set revoked_us = @now where id = @id", new { now, id });
            await session.AppendLedgerAsync(now, "server", "session.ended", "session:" + id, new { reason = $"more than {SessionsMax} sessions" }, LedgerScope.Installation);
        }
    }

    // A name that is not known may be a mistyped password: it is not written down. The work is the same for both.
    private async Task<Answer<SignInResponse>> RefuseAsync(UserRecord? user, GateKeys keys, DateTimeOffset now, CancellationToken cancellation)
    {
        await store.WriteAsync(
            session => session.AppendLedgerAsync(now, "server", "session.refused", user is null ? "user:unknown" : "user:" + user.Name, new { from = keys.Address }, LedgerScope.Installation),
            cancellation);
        return Answer<SignInResponse>.Refused(Wrong());
    }

    private static Microsoft.AspNetCore.Http.IResult Wrong() => Problems.Unauthorized(
        "Not signed in",
        "The name or the secret is wrong, the one-time code has run out, or the user is disabled. An admin can make a new one-time code; 'suture up' on the server prints one when nobody has signed in yet.");

    private static Microsoft.AspNetCore.Http.IResult Blocked(TimeSpan wait) => Problems.TooMany(
        "Too many tries to sign in",
        $"The next try for this name from this address is looked at in {Math.Ceiling(wait.TotalSeconds)} s.");

    private enum Proof { None = 1, Password = 2, PasswordOfOldHash = 3, Code = 4 }

    private sealed record GateKeys(string? User, string Address);
}
