using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Suture.Platform.Identity;

/// <summary>Secrets that callers hold. The store keeps their SHA-256 only, which is enough for 80 random bits and more.</summary>
internal static class Secrets
{
    /// <summary>Start of a session's token.</summary>
    internal const string SessionPrefix = "sut_s_";

    /// <summary>Start of an API token.</summary>
    internal const string TokenPrefix = "sut_t_";

    /// <summary>Characters of a token: the prefix and 32 bytes in base64url.</summary>
    internal const int TokenLength = 6 + 43;

    // No I, L, O, U: what is read aloud or copied by hand stays clear (Crockford's base 32).
    private const string CodeAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    /// <summary>A new token.</summary>
    internal static string NewToken(bool isSession) =>
        (isSession ? SessionPrefix : TokenPrefix) + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>A new one-time sign-in code: four groups of five, 100 bits.</summary>
    internal static string NewCode() => string.Join('-', Enumerable.Range(0, 4).Select(_ => RandomNumberGenerator.GetString(CodeAlphabet, 5)));

    /// <summary>True when the text has the form of a token; anything else is not looked up.</summary>
    internal static bool LooksLikeToken(string text) =>
        text.Length == TokenLength
        && (text.StartsWith(SessionPrefix, StringComparison.Ordinal) || text.StartsWith(TokenPrefix, StringComparison.Ordinal));

    /// <summary>What the store keeps.</summary>
    internal static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    /// <summary>A typed code in its written form: upper case, no spaces.</summary>
    internal static string NormalizeCode(string typed) => typed.Replace(" ", "", StringComparison.Ordinal).ToUpperInvariant();
}
