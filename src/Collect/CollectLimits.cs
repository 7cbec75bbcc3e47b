namespace Suture.Collect;

/// <summary>Bounds of everything that is read. What exceeds one is a <see cref="Contracts.Inventory.CollectorFailure"/>, never cut short in silence.</summary>
public static class CollectLimits
{
    /// <summary>Bytes of one line of a control file, a process map or a file list.</summary>
    public const int LineBytes = 1024 * 1024;

    /// <summary>Bytes of dpkg's status file.</summary>
    public const long StatusBytes = 512L * 1024 * 1024;

    /// <summary>Bytes of one package index, decompressed.</summary>
    public const long IndexBytes = 1024L * 1024 * 1024;

    /// <summary>Bytes of a small file that is read whole (<c>os-release</c>, a release file's head, sources lists).</summary>
    public const int SmallFileBytes = 1024 * 1024;

    /// <summary>Packages of one machine.</summary>
    public const int Packages = 100_000;

    /// <summary>Package indexes of one machine.</summary>
    public const int Indexes = 500;

    /// <summary>Versions of one package name that one index may hold.</summary>
    public const int VersionsPerName = 64;

    /// <summary>Processes looked at.</summary>
    public const int Processes = 65_536;

    /// <summary>Distinct mapped files of all processes.</summary>
    public const int MappedFiles = 100_000;

    /// <summary>Open files of one process looked at for sockets.</summary>
    public const int OpenFilesPerProcess = 65_536;

    /// <summary>Rows of one socket table.</summary>
    public const int Sockets = 200_000;

    /// <summary>Outdated processes reported; more are counted in a failure.</summary>
    public const int OutdatedProcesses = 2_000;

    /// <summary>Listening sockets reported.</summary>
    public const int ListeningSockets = 5_000;

    /// <summary>Paths the journal of mapped paths keeps.</summary>
    public const int JournalPaths = 20_000;

    /// <summary>Bytes of one file in the state folder.</summary>
    public const long StateFileBytes = 32L * 1024 * 1024;

    /// <summary>Bytes of apt's history read when an origin is in doubt, decompressed.</summary>
    public const long HistoryBytes = 64L * 1024 * 1024;

    /// <summary>Faults quoted in one failure; the others are counted.</summary>
    public const int FaultsQuoted = 3;

    /// <summary>Characters of one failure's reason.</summary>
    public const int ReasonCharacters = 1_000;
}
