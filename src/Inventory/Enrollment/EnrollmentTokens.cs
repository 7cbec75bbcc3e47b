using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Suture.Contracts.Api;
using Suture.Inventory.Assets;
using Suture.Platform.Identity;
using Suture.Platform.Ledger;
using Suture.Platform.Storage;

namespace Suture.Inventory;

/// <summary>What became of a wish for a token.</summary>
public enum TokenOutcome
{
    /// <summary>Made.</summary>
    Created = 1,
    /// <summary>Minutes are not 1 to 60.</summary>
    MinutesOutOfBounds = 2,
    /// <summary>The environment is none of the four.</summary>
    UnknownEnvironment = 3,
    /// <summary>No such group, or not in the caller's scope.</summary>
    NoGroup = 4,
    /// <summary>Too many tokens wait to be used.</summary>
    TooMany = 5,
}

/// <summary>Makes one-use enrolment tokens. The store keeps their hash only.</summary>
public sealed class EnrollmentTokens
{
    /// <summary>Shortest and longest life of a token.</summary>
    public const int MinutesMax = 60;

    internal const string Prefix = "sut_e_";
    private const int SecretBytes = 32;
    private const int SecretLength = 43;

    private readonly Store _store;
    private readonly AgentAuthority _authority;
    private readonly InventoryOptions _options;
    private readonly TimeProvider _time;

    internal EnrollmentTokens(Store store, AgentAuthority authority, InventoryOptions options, TimeProvider time)
    {
        _store = store;
        _authority = authority;
        _options = options;
        _time = time;
    }

    /// <summary>Makes a token. Each call makes another one.</summary>
    /// <param name="scope">The caller's; the group must be in it.</param>
    /// <param name="actor">Who asks, as the ledger names it.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="cancellation">Ends the wait; no token then.</param>
    /// <returns>The outcome; the token, shown this once, when it was made.</returns>
    public async Task<(TokenOutcome Outcome, EnrollmentTokenResponse? Token)> CreateAsync(
        Scope scope, string actor, EnrollmentTokenRequest request, CancellationToken cancellation)
    {
        if (request.Minutes is < 1 or > MinutesMax)
        {
            return (TokenOutcome.MinutesOutOfBounds, null);
        }
        if (!ContextKeys.Environments.Contains(request.Environment))
        {
            return (TokenOutcome.UnknownEnvironment, null);
        }
        var now = _time.GetUtcNow();
        var expires = now.AddMinutes(request.Minutes);
        var secret = Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));
        var outcome = await _store.WriteAsync(session => InsertAsync(session, scope, actor, request, secret, now, expires), cancellation);
        return outcome == TokenOutcome.Created ? (outcome, Response(secret, expires)) : (outcome, null);
    }

    /// <summary>What the store keeps of a token; null when the text has not the form of one.</summary>
    internal static byte[]? Hash(string token) =>
        token.Length == Prefix.Length + SecretLength && token.StartsWith(Prefix, StringComparison.Ordinal) ? SHA256.HashData(Encoding.UTF8.GetBytes(token)) : null;

    private static async Task<TokenOutcome> InsertAsync(
        StoreSession session, Scope scope, string actor, EnrollmentTokenRequest request, string secret, DateTimeOffset now, DateTimeOffset expires)
    {
        var group = await session.FindGroupAsync(request.Group, scope);
        if (group is null)
        {
            return TokenOutcome.NoGroup;
        }
        var waiting = await session.SingleOrDefaultAsync<int>(
            "select count(*) from inventory_enrollment_token where group_id = @group and expires_us > @now and used_us is null", new { group = group.Value, now });
        if (waiting >= InventoryLimits.TokensWaitingMax)
        {
            return TokenOutcome.TooMany;
        }
        var id = Guid.CreateVersion7(now);
        await session.ExecuteAsync(
            """
            insert into inventory_enrollment_token (id, hash, group_id, environment, created_by, created_us, expires_us)
            values (@id, @hash, @group, @Environment, @actor, @now, @expires)
            """,
            new { id, hash = Hash(secret), group = group.Value, request.Environment, actor, now, expires });
        await session.AppendLedgerAsync(
            now, actor, "enrollment-token.created", $"enrollment-token:{id:D}", new { request.Group, request.Environment, request.Minutes },
            LedgerScope.Of(group.Value));
        return TokenOutcome.Created;
    }

    private EnrollmentTokenResponse Response(string secret, DateTimeOffset expires) => new()
    {
        Token = secret,
        ExpiresUtc = expires,
        Command = $"suture-agent join --server {_options.AgentUrl.GetLeftPart(UriPartial.Authority)} --ca-fingerprint {_authority.Fingerprint} --token {secret}",
    };
}
