using System.ComponentModel.DataAnnotations;

namespace Suture.Platform;

/// <summary>Settings of the platform, bound by the host.</summary>
public sealed class PlatformOptions
{
    /// <summary>Largest request body unless a route states its own, in bytes.</summary>
    public const int BodyBytesMaxDefault = 1024 * 1024;

    /// <summary>True when one person may ask for and approve a plan (design decision 11). Stated on screen and in the ledger.</summary>
    public bool Solo { get; set; }

    /// <summary>Largest request body unless a route states its own, in bytes.</summary>
    [Range(1024, 64 * 1024 * 1024)]
    public int BodyBytesMax { get; set; } = BodyBytesMaxDefault;

    /// <summary>Hours a session holds after sign-in, whether it is used or not.</summary>
    [Range(1, 168)]
    public int SessionHours { get; set; } = 12;

    /// <summary>Rounds of PBKDF2 with HMAC-SHA-512 for a new password hash.</summary>
    /// <remarks>Source: OWASP Password Storage Cheat Sheet, at least 210,000. An older hash with fewer rounds is renewed at the next sign-in.</remarks>
    [Range(10_000, 10_000_000)]
    public int PasswordRounds { get; set; } = 210_000;
}
