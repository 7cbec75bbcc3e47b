using System.Diagnostics.CodeAnalysis;

namespace Suture.Knowledge.Versions;

/// <summary>Parts of a Debian version, <c>[epoch:]upstream[-revision]</c>.</summary>
/// <param name="Epoch">0 to 2,147,483,647; 0 when not written.</param>
/// <param name="Upstream">Upstream version; may hold hyphens when there is a revision, and colons when there is an epoch.</param>
/// <param name="Revision">Debian revision; null for a native version. In the order it equals <c>0</c>.</param>
public readonly record struct DebianVersionParts(int Epoch, string Upstream, string? Revision);

/// <summary>Debian's version order (deb-version(7)).</summary>
public static class DebianVersion
{
    /// <summary>Longest version that <see cref="IsValid"/> takes, in characters. Real ones reach about 60.</summary>
    public const int LengthMaxCharacters = 1024;

    /// <summary>Compares two versions as <c>dpkg --compare-versions</c> does. Allocates nothing; linear in the length.</summary>
    /// <param name="left">A valid version.</param>
    /// <param name="right">A valid version.</param>
    /// <returns>-1, 0 or 1.</returns>
    /// <remarks>Total also over text that is no valid version: a colon behind something else than digits belongs to the upstream part.
    /// Epochs and digit runs may have any length.</remarks>
    public static int Compare(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        if (left.SequenceEqual(right))
        {
            return 0;
        }
        var order = CompareDigits(TakeEpoch(ref left), TakeEpoch(ref right));
        if (order != 0)
        {
            return order;
        }
        var leftRevision = TakeRevision(ref left);
        var rightRevision = TakeRevision(ref right);
        order = CompareParts(left, right);
        return order != 0 ? order : CompareParts(leftRevision, rightRevision);
    }

    /// <summary>True when dpkg takes the version without an error or a warning.</summary>
    /// <param name="text">The text.</param>
    public static bool IsValid(ReadOnlySpan<char> text) => FindFault(text) is null;

    /// <summary>Takes a version apart.</summary>
    /// <param name="text">The text.</param>
    /// <param name="parts">Its parts when valid.</param>
    /// <param name="fault">What is wrong and what is wanted; null when valid.</param>
    /// <returns>True when valid.</returns>
    public static bool TryParse(string text, out DebianVersionParts parts, [NotNullWhen(false)] out string? fault)
    {
        ArgumentNullException.ThrowIfNull(text);
        parts = default;
        if (FindFault(text) is { } found)
        {
            var shown = text.Length <= 64 ? text : string.Concat(text.AsSpan(0, 64), "...");
            fault = $"Version '{shown}' is not a Debian version: {found}. Wanted is [epoch:]upstream[-revision] as in deb-version(7), for example 1:2.36-9+deb12u10.";
            return false;
        }
        fault = null;
        ReadOnlySpan<char> rest = text;
        var epoch = TakeEpoch(ref rest);
        var revision = TakeRevision(ref rest);
        parts = new DebianVersionParts(
            epoch.IsEmpty ? 0 : int.Parse(epoch, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture),
            rest.ToString(),
            revision.IsEmpty ? null : revision.ToString());
        return true;
    }

    /// <summary>Takes a version apart, or throws.</summary>
    /// <param name="text">The text.</param>
    /// <returns>Its parts.</returns>
    /// <exception cref="FormatException">It is not valid; the message says why.</exception>
    public static DebianVersionParts Parse(string text) => TryParse(text, out var parts, out var fault) ? parts : throw new FormatException(fault);

