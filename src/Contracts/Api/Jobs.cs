using System.Text.Json.Serialization;
using Suture.Contracts.Jobs;

namespace Suture.Contracts.Api;

/// <summary>State of a job.</summary>
/// <remarks>1 belonged to a state that no job ever had, and stays free.</remarks>
[JsonConverter(typeof(SnakeCase<JobState>))]
public enum JobState
{
    /// <summary>May be fetched.</summary>
    Ready = 2,
    /// <summary>Leased to the agent.</summary>
    Leased = 3,
    /// <summary>The agent says it is done; no fresh report proves it yet.</summary>
    Unproven = 4,
    /// <summary>A fresh report shows the fix installed and in effect.</summary>
    Verified = 5,
    /// <summary>A fresh report shows it installed, old code still running.</summary>
    PendingEffect = 6,
    /// <summary>It failed or was refused.</summary>
    Failed = 7,
    /// <summary>Its time ran out before an agent took it.</summary>
    Expired = 8,
    /// <summary>Taken back before an agent took it: the policy approved it for what the asset was then; the evidence says what changed.</summary>
    Withdrawn = 9,
}

/// <summary>A job in a list.</summary>
public sealed record JobRow
{
    /// <summary>Id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Plan; null for a report that a person asked for.</summary>
    public Guid? Plan { get; init; }

    /// <summary>Asset.</summary>
    public required Guid Asset { get; init; }

    /// <summary>Its name.</summary>
    public required string AssetName { get; init; }

    /// <summary>Verb.</summary>
    public required JobVerb Verb { get; init; }

    /// <summary>What it does, in words.</summary>
    public required string Title { get; init; }

    /// <summary>State.</summary>
    public required JobState State { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedUtc { get; init; }

    /// <summary>Not to be begun before: when its window opens, else when it was made.</summary>
    public required DateTimeOffset NotBeforeUtc { get; init; }

    /// <summary>Not to be begun at or after; an agent that has not taken it by then never will.</summary>
    public required DateTimeOffset ExpiresUtc { get; init; }

    /// <summary>When an agent took it; null before.</summary>
    public DateTimeOffset? LeasedUtc { get; init; }

    /// <summary>The agent's result; null before.</summary>
    public JobResult? Result { get; init; }

    /// <summary>What the fresh report showed; null before.</summary>
    public string? Evidence { get; init; }

    /// <summary>Report that showed it; null before.</summary>
    public Guid? EvidenceReport { get; init; }
}
