using Suture.Contracts.Api;
using Suture.Contracts.Inventory;
using Suture.Inventory.Assets;

namespace Suture.Inventory.Reports;

/// <summary>What to do with a report.</summary>
internal enum ReportVerdict
{
    /// <summary>Store it.</summary>
    Store = 1,
    /// <summary>Ask for everything.</summary>
    FullWanted = 2,
    /// <summary>Say that it is here already.</summary>
    AlreadyStored = 3,
    /// <summary>Two hold this identity: quarantine the asset.</summary>
    Quarantine = 4,
    /// <summary>The asset is quarantined: take nothing.</summary>
    Quarantined = 5,
    /// <summary>Ask for everything, and note the boot that spoke.</summary>
    Claimed = 6,
}

/// <summary>What the store knows when a report comes.</summary>
internal sealed record ReportHistory
{
    /// <summary>The asset.</summary>
    public required AssetStored Asset { get; init; }

    /// <summary>True when a report of this boot and sequence is stored.</summary>
    public required bool HasSame { get; init; }

    /// <summary>Digests of that report.</summary>
    public string? SameSoftwareDigest { get; init; }

    /// <summary>Digests of that report.</summary>
    public string? SameStateDigest { get; init; }

    /// <summary>True when this boot has reported before.</summary>
    public required bool IsKnownBoot { get; init; }

    /// <summary>Lowest sequence of this boot that is kept; null when none is.</summary>
    public long? OldestSequence { get; init; }

    /// <summary>Sequence of this boot's first report; null when there was none, or it is not known.</summary>
    public long? FirstSequence { get; init; }

    /// <summary>First sequence of the boots that came after this one; null when none did, or none is known.</summary>
    public long? NextBootSequence { get; init; }

    /// <summary>A boot that spoke with a number that does not follow; null when none waits to be believed.</summary>
    public string? ClaimedBoot { get; init; }

    /// <summary>The number it spoke with.</summary>
    public long? ClaimedSequence { get; init; }
}

/// <summary>The state machine of an asset's reports (design decision 7): values in, verdict out.</summary>
/// <remarks>
/// One agent counts its reports up, over boots, and a boot once left never comes back. Hence, in this order:
/// (1) the same boot and sequence with the same digests is a repetition, with other digests a second holder;
/// (2) a boot that was left and comes back shows a second holder (A, B, A), but for a report whose number lies before the first of the boots after it: that one came late;
/// (3) within the current boot a sequence below those kept shows a second holder, one that was skipped, or is from before the boot's first, a report that came late: everything is asked for;
/// (4) a new boot whose sequence does not follow counts only when it speaks a second time, with everything in it: the disk was set back, or its first report came late and is alone;
/// (5) a difference counts only on the software the server has, an omitted part only when its digest is the one the server has.
/// </remarks>
internal static class DecideReport
{
    public static (ReportVerdict Verdict, string? Detail) Decide(ReportHistory history, AssetReport report)
    {
        var asset = history.Asset;
        if (asset.State == AssetState.Quarantined)
        {
            return (ReportVerdict.Quarantined, QuarantinedDetail);
        }
        if (history.HasSame)
        {
            return history.SameSoftwareDigest == report.SoftwareDigest && history.SameStateDigest == report.StateDigest
                ? (ReportVerdict.AlreadyStored, null)
                : (ReportVerdict.Quarantine, "sequence used twice with different content");
        }
        return report.BootId == asset.BootId ? DecideSameBoot(history, report) : DecideOtherBoot(history, report);
    }

    public const string QuarantinedDetail = "Two hold the identity of this asset; a person must release or retire it.";

    private static (ReportVerdict Verdict, string? Detail) DecideSameBoot(ReportHistory history, AssetReport report)
    {
        if (report.Sequence > history.Asset.Sequence)
        {
            return DecideContent(history.Asset, report);
        }
        return report.Sequence < (history.OldestSequence ?? long.MaxValue) && !(report.Sequence < history.FirstSequence)
            ? (ReportVerdict.Quarantine, "sequence went back within one boot")
            : (ReportVerdict.FullWanted, $"Sequence {report.Sequence} comes after {history.Asset.Sequence}; send everything under the next number.");
    }

    private static (ReportVerdict Verdict, string? Detail) DecideOtherBoot(ReportHistory history, AssetReport report)
    {
        if (history.IsKnownBoot)
        {
            return report.Sequence < history.NextBootSequence
                ? (ReportVerdict.FullWanted, $"Sequence {report.Sequence} of an earlier boot came late; send everything.")
                : (ReportVerdict.Quarantine, "a boot came back after another was seen");
        }
        if (report.Sequence > history.Asset.Sequence)
        {
            return DecideContent(history.Asset, report);
        }
        return IsFull(report) && history.ClaimedBoot == report.BootId && report.Sequence > history.ClaimedSequence
            ? (ReportVerdict.Store, null)
            : (ReportVerdict.Claimed, $"Sequence {report.Sequence} of a new boot does not follow {history.Asset.Sequence}; send everything under the next number.");
    }

    private static (ReportVerdict Verdict, string? Detail) DecideContent(AssetStored asset, AssetReport report)
    {
        if (IsFull(report))
        {
            return (ReportVerdict.Store, null);
        }
        if (asset.FullWanted != 0)
        {
            return (ReportVerdict.FullWanted, "The server asks for everything.");
        }
        if (report.SoftwareDelta is not null && report.BaseDigest != asset.SoftwareDigest)
        {
            return (ReportVerdict.FullWanted, "The software that the difference starts from is not what the server has last.");
        }
        if (report.Software is null && report.SoftwareDelta is null && report.SoftwareDigest != asset.SoftwareDigest && report.SoftwareDigest is not null)
        {
            return (ReportVerdict.FullWanted, "The software is not sent and its digest is not the one the server has last.");
        }
        return report.State is null && report.StateDigest != asset.StateDigest
            ? (ReportVerdict.FullWanted, "The state is not sent and its digest is not the one the server has last.")
            : (ReportVerdict.Store, null);
    }

    /// <summary>True when the report needs nothing that the server has. Software that is unknown is complete: there is nothing to send.</summary>
    private static bool IsFull(AssetReport report) => report.State is not null && (report.Software is not null || report.SoftwareDigest is null);
}
