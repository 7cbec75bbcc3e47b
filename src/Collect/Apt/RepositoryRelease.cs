using System.Globalization;
using System.Text;
using Suture.Collect.Files;

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

    /// <summary>Reads the head of a release file, signed inline or not; the lists of files that follow are not looked at.</summary>
    /// <param name="baseName">File name without its ending.</param>
    /// <param name="stream">The file; closed at the end. Only what the signature covers is read.</param>
    public static RepositoryRelease Read(string baseName, Stream stream)
    {
        var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        using var lines = new LineReader(stream, baseName, CollectLimits.IndexBytes);
        var isArmoured = false;
        while (lines.TryRead(out var line))
        {
            if (lines.LineNumber == 1 && line.SequenceEqual("-----BEGIN PGP SIGNED MESSAGE-----"u8))
            {
                isArmoured = true; // the armour's own headers end with the first empty line
                continue;
            }
            if (isArmoured)
            {
                isArmoured = !line.IsEmpty;
                continue;
            }
            var colon = line.IndexOf((byte)':');
            if (line.StartsWith("-----BEGIN"u8) || (colon == line.Length - 1 && colon > 0 && fields.Count > 0))
            {
                break; // the signature, or a field whose value is a list of files
            }
            if (colon > 0 && line[0] is not ((byte)' ' or (byte)'\t'))
            {
                fields.TryAdd(Encoding.UTF8.GetString(line[..colon]), Encoding.UTF8.GetString(line[(colon + 1)..]).Trim());
            }
        }
        return Make(baseName, fields);
    }

    private static RepositoryRelease Make(string baseName, Dictionary<string, string> fields) => new()
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
