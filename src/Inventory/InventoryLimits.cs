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

    /// <summary>Requests of one agent at once, after a time without; then <see cref="AgentRequestsPerSecond"/>. An agent at rest sends three a minute.</summary>
    public const int AgentRequestsBurst = 120;

    /// <summary>Requests of one agent a second, over time.</summary>
    public const int AgentRequestsPerSecond = 2;

    /// <summary>Bytes of one agent's messages, unpacked, at once: two of the largest reports. What is over is paid back before the next request.</summary>
    public const int AgentBytesBurst = 2 * ReportBytesMax;

    /// <summary>Bytes of one agent's messages, unpacked, a second, over time: the largest report every 32 s.</summary>
    public const int AgentBytesPerSecond = 512 * 1024;

    /// <summary>Requests of one agent on their way at the same time; the agent has one poll, one report, one result and one renewal at the most.</summary>
    public const int AgentRequestsAtOnce = 8;

    /// <summary>Bytes as they travel from which a message is large: an agent has one of them on its way.</summary>
    public const int LargeWireBytes = 256 * 1024;

    /// <summary>Bytes unpacked from which a message is large.</summary>
    public const int LargeBytes = 1024 * 1024;

    /// <summary>Bytes of reports, unpacked, that are read at the same time, of all agents together; more wait for their turn.</summary>
    public const int ReportBytesAtOnce = 2 * ReportBytesMax;

    /// <summary>Longest time to come back that a refused agent is told, seconds.</summary>
    public const int AgentRetrySecondsMax = 300;

    /// <summary>Connections of one agent that are answered; the agent has one, and two around a renewal.</summary>
    public const int AgentConnectionsMax = 8;

    /// <summary>Connections of one agent after which one more is closed unheard.</summary>
    public const int AgentConnectionsHardMax = 16;

    /// <summary>Connections of the agents' port, all agents together: more than the polls that one node holds.</summary>
    public const int AgentPortConnectionsMax = 20_000;

    /// <summary>Handshakes of one address at once, after a time without; then <see cref="AddressHandshakesPerSecond"/>.</summary>
    public const int AddressHandshakesBurst = 100;

    /// <summary>Handshakes of one address a second, over time.</summary>
    public const int AddressHandshakesPerSecond = 20;

    /// <summary>Connections of one address that show no certificate: those that enrol.</summary>
    public const int AddressUnnamedMax = 64;

    /// <summary>Bytes of one text, name or number of a message, with its escapes.</summary>
    public const int JsonTokenBytesMax = 64 * 1024;

    /// <summary>Characters of a context value.</summary>
    public const int ContextValueLengthMax = 200;

    /// <summary>How far an agent's clock may be ahead before its time is replaced by ours.</summary>
    public static readonly TimeSpan ClockAheadMax = TimeSpan.FromMinutes(5);

    /// <summary>Longest that a connection waits for its handshake when its address has too many; one that would wait longer is closed.</summary>
    public static readonly TimeSpan AddressWaitMax = TimeSpan.FromSeconds(5);

    /// <summary>How often agents and addresses that sent nothing lately are forgotten.</summary>
    public static readonly TimeSpan AgentSharesSweptEvery = TimeSpan.FromMinutes(1);

    /// <summary>How often the log tells that an agent is refused because it sends too much.</summary>
    public static readonly TimeSpan AgentRefusalsToldEvery = TimeSpan.FromMinutes(1);

    /// <summary>How old the facts of a report may be before its time is replaced by ours.</summary>
    public static readonly TimeSpan ReportAgeMax = TimeSpan.FromDays(7);
}
