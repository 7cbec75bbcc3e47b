namespace Suture.Knowledge.Feeds;

/// <summary>Largest feeds that are read. Each bound of bytes is about eight times what its publisher delivered in August 2026, so that a file ten times too large is refused.</summary>
public static class FeedLimits
{
    /// <summary>Bytes of the DSA list, unpacked; the real one has 0.96 MB.</summary>
    public const int DsaListBytesMax = 8 * 1024 * 1024;

    /// <summary>Bytes of the DLA list, unpacked; the real one has 0.62 MB.</summary>
    public const int DlaListBytesMax = 5 * 1024 * 1024;

    /// <summary>Bytes of the prepared advisories, unpacked; the real ones have 3.8 MB.</summary>
    public const int PreparedBytesMax = 30 * 1024 * 1024;

    /// <summary>Bytes of a table of fixes of one release, unpacked; the real ones have 0.35 to 0.83 MB.</summary>
    public const int FixTableBytesMax = 4 * 1024 * 1024;

    /// <summary>Advisories in one file; the real prepared ones are 11,375.</summary>
    public const int AdvisoriesMax = 90_000;

    /// <summary>Vulnerabilities of one advisory. The largest real one names 1,100.</summary>
    public const int VulnerabilitiesPerAdvisoryMax = 20_000;

    /// <summary>Fix statements of one advisory.</summary>
    public const int FixesPerAdvisoryMax = 1_000;

    /// <summary>Fix records of one file of advisories.</summary>
    public const int FixRecordsMax = 1_000_000;

    /// <summary>Bytes of the KEV catalogue as CSV; the real one has 0.96 MB.</summary>
    public const int KevCsvBytesMax = 7 * 1024 * 1024;

    /// <summary>Bytes of the KEV catalogue as JSON; the real one has 1.6 MB.</summary>
    public const int KevJsonBytesMax = 12 * 1024 * 1024;

    /// <summary>Entries of the KEV catalogue; the real one has 1,673.</summary>
    public const int KevEntriesMax = 13_000;

    /// <summary>Bytes of an EPSS file, unpacked; the real one has 10.9 MB.</summary>
    public const int EpssBytesMax = 80 * 1024 * 1024;

    /// <summary>Rows of an EPSS file; the real one has 360,142.</summary>
    public const int EpssRowsMax = 2_900_000;

    /// <summary>Bytes of the table of CVE metadata, unpacked; the real one has 6.5 MB.</summary>
    public const int CveMetaBytesMax = 48 * 1024 * 1024;

    /// <summary>Bytes of Vulnrichment as a table, unpacked; the real one has 13.2 MB.</summary>
    public const int VulnrichmentBytesMax = 100 * 1024 * 1024;

    /// <summary>Rows of a table of CVEs; the largest real one has 62,862.</summary>
    public const int CveTableRowsMax = 500_000;

    /// <summary>Records in an archive of CVE records, and single records in a folder; all CVEs together are some 360,000.</summary>
    public const int CveRecordsMax = 2_900_000;

    /// <summary>Bytes of one CVE record; the largest real one seen has 79 kB.</summary>
    public const int CveRecordBytesMax = 4 * 1024 * 1024;

    /// <summary>Bytes of an archive of CVE records, packed; all CVEs together take some 0.6 GB.</summary>
    public const long CveArchiveBytesMax = 2L * 1024 * 1024 * 1024;

    /// <summary>Bytes of all records of an archive, unpacked; all CVEs together take some 1.7 GB.</summary>
    public const long CveArchiveUnpackedBytesMax = 12L * 1024 * 1024 * 1024;

    /// <summary>Bytes of an index of repositories that mention CVEs, unpacked; the real one has 11.3 MB.</summary>
    public const int MentionsBytesMax = 85 * 1024 * 1024;

    /// <summary>Rows of that index; the real one has 167,146.</summary>
    public const int MentionsRowsMax = 1_300_000;

    /// <summary>Bytes of a list of CVEs with a template, unpacked; the real one has 64 kB.</summary>
    public const int TemplatesBytesMax = 512 * 1024;

    /// <summary>Lines of that list; the real one has 4,380.</summary>
    public const int TemplatesRowsMax = 35_000;

    /// <summary>Bytes of a history of exploit lists, unpacked; the real one has 0.48 MB.</summary>
    public const int HistoryBytesMax = 4 * 1024 * 1024;

    /// <summary>Rows of that history; the real one has 9,854.</summary>
    public const int HistoryRowsMax = 80_000;

    /// <summary>Characters kept of a CVE's description; the rest is cut.</summary>
    public const int DescriptionCharactersMax = 2_000;

    /// <summary>Characters of a package name, a version or an advisory id.</summary>
    public const int NameCharactersMax = 255;

    /// <summary>Lines named among the skipped ones; more are only counted.</summary>
    public const int SkippedLinesNamedMax = 20;

    /// <summary>Lines that may be skipped in any file before it is refused whole.</summary>
    public const int SkippedLinesFree = 50;

    /// <summary>Beyond <see cref="SkippedLinesFree"/>, one line in this many may be skipped; a file with more is refused whole.</summary>
    public const int SkippedLinesOneIn = 50;

    /// <summary>Files looked at below one folder; a folder with more is refused.</summary>
    public const int FolderFilesMax = 400_000;

    /// <summary>Depth of folders looked at below one folder.</summary>
    public const int FolderDepthMax = 8;

    /// <summary>Bytes of the files that are sent to a server in one import, packed and unpacked: one archive of all CVE records and everything else.</summary>
    public const long UploadBytesMax = CveArchiveBytesMax + (512L * 1024 * 1024);

    /// <summary>Bytes of a compiled snapshot.</summary>
    public const long CompiledBytesMax = 1024L * 1024 * 1024;

    /// <summary>Days that a date in a feed may be ahead: clocks and time zones differ, a feed from the future is refused.</summary>
    public const int DaysAheadMax = 1;

    /// <summary>The last day that a date in a feed may name.</summary>
    /// <param name="now">The instant.</param>
    public static DateOnly LatestDay(DateTimeOffset now) => DateOnly.FromDateTime(now.UtcDateTime).AddDays(DaysAheadMax);
}
