using System.Text.Json.Serialization;

namespace Suture.Contracts.Api;

/// <summary>Whether deadlines are kept, as far as that is known.</summary>
[JsonConverter(typeof(SnakeCase<ComplianceStatus>))]
public enum ComplianceStatus
{
    /// <summary>Everything that could show the contrary is known, and no open episode is past its deadline. Deadlines may lie ahead.</summary>
    Compliant = 1,
    /// <summary>An open episode is past its deadline, whatever else is unknown.</summary>
    Overdue = 2,
    /// <summary>None is known to be past its deadline, but something is unknown: never counted as compliant.</summary>
    Unknown = 3,
}

/// <summary>What a rule does for compliance.</summary>
[JsonConverter(typeof(SnakeCase<RuleKind>))]
public enum RuleKind
{
    /// <summary>It sets the deadline: a row of CISA BOD 26-04, or the due date of the KEV catalogue.</summary>
    Deadline = 1,
    /// <summary>It is the rule of the policy in force that decides on the fix.</summary>
    Policy = 2,
}

/// <summary>Counts of open episodes. An episode is one vulnerability of one source package on one asset; the findings of one episode are as many as the
/// packages that the source is installed as, so findings are more.</summary>
public sealed record EpisodeCounts
{
    /// <summary>Open episodes.</summary>
    public required int Open { get; init; }

    /// <summary>Of <see cref="Open"/>: past the deadline. An episode is overdue from the day after it, by the UTC calendar.</summary>
    public required int Overdue { get; init; }

    /// <summary>Of <see cref="Overdue"/>: by a deadline that rests on an assumed fact.</summary>
    public required int OverdueAssumed { get; init; }

    /// <summary>Of <see cref="Open"/>: with a deadline, dated or not, that rests on an assumed fact.</summary>
    public required int Assumed { get; init; }

    /// <summary>The next deadline that is not past; null when none lies ahead.</summary>
    public DateOnly? NextDue { get; init; }
}

/// <summary>How well a scope keeps its deadlines, and how long remediation takes.</summary>
public sealed record ComplianceSummary
{
    /// <summary>Instant it speaks of.</summary>
    public required DateTimeOffset AtUtc { get; init; }

    /// <summary>Name of the policy in force.</summary>
    public required string Policy { get; init; }

    /// <summary>Feeds in force that findings and deadlines rest on, with their age; ordered by name.</summary>
    public required IReadOnlyList<FeedAge> Feeds { get; init; }

    /// <summary>Assets by status; retired ones are not counted.</summary>
    public required ComplianceAssets Assets { get; init; }

    /// <summary>Open episodes of these assets.</summary>
    public required EpisodeCounts Episodes { get; init; }

    /// <summary>Open findings of these assets, of every status, as <c>GET /assets</c> counts them: one a package, where an episode is one a source.</summary>
    public required int OpenFindings { get; init; }

    /// <summary>What was remediated within the window asked for.</summary>
    public required RemediationFigures Remediated { get; init; }
}

/// <summary>Assets by status; each is in one number.</summary>
public sealed record ComplianceAssets
{
    /// <summary>With status <see cref="ComplianceStatus.Compliant"/>.</summary>
    public required int Compliant { get; init; }

    /// <summary>With status <see cref="ComplianceStatus.Overdue"/>.</summary>
    public required int Overdue { get; init; }

    /// <summary>With status <see cref="ComplianceStatus.Unknown"/>.</summary>
    public required int Unknown { get; init; }
}

/// <summary>Remediation within a window. Removal, retirement and a publisher's change of mind are not remediation; open episodes are not counted.</summary>
public sealed record RemediationFigures
{
    /// <summary>Start of the window, included.</summary>
    public required DateTimeOffset StartUtc { get; init; }

    /// <summary>End of the window, excluded.</summary>
    public required DateTimeOffset EndUtc { get; init; }

    /// <summary>Episodes that ended fixed in effect, by a report received within the window.</summary>
    public required int Episodes { get; init; }

    /// <summary>Median seconds, by nearest rank, from detection to the report that proved the fix; null when there is no such episode.</summary>
    public double? DetectionToVerifiedP50Seconds { get; init; }

    /// <summary>90th percentile of the same.</summary>
    public double? DetectionToVerifiedP90Seconds { get; init; }
}

/// <summary>One asset's compliance.</summary>
public sealed record AssetCompliance
{
    /// <summary>Asset.</summary>
    public required Guid Asset { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its group.</summary>
    public required string Group { get; init; }

    /// <summary>Its environment.</summary>
    public required string Environment { get; init; }

    /// <summary>Status over all rules.</summary>
    public required ComplianceStatus Status { get; init; }

    /// <summary>All its open episodes.</summary>
    public required EpisodeCounts Episodes { get; init; }

    /// <summary>Its open findings, of every status.</summary>
    public required int OpenFindings { get; init; }

    /// <summary>One a rule that speaks of an open episode: deadline rules first, then the policy's; by name, those without a name last. Each episode is
    /// under one rule of each kind, so the counts of one kind add up to <see cref="Episodes"/>.</summary>
    public required IReadOnlyList<RuleCompliance> Rules { get; init; }

    /// <summary>How many things are unknown of it; any of them keeps it from being compliant.</summary>
    public required int UnknownItems { get; init; }

    /// <summary>The first of these with their reasons, those of the whole asset before those of a package; at most 20.</summary>
    public required IReadOnlyList<UnknownItem> Unknown { get; init; }
}

/// <summary>One asset's compliance with one rule.</summary>
public sealed record RuleCompliance
{
    /// <summary>What the rule does.</summary>
    public required RuleKind Kind { get; init; }

    /// <summary>Name of the rule, <c>CISA BOD 26-04 row 9</c>, <c>CISA KEV due date</c>, or as the policy names it; null for the episodes of which no rule
    /// of this kind speaks, or of which it cannot be known.</summary>
    public string? Rule { get; init; }

    /// <summary>Status by the episodes under this rule, and by what is unknown of the asset.</summary>
    public required ComplianceStatus Status { get; init; }

    /// <summary>Open episodes under it.</summary>
    public required EpisodeCounts Episodes { get; init; }
}
