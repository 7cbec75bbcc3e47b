namespace Suture.Knowledge.Versions;

/// <summary>A source package at a version, as advisories speak of it.</summary>
/// <param name="Name">Source package, signed sources mapped to their base.</param>
/// <param name="Version">Source version.</param>
public readonly record struct SourceVersion(string Name, string Version);

/// <summary>From which source a binary package was built.</summary>
public static class DebianSource
{
    private const string SignedMark = "-signed";

    /// <summary>Maps a binary package to its source and source version.</summary>
    /// <param name="package">Binary package name.</param>
    /// <param name="version">Binary version.</param>
    /// <param name="sourceField">The field <c>Source</c>, <c>name</c> or <c>name (version)</c>; null when the package has none, then it is its own source.</param>
    /// <returns>Source and version.</returns>
    /// <remarks>Three rules, in this order.
    /// 1. <c>Source: name (version)</c> says both. dpkg writes the version whenever it differs from the binary's, so for every rebuild (<c>+b1</c>) too.
    /// 2. Without a version there, the binary's counts, less a rebuild's <c>+bN</c> at the end: no source version has it.
    /// 3. <c>X-signed[-N][-ARCH]</c> carries the signature of what <c>X[-N]</c> built: <c>linux-signed-amd64 6.1.192+2</c> is <c>linux 6.1.192-2</c>.</remarks>
    public static SourceVersion Map(string package, string version, string? sourceField)
    {
        ArgumentNullException.ThrowIfNull(package);
        ArgumentNullException.ThrowIfNull(version);
        var (source, sourceVersion) = Split(package, version, sourceField);
        var at = source.LastIndexOf(SignedMark, StringComparison.Ordinal);
        while (at > 0)
        {
            if (TryReadSignedTail(source.AsSpan(at + SignedMark.Length), out var series))
            {
                return new SourceVersion(string.Concat(source.AsSpan(0, at), series), ToBaseVersion(sourceVersion));
            }
            at = source.LastIndexOf(SignedMark, at - 1, StringComparison.Ordinal);
        }
        return new SourceVersion(source, sourceVersion);
    }

    private static (string Source, string Version) Split(string package, string version, string? sourceField)
    {
        if (string.IsNullOrWhiteSpace(sourceField))
        {
            return (package, WithoutRebuild(version));
        }
        var field = sourceField.Trim();
        var open = field.IndexOf(" (", StringComparison.Ordinal);
        return open < 0 ? (field, WithoutRebuild(version)) : (field[..open], field[(open + 2)..].TrimEnd(')').Trim());
    }

    private static string WithoutRebuild(string version)
    {
        var start = version.AsSpan().TrimEnd("0123456789").Length;
        return start < version.Length && start > 2 && version[start - 1] == 'b' && version[start - 2] == '+' ? version[..(start - 2)] : version;
    }

    // Behind "-signed": an optional series "-6.12", then an optional architecture "-amd64", then the end.
    private static bool TryReadSignedTail(ReadOnlySpan<char> tail, out ReadOnlySpan<char> series)
    {
        series = default;
        var rest = tail;
        if (rest.Length > 1 && rest[0] == '-')
        {
            var end = rest[1..].IndexOfAnyExcept("0123456789.");
            var length = end < 0 ? rest.Length : end + 1;
            if (length > 1 && (length == rest.Length || rest[length] == '-'))
            {
                series = rest[..length];
                rest = rest[length..];
            }
        }
        return rest.IsEmpty || (rest.Length > 1 && rest[0] == '-' && IsWord(rest[1..]));
    }

    private static bool IsWord(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '_')
            {
                return false;
            }
        }
        return true;
    }

    // "6.1.192+2" is "6.1.192-2", "6.12.115+2~deb12u1" is "6.12.115-2~deb12u1"; anything else stays.
    private static string ToBaseVersion(string version)
    {
        var plus = version.LastIndexOf('+');
        if (plus < 0)
        {
            return version;
        }
        var rest = version.AsSpan(plus + 1);
        return TakeDigits(ref rest) && (rest.IsEmpty || IsBackportMark(rest)) ? string.Concat(version.AsSpan(0, plus), "-", version.AsSpan(plus + 1)) : version;
    }

    private static bool IsBackportMark(ReadOnlySpan<char> text)
    {
        if (!text.StartsWith("~deb", StringComparison.Ordinal))
        {
            return false;
        }
        text = text[4..];
        if (!TakeDigits(ref text) || text.IsEmpty || text[0] != 'u')
        {
            return false;
        }
        text = text[1..];
        return TakeDigits(ref text) && text.IsEmpty;
    }

    private static bool TakeDigits(ref ReadOnlySpan<char> text)
    {
        var rest = text.TrimStart("0123456789");
        var any = rest.Length < text.Length;
        text = rest;
        return any;
    }
}
