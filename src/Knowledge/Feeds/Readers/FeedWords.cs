using Suture.Knowledge.Versions;

namespace Suture.Knowledge.Feeds.Readers;

/// <summary>Forms of the words that stand in feeds.</summary>
internal static class FeedWords
{
    private const int ShownCharactersMax = 60;

    /// <summary>True for a CVE id in its only form: <c>CVE-</c>, year, number of 4 to 12 digits without needless zeros.</summary>
    public static bool IsCve(ReadOnlySpan<char> text)
    {
        if (text.Length is < 13 or > 21 || !text.StartsWith("CVE-", StringComparison.Ordinal) || text[8] != '-')
        {
            return false;
        }
        var number = text[9..];
        return text[4] is '1' or '2'
            && !text[4..8].ContainsAnyExceptInRange('0', '9')
            && !number.ContainsAnyExceptInRange('0', '9')
            && (number.Length == 4 || number[0] != '0');
    }

    /// <summary>True for a version that dpkg takes.</summary>
    public static bool IsVersion(ReadOnlySpan<char> text) => text.Length <= FeedLimits.NameCharactersMax && DebianVersion.IsValid(text);

    /// <summary>True for the name of a source package or of a release.</summary>
    public static bool IsName(ReadOnlySpan<char> text) =>
        text.Length is > 0 and <= FeedLimits.NameCharactersMax && char.IsAsciiLetterOrDigit(text[0]) && All(text, ".+-_");

    /// <summary>True for the id of an advisory, <c>DSA-5865-1</c>.</summary>
    public static bool IsAdvisory(ReadOnlySpan<char> text) =>
        text.Length is > 4 and <= 32
        && (text.StartsWith("DSA-", StringComparison.Ordinal) || text.StartsWith("DLA-", StringComparison.Ordinal))
        && !text[4..].ContainsAnyExcept("0123456789-");

    /// <summary>Text as a string, without a new one where it is the same as before: rows one after the other mostly name the same.</summary>
    public static string Again(ReadOnlySpan<char> text, string? before) => before is not null && text.SequenceEqual(before) ? before : text.ToString();

    /// <summary>Text as messages show it: short.</summary>
    public static string Shorten(ReadOnlySpan<char> text) => text.Length <= ShownCharactersMax ? text.ToString() : $"{text[..(ShownCharactersMax - 3)]}...";

    private static bool All(ReadOnlySpan<char> text, ReadOnlySpan<char> others)
    {
        foreach (var letter in text)
        {
            if (!char.IsAsciiLetterOrDigit(letter) && !others.Contains(letter))
            {
                return false;
            }
        }
        return true;
    }
}
