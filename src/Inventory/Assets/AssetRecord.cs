using Suture.Contracts.Api;

namespace Suture.Inventory;

/// <summary>An asset as later stages see it.</summary>
public sealed record AssetRecord
{
    /// <summary>Id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Its place in sets: dense, from 1, never reused.</summary>
    public required int Ordinal { get; init; }

    /// <summary>Host name as last reported; not unique.</summary>
    public required string Name { get; init; }

    /// <summary>Group it is in.</summary>
    public required Guid GroupId { get; init; }

    /// <summary>Name of the group.</summary>
    public required string Group { get; init; }

    /// <summary>Environment: <c>production</c>, <c>staging</c>, <c>test</c> or <c>development</c>.</summary>
    public required string Environment { get; init; }

    /// <summary>True when the endpoint refuses every verb but <c>report-now</c>.</summary>
    public required bool ObservedOnly { get; init; }

    /// <summary>State.</summary>
    public required AssetState State { get; init; }

    /// <summary>When it was enrolled.</summary>
    public required DateTimeOffset EnrolledUtc { get; init; }

    /// <summary>Last sign of life (poll or report); null when none came since enrolment.</summary>
    public DateTimeOffset? LastSeenUtc { get; init; }

    /// <summary>Last report stored; null when none came.</summary>
    public Guid? ReportId { get; init; }

    /// <summary>When that report arrived.</summary>
    public DateTimeOffset? ReportedUtc { get; init; }

    /// <summary>Codename of its release, <c>bookworm</c>; null when unknown.</summary>
    public string? Release { get; init; }

    /// <summary>Digest of its software; null when unknown.</summary>
    public string? SoftwareDigest { get; init; }

    /// <summary>Digest of the set of approvers whose signatures its agent demands: the one it holds, else the one its group has for it. Null when none are demanded.</summary>
    public string? Approvers { get; init; }

    /// <summary>Context values in force, by key; of several sources the strongest (stated, imported, observed).</summary>
    public required IReadOnlyDictionary<string, ContextValue> Context { get; init; }

    /// <summary>True when there was no sign of life for longer than the limit: what is known of it may no longer hold.</summary>
    public bool IsSilent { get; init; }
}
