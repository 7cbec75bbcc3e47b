namespace Suture.Contracts.Api;

/// <summary>The chain from a feed record to an asset, or why there is none.</summary>
public sealed record Explanation
{
    /// <summary>Vulnerability asked for.</summary>
    public required string Vulnerability { get; init; }

    /// <summary>Asset; null when asked without one.</summary>
    public string? Asset { get; init; }

    /// <summary>The answer in one sentence.</summary>
    public required string Verdict { get; init; }

    /// <summary>Steps in order: feed record, match, exposure, risk, deadline, plan, job, evidence.</summary>
    public required IReadOnlyList<ExplanationStep> Steps { get; init; }
}

/// <summary>One step of an explanation.</summary>
public sealed record ExplanationStep
{
    /// <summary>Stage, <c>advisory</c>, <c>match</c>, <c>risk</c>.</summary>
    public required string Stage { get; init; }

    /// <summary>What was found.</summary>
    public required string Text { get; init; }

    /// <summary>Where from; null when computed here.</summary>
    public string? Source { get; init; }
}
