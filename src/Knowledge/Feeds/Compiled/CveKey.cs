using System.Globalization;
using Suture.Knowledge.Feeds.Readers;

namespace Suture.Knowledge.Feeds.Compiled;

/// <summary>A CVE id as one number, in the order of year and number.</summary>
internal static class CveKey
{
    /// <summary>Numbers of one year; more than any id form that readers take.</summary>
    public const ulong NumbersAYear = 1_000_000_000_000;

    /// <summary>Key of an id; null when the text is no CVE id.</summary>
    public static ulong? Of(ReadOnlySpan<char> text) => FeedWords.IsCve(text)
        ? (ulong.Parse(text.Slice(4, 4), NumberStyles.None, CultureInfo.InvariantCulture) * NumbersAYear)
            + ulong.Parse(text[9..], NumberStyles.None, CultureInfo.InvariantCulture)
        : null;
}
