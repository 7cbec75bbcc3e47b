namespace Suture.Inventory;

/// <summary>What happened here that later stages of the loop act on (kinds of work items).</summary>
public static class InventoryWork
{
    /// <summary>A report that changes something, or that proves a job, was stored; or group, context or state of the asset changed. Subject: asset id, format "N".
    /// Handled by <c>MatchAsset</c>.</summary>
    public const string AssetChanged = "inventory.asset-changed";

    /// <summary>Software or package indexes of an asset changed. Subject: codename of the release, <c>bookworm</c>. Due <see cref="SoftwareChangedDelay"/> later,
    /// so that a wave of reports is one piece of work. Handled by <c>ReadArchive</c>.</summary>
    public const string SoftwareChanged = "inventory.software-changed";

    /// <summary>How long <see cref="SoftwareChanged"/> waits for more of the same.</summary>
    public static readonly TimeSpan SoftwareChangedDelay = TimeSpan.FromSeconds(2);
}
