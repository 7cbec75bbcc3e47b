using Suture.Bench.Loop;

namespace Suture.Bench.Hostile;

/// <summary>One hostile message, and what it must be answered with.</summary>
internal sealed record HostileMessage
{
    /// <summary>What it is, in a few words.</summary>
    public required string Name { get; init; }

    /// <summary>The request.</summary>
    public required RawRequest Request { get; init; }

    /// <summary>Statuses that are right; 429 with a time to come back is always right besides.</summary>
    public required IReadOnlyList<int> Statuses { get; init; }

    /// <summary>Says what is wrong with an answer that is no refusal; null when nothing is looked at.</summary>
    public Func<RawAnswer, string?>? Check { get; init; }

    /// <summary>What the reason of a refusal must say, alternatives with a bar between; empty when the status is no refusal.</summary>
    public string Reason { get; init; } = "";
}

/// <summary>One attack: messages that a hostile agent with a valid certificate of its own sends in turn.</summary>
internal sealed record Attack
{
    /// <summary>What it is, in a few words.</summary>
    public required string Name { get; init; }

    /// <summary>Makes the messages; the identity is that of the attacker.</summary>
    public required Func<HostileContext, IReadOnlyList<HostileMessage>> Messages { get; init; }

    /// <summary>Connections; null for as many as the options say.</summary>
    public int? Connections { get; init; }

    /// <summary>True when as much as possible is sent.</summary>
    public bool IsFlood => Pipelined > 1;

    /// <summary>True when the attacker has a job of its own, and knows of another's.</summary>
    public bool HasJobs { get; init; }

    /// <summary>Messages that are written at once before their answers are read; 1 waits for each.</summary>
    public int Pipelined { get; init; } = 1;
}

/// <summary>What the attacker knows.</summary>
internal sealed record HostileContext
{
    /// <summary>Its identity.</summary>
    public required Joined Joined { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Assets of the honest.</summary>
    public required IReadOnlyList<Guid> Others { get; init; }

    /// <summary>Boot of an honest one.</summary>
    public required string OtherBoot { get; init; }

    /// <summary>A job of another.</summary>
    public Guid OtherJob { get; init; }

    /// <summary>A job of its own that it has taken.</summary>
    public Guid OwnJob { get; init; }

    /// <summary>Facts of a machine with updates that are not made.</summary>
    public required ReportContent Facts { get; init; }

    /// <summary>The fewest facts that make a report.</summary>
    public required ReportContent SmallFacts { get; init; }

    /// <summary>The moment.</summary>
    public required DateTimeOffset NowUtc { get; init; }
}
