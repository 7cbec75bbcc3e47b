using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Suture.Platform.Identity;

/// <summary>Hashes and checks passwords, a few at a time: a flood of tries must not take all cores.</summary>
internal sealed class Passwords : IDisposable
{
    /// <summary>Passwords that are hashed at the same time; others wait.</summary>
    internal const int InFlightMax = 4;

    private readonly PasswordHasher<string> _hasher;
    private readonly SemaphoreSlim _places = new(InFlightMax, InFlightMax);
    private readonly string _nobodysHash;

    public Passwords(IOptions<PlatformOptions> options)
    {
        _hasher = new PasswordHasher<string>(Options.Create(new PasswordHasherOptions
        {
            CompatibilityMode = PasswordHasherCompatibilityMode.IdentityV3,
            IterationCount = options.Value.PasswordRounds,
        }));
        _nobodysHash = _hasher.HashPassword("", RandomNumberGenerator.GetHexString(32));
    }

    /// <summary>The hash to store.</summary>
    internal Task<string> HashAsync(string password, CancellationToken cancellation) =>
        InPlaceAsync(() => _hasher.HashPassword("", password), cancellation);

    /// <summary>Checks a password. Without a stored hash the work is the same and the answer is no, so that time does not tell who exists.</summary>
    /// <param name="storedHash">Null when there is no such user, or it has no password.</param>
    /// <param name="password">What was sent.</param>
    /// <param name="cancellation">Ends the wait.</param>
    internal async Task<PasswordVerificationResult> VerifyAsync(string? storedHash, string password, CancellationToken cancellation)
    {
        var result = await InPlaceAsync(() => _hasher.VerifyHashedPassword("", storedHash ?? _nobodysHash, password), cancellation);
        return storedHash is null ? PasswordVerificationResult.Failed : result;
    }

    public void Dispose() => _places.Dispose();

    private async Task<T> InPlaceAsync<T>(Func<T> work, CancellationToken cancellation)
    {
        await _places.WaitAsync(cancellation);
        try
        {
            return work();
        }
        finally
        {
            _places.Release();
        }
    }
}
