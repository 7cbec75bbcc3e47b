namespace Suture.Exposure;

/// <summary>What happened in this module, as the next stage's work is called.</summary>
public static class ExposureWork
{
    /// <summary>An asset was matched and ranked against its last report and the feeds in force; subject is the asset id in format <c>N</c>. Handled by
    /// <c>VerifyAsset</c>.</summary>
    public const string AssetJudged = "exposure.asset-judged";

    /// <summary>Other feeds change what is known of an asset; subject is the asset id in format <c>N</c>. This module's own next step.
    /// Handled by <c>RematchAsset</c>.</summary>
    public const string AssetOutdated = "exposure.asset-outdated";
}
