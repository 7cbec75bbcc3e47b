namespace Suture.Compliance;

/// <summary>Bounds of this module.</summary>
internal static class ComplianceLimits
{
    /// <summary>Days of the window that remediation is looked at in, unless asked otherwise.</summary>
    internal const int WindowDaysDefault = 90;

    /// <summary>Days of that window at most.</summary>
    internal const int WindowDaysMax = 730;

    /// <summary>Assets whose counts the export holds at the same time.</summary>
    internal const int ExportBatchMax = 500;

    /// <summary>Unknown items named of one asset; all are counted.</summary>
    internal const int UnknownNamedMax = 20;
}
