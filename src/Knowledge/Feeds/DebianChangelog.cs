using System.Globalization;
using System.Text.RegularExpressions;

namespace Suture.Knowledge.Feeds;

/// <summary>One entry of a Debian changelog.</summary>
/// <param name="Source">Source package named by the entry.</param>
/// <param name="Version">Source version it describes.</param>
/// <param name="Distributions">Target suites, <c>bookworm-security</c>.</param>
/// <param name="Date">Day of the entry; null when the trailer cannot be read.</param>
/// <param name="Vulnerabilities">CVE ids it names, ordered and unique; may be empty.</param>
public sealed record ChangelogEntry(string Source, string Version, string Distributions, DateOnly? Date, IReadOnlyList<string> Vulnerabilities);

/// <summary>Reads changelogs (deb-changelog(5)) for the CVEs that each version fixes.</summary>
public static partial class DebianChangelog
{
    /// <summary>Longest line that is read; a longer one is cut there.</summary>
    public const int LineCharactersMax = 4_096;

    /// <summary>Entries read at the most; older ones are not looked at.</summary>
    public const int EntriesMax = 400;

    /// <summary>Reads entries from the newest on, until one is not newer than a version.</summary>
    /// <param name="text">The changelog.</param>
    /// <param name="isNewer">Whether an entry's version is still of interest; reading ends at the first that is not.</param>
    /// <returns>Entries, newest first; empty when the text is no changelog.</returns>
    public static IReadOnlyList<ChangelogEntry> Read(TextReader text, Func<string, bool> isNewer)
    {
        var entries = new List<ChangelogEntry>();
        Match? head = null;
        var cves = new SortedSet<string>(StringComparer.Ordinal);
        while (entries.Count < EntriesMax && text.ReadLine() is { } line)
        {
            if (line.Length > LineCharactersMax)
            {
                line = line[..LineCharactersMax];
            }
            if (Head().Match(line) is { Success: true } match)
            {
                if (!isNewer(match.Groups["version"].Value))
                {
                    return entries;
                }
                head = match;
                cves.Clear();
            }
            else if (head is not null && line.StartsWith(" -- ", StringComparison.Ordinal))
            {
                entries.Add(Entry(head, line, cves));
                head = null;
            }
            else if (head is not null)
            {
                AddVulnerabilities(line, cves);
            }
        }
        return entries;
    }

    private static void AddVulnerabilities(string line, SortedSet<string> cves)
    {
        foreach (Match cve in Cve().Matches(line))
        {
            cves.Add($"CVE-{cve.Groups["year"].Value}-{cve.Groups["number"].Value}");
        }
    }

    private static ChangelogEntry Entry(Match head, string trailer, SortedSet<string> cves) => new(
        head.Groups["source"].Value, head.Groups["version"].Value, head.Groups["suites"].Value.Trim(), TrailerDate(trailer), [.. cves]);

    private static DateOnly? TrailerDate(string trailer)
    {
        var mark = trailer.LastIndexOf(">  ", StringComparison.Ordinal);
        return mark >= 0 && DateTimeOffset.TryParse(trailer[(mark + 3)..], CultureInfo.InvariantCulture, DateTimeStyles.AllowWhiteSpaces, out var instant)
            ? DateOnly.FromDateTime(instant.UtcDateTime)
            : null;
    }

    [GeneratedRegex(@"^(?<source>[a-z0-9][a-z0-9+.\-]*) \((?<version>[^()\s]+)\)(?<suites>[^;]*);", RegexOptions.CultureInvariant)]
    private static partial Regex Head();

    [GeneratedRegex(@"(?<![a-z0-9])CVE-(?<year>[12][0-9]{3})-(?<number>[0-9]{4,9})(?![0-9])", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Cve();
}
