namespace Suture.Inventory;

/// <summary>Largest sizes and counts this module takes.</summary>
public static class InventoryLimits
{
    /// <summary>Body of enrolment and renewal, bytes.</summary>
    public const int EnrollBodyBytesMax = 16 * 1024;

    /// <summary>Body of a report as it travels, bytes.</summary>
    public const int ReportWireBytesMax = 4 * 1024 * 1024;

    /// <summary>Body of a report unpacked, bytes.</summary>
    public const int ReportBytesMax = 16 * 1024 * 1024;

    /// <summary>Unpacked bytes for each byte that travelled, beyond the first <see cref="ReportRatioFreeBytes"/>.</summary>
    public const int ReportRatioMax = 100;

    /// <summary>Unpacked bytes before <see cref="ReportRatioMax"/> counts.</summary>
    public const int ReportRatioFreeBytes = 64 * 1024;

    /// <summary>Seconds a report's body may take to arrive.</summary>
    public const int ReportArrivalSeconds = 60;

    /// <summary>Reports that wait for their turn; more are asked to come back.</summary>
    public const int ReportsWaitingMax = 1_000;

    /// <summary>Packages of a report, also after a difference was applied.</summary>
    public const int PackagesMax = 200_000;

    /// <summary>Entries of each other list of a report, unless a smaller one is stated.</summary>
    public const int ListEntriesMax = 100_000;

    /// <summary>Entries of short lists: disks, kernels, indexes, failures.</summary>
    public const int ShortListEntriesMax = 1_000;

    /// <summary>Characters of names, versions and labels.</summary>
    public const int NameLengthMax = 255;

    /// <summary>Characters of paths and reasons.</summary>
    public const int TextLengthMax = 4_096;

    /// <summary>Faults told of one report; the rest is counted.</summary>
    public const int FaultsToldMax = 100;

    /// <summary>Reports kept of an asset; older ones are removed, but see <see cref="ProvingReportsKept"/>.</summary>
    public const int ReportsKept = 50;

    /// <summary>Reports kept of an asset that were taken after a job and so may be evidence.</summary>
    public const int ProvingReportsKept = 500;

    /// <summary>Boots remembered of an asset.</summary>
    public const int BootsKept = 200;

    /// <summary>Assets counted for a list's total; beyond it the total is not told.</summary>
    public const int CountMax = 10_000;

    /// <summary>Enrolment tokens of one group that wait to be used.</summary>
    public const int TokensWaitingMax = 10_000;

    /// <summary>Certificates issued to one asset within a day.</summary>
    public const int CertificatesADayMax = 24;

    /// <summary>Addresses whose enrolment attempts are counted at the same time; when there are more, new ones wait for the next minute.</summary>
    public const int AddressesCountedMax = 10_000;

    /// <summary>Characters of a context value.</summary>
    public const int ContextValueLengthMax = 200;

    /// <summary>How far an agent's clock may be ahead before its time is replaced by ours.</summary>
    public static readonly TimeSpan ClockAheadMax = TimeSpan.FromMinutes(5);

    /// <summary>How old the facts of a report may be before its time is replaced by ours.</summary>
    public static readonly TimeSpan ReportAgeMax = TimeSpan.FromDays(7);
}
