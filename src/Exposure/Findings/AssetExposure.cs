using Suture.Contracts.Api;
using Suture.Contracts.Inventory;
using Suture.Inventory;

namespace Suture.Exposure.Findings;

/// <summary>What is known of one asset's exposure, by its last report and the feeds in force. Immutable.</summary>
public sealed record AssetExposure
{
    /// <summary>The asset as it was when it was matched: name, group, environment, context.</summary>
    public required AssetRecord Asset { get; init; }

    /// <summary>The asset's id.</summary>
    public Guid AssetId => Asset.Id;

    /// <summary>Report it rests on.</summary>
    public required Guid ReportId { get; init; }

    /// <summary>Boot it was read in.</summary>
    public required string BootId { get; init; }

    /// <summary>When the facts were read on the asset.</summary>
    public required DateTimeOffset TakenUtc { get; init; }

    /// <summary>When the server received them.</summary>
    public required DateTimeOffset ReceivedUtc { get; init; }

    /// <summary>Job after which the report was taken; null for one by schedule.</summary>
    public Guid? AfterJob { get; init; }

    /// <summary>When it was matched.</summary>
    public required DateTimeOffset MatchedUtc { get; init; }

    /// <summary>Digest of the feeds it was matched against.</summary>
    public required string FeedsDigest { get; init; }

    /// <summary>Codename of the release; null when unknown.</summary>
    public string? Release { get; init; }

    /// <summary>Open findings (<c>affected</c>, <c>pending_effect</c>), highest risk first; ties by vulnerability, package, architecture.</summary>
    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>What could not be known.</summary>
    public required IReadOnlyList<UnknownItem> Unknown { get; init; }

    /// <summary>Packages of the report; null when unknown.</summary>
    public IReadOnlyList<InstalledPackage>? Packages { get; init; }

    /// <summary>State of the report.</summary>
    public required MachineState State { get; init; }

    /// <summary>When each open episode was detected, by its key; findings without an entry were detected at <see cref="MatchedUtc"/>.</summary>
    public required IReadOnlyDictionary<EpisodeKey, DateTimeOffset> DetectedUtc { get; init; }

    /// <summary>The report as the inventory gave it.</summary>
    internal AssetFacts ToFacts() => new()
    {
        ReportId = ReportId,
        BootId = BootId,
        TakenUtc = TakenUtc,
        ReceivedUtc = ReceivedUtc,
        AfterJob = AfterJob,
        Release = Release,
        Packages = Packages,
        State = State,
    };
}

/// <summary>What an episode is about, within one asset.</summary>
/// <param name="Release">Codename.</param>
/// <param name="Source">Source package.</param>
/// <param name="Vulnerability">CVE or unrated id.</param>
public readonly record struct EpisodeKey(string Release, string Source, string Vulnerability);
