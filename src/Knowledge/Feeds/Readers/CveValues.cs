using System.Globalization;
using System.Text.Json;
using Suture.Knowledge.Intelligence;

namespace Suture.Knowledge.Feeds.Readers;

/// <summary>Values about CVEs as several feeds write them.</summary>
internal static class CveValues
{
    /// <summary>SSVC points; values vary in case. Null when none of the three is told.</summary>
    public static SsvcPoints? Ssvc(ReadOnlySpan<char> exploitation, ReadOnlySpan<char> automatable, ReadOnlySpan<char> impact)
    {
        var state = Word(exploitation, "none", "poc", "active");
        var points = new SsvcPoints(state, YesNo(Word(automatable, "yes", "no"), "yes"), YesNo(Word(impact, "total", "partial"), "total"));
        return points is { Exploitation: null, IsAutomatable: null, IsTotalImpact: null } ? null : points;
    }

    /// <summary>A CWE id, <c>CWE-787</c>; null for anything else.</summary>
    public static string? Cwe(ReadOnlySpan<char> text) =>
        text.Length is > 4 and <= 9 && text.StartsWith("CWE-", StringComparison.Ordinal) && !text[4..].ContainsAnyExceptInRange('0', '9')
            ? string.Intern(text.ToString())
            : null;

    /// <summary>A vector string; null when absent or far too long.</summary>
    public static string? Vector(string? text) => text is { Length: > 0 and <= 256 } ? text : null;

    /// <summary>A description, cut to its bound on a whole character.</summary>
    public static string? Description(string? text)
    {
        text = text?.Trim();
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }
        if (text.Length <= FeedLimits.DescriptionCharactersMax)
        {
            return text;
        }
        var end = FeedLimits.DescriptionCharactersMax;
        return text[..(char.IsHighSurrogate(text[end - 1]) ? end - 1 : end)];
    }

    /// <summary>A base score; null when absent. Out of range is a fault.</summary>
    public static double? Score(ReadOnlySpan<char> text, int line)
    {
        if (text.IsWhiteSpace())
        {
            return null;
        }
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value is >= 0 and <= 10
            ? value
            : throw NoScore(text, line);
    }

    /// <summary>A base score as JSON; null when absent. Another kind of value and a number out of range are faults.</summary>
    public static double? Score(JsonElement? value) => value is not { } stated
        ? null
        : stated.ValueKind == JsonValueKind.Number && stated.TryGetDouble(out var number) && number is >= 0 and <= 10
            ? number
            : throw NoScore(stated.GetRawText(), null);

    private static FeedFaultException NoScore(ReadOnlySpan<char> seen, int? line) =>
        new(line, $"the CVSS score is '{FeedWords.Shorten(seen)}'; wanted is a number from 0 to 10. Fetch the file again");

    private static bool? YesNo(string? word, string yes) => word is null ? null : word == yes;

    private static string? Word(ReadOnlySpan<char> text, params ReadOnlySpan<string> known)
    {
        foreach (var word in known)
        {
            if (text.Trim().Equals(word, StringComparison.OrdinalIgnoreCase))
            {
                return word;
            }
        }
        return null;
    }
}
