using Suture.Contracts.Api;

namespace Suture.Exposure.Findings;

/// <summary>Why an episode ended (glossary). Only the first is remediation.</summary>
public enum EpisodeEnd
{
    /// <summary>A fresh report shows the fixed version installed and in effect.</summary>
    FixedInEffect = 1,
    /// <summary>No package of the source is left that is the distribution's.</summary>
    Removed = 2,
    /// <summary>The publisher's word does not apply to what is installed, for example to a kernel that is the host's.</summary>
    NotAffected = 3,
    /// <summary>The record was withdrawn, or its fixed version changed so that what is installed is not below it.</summary>
    AdvisoryChanged = 4,
    /// <summary>The asset is gone by a person's word.</summary>
    AssetRetired = 5,
}

/// <summary>A row of <c>exposure_episode</c>.</summary>
internal sealed record Episode
{
    public required Guid Id { get; init; }

    public required Guid AssetId { get; init; }

    public required string Release { get; init; }

    public required string Source { get; init; }

    public required string Vulnerability { get; init; }

    /// <summary>Binary packages through which it was last seen, each as <c>name:architecture</c>; comma separated, ordered.</summary>
    public required string Packages { get; init; }

    public required string FromVersion { get; init; }

    public required string FixedVersion { get; init; }

    public required FindingStatus Status { get; init; }

    public DateTimeOffset? PublishedUs { get; init; }

    public required DateTimeOffset DetectedUs { get; init; }

    public DateTimeOffset? PlannedUs { get; init; }

    public DateTimeOffset? ApprovedUs { get; init; }

    public DateTimeOffset? DispatchedUs { get; init; }

    public DateTimeOffset? InstalledUs { get; init; }

    public DateTimeOffset? VerifiedUs { get; init; }

    public DateTimeOffset? ClosedUs { get; init; }

    public EpisodeEnd? ClosedReason { get; init; }

    public string? ToVersion { get; init; }

    public Guid? OpenedReport { get; init; }

    public Guid? ClosedReport { get; init; }

    /// <summary>ISO date; null when no rule sets one.</summary>
    public string? DeadlineDay { get; init; }

    public string? DeadlineRule { get; init; }

    /// <summary>0 or 1.</summary>
    public int IsAssumed { get; init; }

    public long Version { get; init; }

    internal EpisodeKey Key => new(Release, Source, Vulnerability);

    /// <summary>The packages by name and architecture.</summary>
    internal IEnumerable<(string Name, string Architecture)> PackageList => Packages.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Split);

    internal IEnumerable<string> PackageNames => PackageList.Select(package => package.Name);

    private static (string Name, string Architecture) Split(string package)
    {
        var colon = package.LastIndexOf(':');
        return colon < 0 ? (package, "") : (package[..colon], package[(colon + 1)..]);
    }
}
