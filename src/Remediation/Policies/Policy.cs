using Suture.Contracts.Approvals;

namespace Suture.Remediation.Policies;

/// <summary>A policy: an ordered list of rules. The first rule that matches a fix on an asset decides; a fix that none matches stays in the queue.</summary>
internal sealed record Policy
{
    public required string Name { get; init; }

    public required IReadOnlyList<PolicyRule> Rules { get; init; }

    /// <summary>SHA-256 of the text, lower-case hex.</summary>
    public required string Digest { get; init; }
}

internal sealed record PolicyRule
{
    public required string Name { get; init; }

    public required PolicyCondition When { get; init; }

    public required PolicyTreatment Then { get; init; }
}

/// <summary>All members that are present must hold; an empty condition matches everything.</summary>
internal sealed record PolicyCondition
{
    /// <summary>Environments, lower case; null when not asked.</summary>
    public IReadOnlySet<string>? Environments { get; init; }

    /// <summary>True when <see cref="Environments"/> are those it must not be.</summary>
    public bool EnvironmentsExcluded { get; init; }

    public bool? Critical { get; init; }

    public bool? Unrated { get; init; }

    public bool? Kev { get; init; }

    public int? DeadlineDaysAtMost { get; init; }

    public IReadOnlySet<string>? Sources { get; init; }

    public IReadOnlySet<string>? Groups { get; init; }
}

internal enum Treatment { Patch = 1, Review = 2, Ignore = 3 }

internal enum Approval { None = 1, Person = 2 }

internal sealed record PolicyTreatment
{
    public required Treatment Treatment { get; init; }

    public Approval Approval { get; init; } = Approval.Person;

    public PlanWindow? Window { get; init; }

    /// <summary>True when services that still run old code may be restarted.</summary>
    public bool Restart { get; init; }

    /// <summary>True when the machine may be rebooted.</summary>
    public bool Reboot { get; init; }
}
