namespace Suture.Compliance;

/// <summary>What compliance looks at of one episode (from <c>exposure_episode_v</c>).</summary>
internal sealed record EpisodeFigures
{
    public required Guid AssetId { get; init; }

    public required DateTimeOffset DetectedUs { get; init; }

    public DateTimeOffset? VerifiedUs { get; init; }

    public DateTimeOffset? ClosedUs { get; init; }

    /// <summary>As in the store; <see cref="FixedInEffect"/> alone is remediation.</summary>
    public int? ClosedReason { get; init; }

    /// <summary>ISO date; null when no rule sets one.</summary>
    public string? DeadlineDay { get; init; }

    /// <summary>0 or 1.</summary>
    public int IsAssumed { get; init; }

    internal const int FixedInEffect = 1;

    internal bool IsOpen => ClosedUs is null;

    internal bool IsRemediated => ClosedReason == FixedInEffect && VerifiedUs is not null;

    /// <summary>From detection to the report that proved the fix; null when it was not remediated.</summary>
    internal TimeSpan? DetectionToVerified => IsRemediated ? VerifiedUs!.Value - DetectedUs : null;
}
