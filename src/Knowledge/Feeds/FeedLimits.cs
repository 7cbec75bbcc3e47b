namespace Suture.Knowledge.Feeds;

/// <summary>Largest feeds that are read. Each is about eight times what its publisher delivers today, so that a file ten times too large is refused.</summary>
public static class FeedLimits
{
    /// <summary>Bytes of one Debian advisory list, unpacked.</summary>
    public const int AdvisoryListBytesMax = 24 * 1024 * 1024;

    /// <summary>Advisories in one list.</summary>
    public const int AdvisoriesMax = 200_000;

    /// <summary>Vulnerabilities of one advisory. The largest real one names 1,100.</summary>
    public const int VulnerabilitiesPerAdvisoryMax = 20_000;

    /// <summary>Fix statements of one advisory.</summary>
    public const int FixesPerAdvisoryMax = 1_000;

    /// <summary>Fix records of all advisory feeds together.</summary>
    public const int FixRecordsMax = 4_000_000;

    /// <summary>Bytes of the KEV catalogue.</summary>
    public const int KevBytesMax = 12 * 1024 * 1024;

    /// <summary>Entries of the KEV catalogue.</summary>
    public const int KevEntriesMax = 50_000;

    /// <summary>Bytes of an EPSS file, unpacked.</summary>
    public const int EpssBytesMax = 80 * 1024 * 1024;

    /// <summary>Rows of an EPSS file.</summary>
    public const int EpssRowsMax = 3_000_000;

    /// <summary>Bytes of a table of CVE metadata, unpacked.</summary>
    public const int CveTableBytesMax = 128 * 1024 * 1024;

    /// <summary>CVEs of one feed.</summary>
    public const int CveRecordsMax = 2_000_000;

    /// <summary>Bytes of one CVE record.</summary>
    public const int CveRecordBytesMax = 4 * 1024 * 1024;

    /// <summary>Bytes of an archive of CVE records, packed.</summary>
    public const long CveArchiveBytesMax = 2L * 1024 * 1024 * 1024;

    /// <summary>Bytes of a list of exploit evidence, unpacked.</summary>
    public const int ExploitBytesMax = 64 * 1024 * 1024;

    /// <summary>Rows of a list of exploit evidence.</summary>
    public const int ExploitRowsMax = 2_000_000;

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

    /// <summary>Bytes of a compiled snapshot.</summary>
    public const long CompiledBytesMax = 1024L * 1024 * 1024;
}