    private static string? FindFault(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
        {
            return "it is empty";
        }
        if (text.Length > LengthMaxCharacters)
        {
            return $"it has {text.Length} characters, at most {LengthMaxCharacters} are taken";
        }
        var rest = text;
        var colon = text.IndexOf(':');
        if (colon >= 0)
        {
            if (FindEpochFault(text[..colon]) is { } epochFault)
            {
                return epochFault;
            }
            rest = text[(colon + 1)..];
        }
        var hyphen = rest.LastIndexOf('-');
        if (hyphen >= 0 && hyphen == rest.Length - 1)
        {
            return "the revision behind the last hyphen is empty";
        }
        if (hyphen >= 0 && FindForeign(rest[(hyphen + 1)..], ".+~") is { } inRevision)
        {
            return $"the revision holds '{inRevision}'; letters, digits, '.', '+' and '~' are allowed";
        }
        var upstream = hyphen >= 0 ? rest[..hyphen] : rest;
        if (upstream.IsEmpty || !char.IsAsciiDigit(upstream[0]))
        {
            return "the upstream part does not start with a digit";
        }
        return FindForeign(upstream, ".+~-:") is { } inUpstream
            ? $"the upstream part holds '{inUpstream}'; letters, digits, '.', '+', '~', '-' and ':' are allowed"
            : null;
    }

    private static string? FindEpochFault(ReadOnlySpan<char> epoch)
    {
        if (epoch.IsEmpty || epoch.IndexOfAnyExceptInRange('0', '9') >= 0)
        {
            return "the epoch before the first colon is not a number";
        }
        return CompareDigits(epoch, "2147483647") > 0 ? "the epoch is above 2147483647" : null;
    }

    private static char? FindForeign(ReadOnlySpan<char> part, string allowed)
    {
        foreach (var c in part)
        {
            if (!char.IsAsciiLetterOrDigit(c) && !allowed.Contains(c, StringComparison.Ordinal))
            {
                return c;
            }
        }
        return null;
    }

    private static ReadOnlySpan<char> TakeEpoch(ref ReadOnlySpan<char> version)
    {
        var end = 0;
        while (end < version.Length && char.IsAsciiDigit(version[end]))
        {
            end++;
        }
        if (end == 0 || end == version.Length || version[end] != ':')
        {
            return default;
        }
        var epoch = version[..end];
        version = version[(end + 1)..];
        return epoch;
    }

    private static ReadOnlySpan<char> TakeRevision(ref ReadOnlySpan<char> version)
    {
        var hyphen = version.LastIndexOf('-');
        if (hyphen < 0)
        {
            return default;
        }
        var revision = version[(hyphen + 1)..];
        version = version[..hyphen];
        return revision;
    }

    // Stretches of other characters by their weights, then digit runs by their value, in turn, until one differs or both end.
    private static int CompareParts(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        var (l, r) = (0, 0);
        while (l < left.Length || r < right.Length)
        {
            while ((l < left.Length && !char.IsAsciiDigit(left[l])) || (r < right.Length && !char.IsAsciiDigit(right[r])))
            {
                var difference = WeightAt(left, l) - WeightAt(right, r);
                if (difference != 0)
                {
                    return difference < 0 ? -1 : 1;
                }
                l++;
                r++;
            }
            var (leftStart, rightStart) = (l, r);
            l = SkipDigits(left, l);
            r = SkipDigits(right, r);
            var order = CompareDigits(left[Math.Min(leftStart, left.Length)..l], right[Math.Min(rightStart, right.Length)..r]);
            if (order != 0)
            {
                return order;
            }
        }
        return 0;
    }

    private static int SkipDigits(ReadOnlySpan<char> part, int index)
    {
        index = Math.Min(index, part.Length);
        while (index < part.Length && char.IsAsciiDigit(part[index]))
        {
            index++;
        }
        return index;
    }

    // '~' is below the end, the end and digits are zero, letters are below everything else.
    private static int WeightAt(ReadOnlySpan<char> part, int index)
    {
        if (index >= part.Length)
        {
            return 0;
        }
        var c = part[index];
        if (char.IsAsciiDigit(c))
        {
            return 0;
        }
        if (char.IsAsciiLetter(c))
        {
            return c;
        }
        return c == '~' ? -1 : c + 0x100;
    }

    private static int CompareDigits(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        left = left.TrimStart('0');
        right = right.TrimStart('0');
        if (left.Length != right.Length)
        {
            return left.Length < right.Length ? -1 : 1;
        }
        return Math.Sign(left.SequenceCompareTo(right));
    }
}
