using Suture.Exposure.Fixes;

namespace Suture.Remediation.Planning;

/// <summary>What of a fix stays the same when the version to reach rises: <c>bookworm/openssl</c>. Work, assignments and comments hang on it.</summary>
internal static class FixLine
{
    public static string Line(this FixKey key) => $"{key.Release}/{key.Source}";

    /// <summary>The line of a key that this server itself made.</summary>
    public static string Of(string key) => Key(key).Line();

    /// <summary>The key of a text that this server itself made.</summary>
    public static FixKey Key(string text) =>
        FixKey.TryParse(text, out var key) ? key : throw new InvalidOperationException($"'{text}' is no key of a fix.");
}
