using System.Buffers;

namespace Suture.Inventory;

/// <summary>What names and texts from outside may look like.</summary>
internal static class Grammar
{
    private const string Lower = "abcdefghijklmnopqrstuvwxyz";
    private const string Upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private const string Digits = "0123456789";

    private static readonly SearchValues<char> PackageChars = SearchValues.Create(Lower + Upper + Digits + "+._-");
    private static readonly SearchValues<char> VersionChars = SearchValues.Create(Lower + Upper + Digits + ".+~:-");
    private static readonly SearchValues<char> ArchitectureChars = SearchValues.Create(Lower + Digits + "-");
    private static readonly SearchValues<char> CodenameChars = SearchValues.Create(Lower + Digits + "._-");
    private static readonly SearchValues<char> HostChars = SearchValues.Create(Lower + Upper + Digits + "._-");
    private static readonly SearchValues<char> BootChars = SearchValues.Create(Lower + Upper + Digits + "._:+-");
    private static readonly SearchValues<char> UnitChars = SearchValues.Create(Lower + Upper + Digits + ":-_.\\@");
    private static readonly SearchValues<char> HexChars = SearchValues.Create(Digits + "abcdef");

    /// <summary>A package or source name: begins with a letter or digit (Debian Policy 5.6.1, and the wider form that dpkg reads).</summary>
    public static bool IsPackage(string? text) => Is(text, PackageChars, InventoryLimits.NameLengthMax) && char.IsAsciiLetterOrDigit(text![0]);

    /// <summary>A version as dpkg reads it.</summary>
    public static bool IsVersion(string? text) => Is(text, VersionChars, InventoryLimits.NameLengthMax);

    public static bool IsArchitecture(string? text) => Is(text, ArchitectureChars, 64);

    /// <summary>Codename of a release; part of keys and addresses.</summary>
    public static bool IsCodename(string? text) => Is(text, CodenameChars, 64) && char.IsAsciiLetterOrDigit(text![0]);

    public static bool IsHostName(string? text) => Is(text, HostChars, 253);

    public static bool IsBoot(string? text) => Is(text, BootChars, 128);

    /// <summary>A systemd unit name with its escapes.</summary>
    public static bool IsUnit(string? text) => Is(text, UnitChars, InventoryLimits.NameLengthMax);

    public static bool IsAgentVersion(string? text) => Is(text, PackageChars, 64);

    /// <summary>SHA-256, 64 lower-case hex digits.</summary>
    public static bool IsSha256(string? text) => text?.Length == 64 && Is(text, HexChars, 64);

    /// <summary>Text for people in one line: no control characters, no lone surrogates. May be empty.</summary>
    public static bool IsText(string? text, int longest)
    {
        if (text is null || text.Length > longest)
        {
            return false;
        }
        for (var at = 0; at < text.Length; at++)
        {
            if (char.IsControl(text[at]) || (char.IsSurrogate(text[at]) && !IsPair(text, ref at)))
            {
                return false;
            }
        }
        return true;
    }

    private static bool IsPair(string text, ref int at)
    {
        if (at + 1 >= text.Length || !char.IsSurrogatePair(text[at], text[at + 1]))
        {
            return false;
        }
        at++;
        return true;
    }

    private static bool Is(string? text, SearchValues<char> allowed, int longest) =>
        text is { Length: > 0 } && text.Length <= longest && text.AsSpan().IndexOfAnyExcept(allowed) < 0;
}
