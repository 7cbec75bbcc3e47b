namespace Suture.Agent.Jobs;

/// <summary>Bounds of jobs and of what they cause.</summary>
internal static class JobLimits
{
    /// <summary>Most bytes of a job's payload.</summary>
    public const int PayloadBytesMax = 64 * 1024;

    /// <summary>Most packages in one job.</summary>
    public const int PackagesMax = 200;

    /// <summary>Most units in one job.</summary>
    public const int UnitsMax = 50;

    /// <summary>Most jobs that wait on this machine; the server offers no more in one answer.</summary>
    public const int WaitingMax = 10;

    /// <summary>Longest package name, version or unit name.</summary>
    public const int NameLengthMax = 255;

    /// <summary>How far this machine's clock may be behind the server's before a job counts as not yet due.</summary>
    public static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(2);

    /// <summary>Most bytes of one line of the journal.</summary>
    public const int JournalLineBytesMax = 256 * 1024;

    /// <summary>Bytes from which the journal is compacted at a start.</summary>
    public const long JournalCompactFromBytes = 1024 * 1024;

    /// <summary>Ids of ended jobs that are remembered.</summary>
    public const int EndedJobsRemembered = 10_000;

    /// <summary>How often a change is begun for one job: once, and once more when the first was cut off.</summary>
    public const int AttemptsMax = 2;

    /// <summary>Most bytes of kept package files; the oldest go first.</summary>
    public const long KeptBytesMax = 2L * 1024 * 1024 * 1024;

    /// <summary>Most kept package files; the oldest go first.</summary>
    public const int KeptFilesMax = 500;

    /// <summary>Longest sentence about a result.</summary>
    public const int DetailLengthMax = 2_000;

    /// <summary>How long another package manager is waited for.</summary>
    public static readonly TimeSpan LockWait = TimeSpan.FromMinutes(10);

    /// <summary>For how long indexes that this agent refreshed are taken as they are by the jobs that follow, while they hold what those want.</summary>
    public static readonly TimeSpan FreshIndexes = TimeSpan.FromMinutes(1);

    /// <summary>How long the indexes may take to be refreshed.</summary>
    public static readonly TimeSpan RefreshTime = TimeSpan.FromMinutes(10);

    /// <summary>How long packages may take to arrive.</summary>
    public static readonly TimeSpan DownloadTime = TimeSpan.FromMinutes(60);

    /// <summary>How long the change itself may take; then it is interrupted, and repaired.</summary>
    public static readonly TimeSpan ChangeTime = TimeSpan.FromMinutes(90);

    /// <summary>How long a query of dpkg, apt or systemd may take.</summary>
    public static readonly TimeSpan QueryTime = TimeSpan.FromMinutes(2);

    /// <summary>How long a unit may take to restart.</summary>
    public static readonly TimeSpan RestartTime = TimeSpan.FromMinutes(5);

    /// <summary>How long a machine may take to go down for a reboot before the job counts as failed.</summary>
    public static readonly TimeSpan RebootTime = TimeSpan.FromMinutes(10);
}
