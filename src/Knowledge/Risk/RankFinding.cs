using Suture.Contracts.Api;

namespace Suture.Knowledge.Risk;

/// <summary>What is known of the asset and of the package on it, as ranking needs it. Null is "not known".</summary>
public sealed record RankContext
{
    /// <summary>Environment, <c>production</c>; null when not stated.</summary>
    public string? Environment { get; init; }

    /// <summary>Business criticality, 1 to 5.</summary>
    public int? Criticality { get; init; }

    /// <summary>Data sensitivity, 1 to 5.</summary>
    public int? Sensitivity { get; init; }

    /// <summary>Reachable from the internet.</summary>
    public bool? IsInternetFacing { get; init; }

    /// <summary>A running process maps or executes a file of the package.</summary>
    public bool? IsInUse { get; init; }

    /// <summary>A process of the package, or one that maps it, listens beyond loopback.</summary>
    public bool? IsListening { get; init; }

    /// <summary>Day as of which it is ranked.</summary>
    public required DateOnly AsOf { get; init; }

    /// <summary>Day from which deadlines count: the day the finding was detected; null takes <see cref="AsOf"/>.</summary>
    public DateOnly? DetectedOn { get; init; }
}

/// <summary>Risk and deadline of one finding.</summary>
/// <param name="Risk">Risk with reasons that sum exactly.</param>
/// <param name="Deadline">Deadline with the rule that set it; null for an unrated update.</param>
public sealed record Ranking(RiskScore Risk, Deadline? Deadline);
