using System.Buffers;

namespace Suture.Agent.Jobs;

/// <summary>What a job's words may look like. Whatever does not fit never reaches a command line; nothing that fits can begin with a dash.</summary>
/// <remarks>Debian policy 5.6.1 (names), 5.6.12 (versions), 5.6.8 (architectures); systemd.unit(5) (unit names).</remarks>
internal static class ArgumentGrammar
{
    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789+-.");
    private static readonly SearchValues<char> VersionCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.+-~:");
    private static readonly SearchValues<char> ArchitectureCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");
    private static readonly SearchValues<char> UnitCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:-_.\\@");
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    /// <summary>A package name: a lower-case letter or digit, then letters, digits, plus, minus, dot; at least two characters.</summary>
    /// <remarks>apt reads a trailing plus or minus as "install" or "remove"; a name is therefore only ever passed on with <c>:architecture</c> behind it.</remarks>
    /// <param name="text">Any text.</param>
    /// <returns>Whether it is one.</returns>
    public static bool IsPackageName(string text) =>
        text.Length is >= 2 and <= JobLimits.NameLengthMax && text[0] is not ('+' or '-' or '.') && !text.AsSpan().ContainsAnyExcept(NameCharacters);

    /// <summary>A version: a digit first, also behind an epoch, then the characters versions have.</summary>
    /// <param name="text">Any text.</param>
    /// <returns>Whether it is one.</returns>
    public static bool IsVersion(string text) =>
        text.Length is >= 1 and <= JobLimits.NameLengthMax && char.IsAsciiDigit(text[0]) && !text.AsSpan().ContainsAnyExcept(VersionCharacters)
        && IsEpochNumeric(text);

    /// <summary>An architecture: <c>amd64</c>, <c>all</c>.</summary>
    /// <param name="text">Any text.</param>
    /// <returns>Whether it is one.</returns>
    public static bool IsArchitecture(string text) =>
        text.Length is >= 2 and <= 32 && char.IsAsciiLetterLower(text[0]) && !text.AsSpan().ContainsAnyExcept(ArchitectureCharacters);

    /// <summary>The name of a service that may be restarted, or <c>init.scope</c>, which stands for systemd itself.</summary>
    /// <param name="text">Any text.</param>
    /// <returns>Whether it is one.</returns>
    public static bool IsUnit(string text) =>
        text == SystemdItself
        || (text.Length is > 8 and <= JobLimits.NameLengthMax && char.IsAsciiLetterOrDigit(text[0]) && text.EndsWith(".service", StringComparison.Ordinal)
            && !text.AsSpan().ContainsAnyExcept(UnitCharacters));

    /// <summary>SHA-256 in lower-case hex.</summary>
    /// <param name="text">Any text.</param>
    /// <returns>Whether it is one.</returns>
    public static bool IsSha256(string text) => text.Length == 64 && !text.AsSpan().ContainsAnyExcept(HexDigits);

    /// <summary>The unit that process 1 belongs to: it is re-executed, not restarted.</summary>
    public const string SystemdItself = "init.scope";

    private static bool IsEpochNumeric(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 || (colon > 0 && colon < text.Length - 1 && char.IsAsciiDigit(text[colon + 1]) && !text.AsSpan(0, colon).ContainsAnyExceptInRange('0', '9'));
    }
}
