using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Suture.Knowledge.Versions;

/// <summary>Package URL of a Debian package, <c>pkg:deb/debian/openssl@3.0.16-1~deb12u1?arch=amd64&amp;distro=bookworm</c>.</summary>
/// <remarks>Source: the package-url specification and its definition of type <c>deb</c>. Other qualifiers are read over; a subpath is refused.</remarks>
public sealed record Purl
{
    /// <summary>Longest text that is read, in characters.</summary>
    public const int LengthMaxCharacters = 4096;

    private const string Scheme = "pkg:";
    private const string DebType = "deb";

    /// <summary>Vendor, <c>debian</c>; lower case.</summary>
    public required string Namespace { get; init; }

    /// <summary>Package, lower case.</summary>
    public required string Name { get; init; }

    /// <summary>Version; null for any.</summary>
    public string? Version { get; init; }

    /// <summary>Architecture; null when not stated. <c>source</c> for a source package.</summary>
    public string? Architecture { get; init; }

    /// <summary>Release, <c>bookworm</c> or <c>debian-12</c>; null when not stated.</summary>
    public string? Distribution { get; init; }

    /// <summary>The canonical text: qualifiers in alphabetical order, everything but letters, digits and <c>.-_~:</c> percent-encoded as UTF-8.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(96).Append(Scheme).Append(DebType).Append('/');
        Encode(text, Namespace);
        text.Append('/');
        Encode(text, Name);
        if (Version is { } version)
        {
            text.Append('@');
            Encode(text, version);
        }
        var mark = '?';
        AppendQualifier(text, ref mark, "arch", Architecture);
        AppendQualifier(text, ref mark, "distro", Distribution);
        return text.ToString();
    }

    /// <summary>Reads a package URL.</summary>
    /// <param name="text">The text.</param>
    /// <param name="purl">The package; null when faulty.</param>
    /// <param name="fault">What is wrong and what is wanted; null when it was read.</param>
    /// <returns>True when it was read.</returns>
    public static bool TryParse(string text, [NotNullWhen(true)] out Purl? purl, [NotNullWhen(false)] out string? fault)
    {
        ArgumentNullException.ThrowIfNull(text);
        purl = null;
        try
        {
            purl = Read(text);
            fault = null;
            return true;
        }
        catch (FormatException problem)
        {
            var shown = text.Length <= 120 ? text : string.Concat(text.AsSpan(0, 120), "...");
            fault = $"'{shown}' is not a package URL of a Debian package: {problem.Message}. Wanted is pkg:deb/debian/NAME@VERSION?arch=ARCH&distro=RELEASE.";
            return false;
        }
    }

    private static Purl Read(string text)
    {
        Require(text.Length <= LengthMaxCharacters, $"it has {text.Length} characters, at most {LengthMaxCharacters} are taken");
        Require(text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase), "it does not start with pkg:");
        Require(!text.Contains('#', StringComparison.Ordinal), "it has a subpath");
        var rest = text[Scheme.Length..].TrimStart('/');
        var qualifiers = "";
        if (rest.LastIndexOf('?') is >= 0 and var question)
        {
            (rest, qualifiers) = (rest[..question], rest[(question + 1)..]);
        }
        string? version = null;
        if (rest.LastIndexOf('@') is >= 0 and var at)
        {
            (rest, version) = (rest[..at], Decode(rest[(at + 1)..], "version"));
        }
        var parts = rest.Trim('/').Split('/');
        Require(parts[0].Equals(DebType, StringComparison.OrdinalIgnoreCase), $"its type is '{parts[0]}', not deb");
        Require(parts.Length == 3, "it is not namespace and name that follow the type");
        var (architecture, distribution) = ReadQualifiers(qualifiers);
        return new Purl
        {
            Namespace = Decode(parts[1], "namespace").ToLowerInvariant(),
            Name = Decode(parts[2], "name").ToLowerInvariant(),
            Version = version,
            Architecture = architecture,
            Distribution = distribution,
        };
    }

    private static (string? Architecture, string? Distribution) ReadQualifiers(string qualifiers)
    {
        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in qualifiers.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            Require(equals > 0, $"its qualifier '{pair}' is not key=value");
            var key = pair[..equals].ToLowerInvariant();
            if (equals == pair.Length - 1)
            {
                continue; // An empty value is the same as no qualifier.
            }
            Require(seen.TryAdd(key, Decode(pair[(equals + 1)..], key)), $"its qualifier '{key}' stands twice");
        }
        return (seen.GetValueOrDefault("arch"), seen.GetValueOrDefault("distro"));
    }

    private static void AppendQualifier(StringBuilder text, ref char mark, string key, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            text.Append(mark).Append(key).Append('=');
            Encode(text, value);
            mark = '&';
        }
    }

    private static void Encode(StringBuilder text, string value)
    {
        Span<byte> bytes = stackalloc byte[4];
        foreach (var rune in value.EnumerateRunes())
        {
            if (rune.IsAscii && (char.IsAsciiLetterOrDigit((char)rune.Value) || ".-_~:".Contains((char)rune.Value, StringComparison.Ordinal)))
            {
                text.Append((char)rune.Value);
                continue;
            }
            foreach (var b in bytes[..rune.EncodeToUtf8(bytes)])
            {
                text.Append('%').Append(b.ToString("X2", CultureInfo.InvariantCulture));
            }
        }
    }

    private static string Decode(string value, string what)
    {
        Require(value.Length > 0, $"its {what} is empty");
        if (!value.Contains('%', StringComparison.Ordinal))
        {
            return value;
        }
        var bytes = new byte[Encoding.UTF8.GetMaxByteCount(value.Length)];
        var count = 0;
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] != '%')
            {
                var length = char.IsHighSurrogate(value[i]) && i + 1 < value.Length ? 2 : 1;
                count += Encoding.UTF8.GetBytes(value, i, length, bytes, count);
                i += length - 1;
                continue;
            }
            Require(i + 2 < value.Length && char.IsAsciiHexDigit(value[i + 1]) && char.IsAsciiHexDigit(value[i + 2]), $"its {what} has a '%' without two hex digits");
            bytes[count++] = Convert.FromHexString(value.AsSpan(i + 1, 2))[0];
            i += 2;
        }
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes, 0, count);
        }
        catch (ArgumentException)
        {
            throw new FormatException($"its {what} is not UTF-8");
        }
    }

    private static void Require(bool holds, string fault)
    {
        if (!holds)
        {
            throw new FormatException(fault);
        }
    }
}
