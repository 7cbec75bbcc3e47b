namespace Suture.Knowledge.Feeds;

/// <summary>One publisher's statement that a source package of a release is fixed at a version.</summary>
/// <param name="Release">Codename, <c>bookworm</c>.</param>
/// <param name="Source">Source package.</param>
/// <param name="Vulnerability">CVE id, or an unrated id (<see cref="UnratedId"/>) when the update names no CVE.</param>
/// <param name="FixedVersion">Source version from which it is fixed.</param>
/// <param name="Record">Advisory id (<c>DSA-5865-1</c>) or changelog entry (<c>openssl 3.0.17-1~deb12u2</c>).</param>
/// <param name="Published">Date of the record; null when not stated.</param>
/// <param name="Feed">Name of the feed, see <see cref="FeedNames"/>.</param>
public sealed record FixRecord(string Release, string Source, string Vulnerability, string FixedVersion, string Record, DateOnly? Published, string Feed)
{
    private const string UnratedPrefix = "UNRATED-";

    /// <summary>True when the record is a security update that names no CVE.</summary>
    public bool IsUnrated => IsUnratedId(Vulnerability);

    /// <summary>True for an id as <see cref="UnratedId"/> makes it.</summary>
    /// <param name="vulnerability">CVE or unrated id.</param>
    public static bool IsUnratedId(string vulnerability) => vulnerability.StartsWith(UnratedPrefix, StringComparison.Ordinal);

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
