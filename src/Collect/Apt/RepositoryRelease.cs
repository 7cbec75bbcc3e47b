using System.Globalization;

namespace Suture.Collect.Apt;

/// <summary>What a repository says of itself in its release file.</summary>
/// <remarks>apt has checked its signature when it stored the file; it is not checked again here. The folder belongs to root.</remarks>
internal sealed record RepositoryRelease
{
    /// <summary>File name without <c>_InRelease</c> or <c>_Release</c>; indexes of the repository start with it.</summary>
    public required string BaseName { get; init; }

    /// <summary><c>Origin</c>; null when not stated or when there is no release file.</summary>
    public string? Origin { get; init; }

    /// <summary><c>Label</c>.</summary>
    public string? Label { get; init; }

    /// <summary><c>Codename</c>, else <c>Suite</c>, else the base name.</summary>
    public required string Name { get; init; }

    /// <summary><c>Date</c>.</summary>
    public DateTimeOffset? DateUtc { get; init; }

    /// <summary><c>Valid-Until</c>.</summary>
    public DateTimeOffset? ValidUntilUtc { get; init; }

    /// <summary><c>NotAutomatic: yes</c>: apt takes nothing from it unless asked to (experimental, backports).</summary>
    public bool IsNotAutomatic { get; init; }

    /// <summary><c>ButAutomaticUpgrades: yes</c>: what was once taken from it is upgraded from it (backports).</summary>
    public bool HasAutomaticUpgrades { get; init; }

    /// <summary>The repository in words, <c>Debian bookworm-security</c>.</summary>
    public string Words => Origin is null ? Name : $"{Origin} {Name}";

    /// <summary>True when it is the distribution's own.</summary>
    /// <param name="distribution"><c>ID</c> of <c>os-release</c>.</param>
    public bool IsOf(string distribution) => string.Equals(Origin, distribution, StringComparison.OrdinalIgnoreCase);

    /// <summary>True when it is the distribution's security suite.</summary>
    /// <param name="distribution"><c>ID</c> of <c>os-release</c>.</param>
    public bool IsSecurityOf(string distribution) =>
        IsOf(distribution) && (Label == "Debian-Security" || Name.EndsWith("-security", StringComparison.Ordinal));

    /// <summary>Parses the head of a release file, signed inline or not.</summary>
    /// <param name="baseName">File name without its ending.</param>
    /// <param name="text">The file; only what the signature covers is read.</param>
    public static RepositoryRelease Parse(string baseName, string text)
    {
        var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in SignedPart(text).Split('\n'))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && line[0] is not (' ' or '\t'))
            {
                fields.TryAdd(line[..colon], line[(colon + 1)..].Trim());
            }
        }
        return new RepositoryRelease
        {
            BaseName = baseName,
            Origin = Field(fields, "Origin"),
            Label = Field(fields, "Label"),
            Name = Field(fields, "Codename") ?? Field(fields, "Suite") ?? baseName,
            DateUtc = Instant(Field(fields, "Date")),
            ValidUntilUtc = Instant(Field(fields, "Valid-Until")),
            IsNotAutomatic = Field(fields, "NotAutomatic") == "yes",
            HasAutomaticUpgrades = Field(fields, "ButAutomaticUpgrades") == "yes",
        };
    }

    private static string SignedPart(string text)
    {
        const string Begin = "-----BEGIN PGP SIGNED MESSAGE-----\n";
        if (!text.StartsWith(Begin, StringComparison.Ordinal))
        {
            return text;
        }
        var start = text.IndexOf("\n\n", StringComparison.Ordinal); // the armour's own headers end with the first empty line
        var end = text.IndexOf("\n-----BEGIN PGP SIGNATURE-----", StringComparison.Ordinal);
        return start < 0 ? "" : end > start ? text[start..end] : text[start..];
    }

    private static string? Field(Dictionary<string, string> fields, string name) =>
        fields.TryGetValue(name, out var value) && value.Length > 0 ? value : null;

    /// <summary>RFC 1123 with <c>UTC</c> for <c>GMT</c>, as release files have it.</summary>
    private static DateTimeOffset? Instant(string? value) =>
        value is not null && DateTimeOffset.TryParseExact(
            value.Replace(" UTC", " GMT", StringComparison.Ordinal), ["r", "ddd, d MMM yyyy HH:mm:ss 'GMT'"],
            CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var instant)
            ? instant
            : null;
}
