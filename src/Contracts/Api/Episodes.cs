namespace Suture.Contracts.Api;

/// <summary>An episode with its clocks.</summary>
public sealed record EpisodeRow
{
    /// <summary>Asset.</summary>
    public required Guid Asset { get; init; }

    /// <summary>Release.</summary>
    public required string Release { get; init; }

    /// <summary>Source package.</summary>
    public required string Source { get; init; }

    /// <summary>Vulnerability.</summary>
    public required string Vulnerability { get; init; }

    /// <summary>When the advisory was published; null when not stated.</summary>
    public DateTimeOffset? PublishedUtc { get; init; }

    /// <summary>When this server first saw it on the asset.</summary>
    public required DateTimeOffset DetectedUtc { get; init; }

    /// <summary>When a plan first carried it.</summary>
    public DateTimeOffset? PlannedUtc { get; init; }

    /// <summary>When that plan was approved.</summary>
    public DateTimeOffset? ApprovedUtc { get; init; }

    /// <summary>When its job went to the agent.</summary>
    public DateTimeOffset? DispatchedUtc { get; init; }

    /// <summary>When a report first showed the fixed version installed.</summary>
    public DateTimeOffset? InstalledUtc { get; init; }

    /// <summary>When a report showed it in effect.</summary>
    public DateTimeOffset? VerifiedUtc { get; init; }

    /// <summary>When it closed; null while open.</summary>
    public DateTimeOffset? ClosedUtc { get; init; }

    /// <summary>Why it closed: fixed_in_effect, removed, not_affected, advisory_changed, asset_retired; null while open.</summary>
    public string? ClosedReason { get; init; }
}
