using Suture.Knowledge.Feeds.Readers;

namespace Suture.Knowledge.Feeds;

/// <summary>One publisher's statement that a source package of a release is fixed at a version.</summary>
/// <param name="Release">Codename, <c>bookworm</c>.</param>
/// <param name="Source">Source package.</param>
/// <param name="Vulnerability">CVE id; or an unrated id (<see cref="UnratedId"/>) when the update names no CVE; or an unread id (<see cref="UnreadId"/>) while its
/// changelog is not read, so that it is not known which it fixes.</param>
/// <param name="FixedVersion">Source version from which it is fixed.</param>
/// <param name="Record">Advisory id (<c>DSA-5865-1</c>) or changelog entry (<c>openssl 3.0.17-1~deb12u2</c>).</param>
/// <param name="Published">Date of the record; null when not stated.</param>
/// <param name="Feed">Name of the feed, see <see cref="FeedNames"/>.</param>
public sealed record FixRecord(string Release, string Source, string Vulnerability, string FixedVersion, string Record, DateOnly? Published, string Feed)
{
    private const string UnratedPrefix = "UNRATED-";
    private const string UnreadPrefix = "UNREAD-";

    /// <summary>True when the record is a security update that names no CVE.</summary>
    public bool IsUnrated => IsUnratedId(Vulnerability);

    /// <summary>True when the record is a security update whose changelog is not read.</summary>
    public bool IsUnread => IsUnreadId(Vulnerability);

    /// <summary>The record of a security update whose changelog is not read.</summary>
    /// <param name="release">Codename.</param>
    /// <param name="source">Source package.</param>
    /// <param name="version">Source version of the update.</param>
    /// <param name="because">Why, as it follows "because".</param>
    public static FixRecord Unread(string release, string source, string version, string because) =>
        new(release, source, UnreadId(source, version), version, $"changelog not read yet, because {because}", null, FeedNames.DebianArchive);

    /// <summary>True for a CVE id; false for an id as <see cref="UnratedId"/> or <see cref="UnreadId"/> makes it.</summary>
    /// <param name="vulnerability">Id of a record or a finding.</param>
    public static bool NamesCve(string vulnerability) => !IsUnratedId(vulnerability) && !IsUnreadId(vulnerability);

    /// <summary>Reads an id as a person may write it.</summary>
    /// <param name="text">CVE id in any case, or an id of a finding without one.</param>
    /// <returns>The id in its only form; null when it is none.</returns>
    public static string? ReadId(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var trimmed = text.Trim();
        var upper = trimmed.ToUpperInvariant();
        return FeedWords.IsCve(upper) ? upper : NamesCve(trimmed) ? null : trimmed;
    }

    /// <summary>True for an id as <see cref="UnratedId"/> makes it.</summary>
    /// <param name="vulnerability">CVE or unrated id.</param>
    public static bool IsUnratedId(string vulnerability) => vulnerability.StartsWith(UnratedPrefix, StringComparison.Ordinal);

    /// <summary>True for an id as <see cref="UnreadId"/> makes it.</summary>
    /// <param name="vulnerability">Id of a record or a finding.</param>
    public static bool IsUnreadId(string vulnerability) => vulnerability.StartsWith(UnreadPrefix, StringComparison.Ordinal);

    /// <summary>Id under which a security update is a finding of status <c>unknown</c> until its changelog is read.</summary>
    /// <param name="source">Source package.</param>
    /// <param name="version">Source version of the update.</param>
    /// <returns><c>UNREAD-tzdata-2025b-0+deb12u1</c>.</returns>
    public static string UnreadId(string source, string version) => $"{UnreadPrefix}{source}-{version}";

    /// <summary>Id under which a security update without a CVE is a finding.</summary>
    /// <param name="source">Source package.</param>
    /// <param name="version">Source version of the update.</param>
    /// <returns><c>UNRATED-tzdata-2025b-0+deb12u1</c>.</returns>
    public static string UnratedId(string source, string version) => $"{UnratedPrefix}{source}-{version}";
}

/// <summary>Names of feeds, as they stand in evidence, in <c>feeds status</c> and in the store.</summary>
public static class FeedNames
{
    /// <summary>Debian security advisories.</summary>
    public const string DebianDsa = "debian-dsa";
    /// <summary>Debian LTS advisories.</summary>
    public const string DebianDla = "debian-dla";
    /// <summary>The Debian archive itself: signed package index and changelogs.</summary>
    public const string DebianArchive = "debian-archive";
    /// <summary>CISA's catalogue of known exploited vulnerabilities.</summary>
    public const string CisaKev = "cisa-kev";
    /// <summary>FIRST's exploit prediction scores.</summary>
    public const string FirstEpss = "first-epss";
    /// <summary>CVE records, JSON 5, with CISA's ADP container.</summary>
    public const string CveRecords = "cve-records";
    /// <summary>CVE metadata table, the fallback for CVSS.</summary>
    public const string CveMeta = "cve-meta";
    /// <summary>Lists of public exploit evidence.</summary>
    public const string ExploitEvidence = "exploit-evidence";
    /// <summary>CISA's Vulnrichment as a table: SSVC, CVSS and CWE by CVE.</summary>
    public const string Vulnrichment = "cisa-vulnrichment";

    /// <summary>The feeds that are read from files, unordered.</summary>
    public static IReadOnlySet<string> All { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        DebianDsa, DebianDla, CisaKev, FirstEpss, CveRecords, CveMeta, ExploitEvidence, Vulnrichment,
    };

    /// <summary>Feed of a signal by its source.</summary>
    /// <param name="source"><c>cisa-kev</c>, or with the publisher behind it: <c>cve-records: redhat</c>.</param>
    public static string OfSource(string source) => source.IndexOf(':', StringComparison.Ordinal) is >= 0 and var end ? source[..end] : source;

    /// <summary>Feed of an advisory by its id.</summary>
    /// <param name="advisory"><c>DSA-5865-1</c> or <c>DLA-4051-1</c>.</param>
    public static string OfAdvisory(ReadOnlySpan<char> advisory) => advisory.StartsWith("DLA", StringComparison.Ordinal) ? DebianDla : DebianDsa;
}
