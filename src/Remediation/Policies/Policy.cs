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

/// <summary>When a change may run: on these days, from start to end (half-open) by the clock of a zone. An end at or before the start lies on the next day.</summary>
internal sealed record PlanWindow
{
    /// <summary>IANA zone id.</summary>
    public required string Zone { get; init; }

    /// <summary>Days on which it starts, <c>mon</c> to <c>sun</c>, in the order of the week.</summary>
    public required IReadOnlyList<string> Days { get; init; }

    /// <summary><c>HH:mm</c>.</summary>
    public required string Start { get; init; }

    /// <summary><c>HH:mm</c>.</summary>
    public required string End { get; init; }
}
