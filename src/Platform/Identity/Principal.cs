using Suture.Contracts.Api;

namespace Suture.Platform.Identity;

/// <summary>The set of groups whose assets a principal may see or act on. An argument of every query, count, event and approval.</summary>
public sealed record Scope
{
    private readonly HashSet<Guid>? _groups;

    private Scope(HashSet<Guid>? groups) => _groups = groups;

    /// <summary>Everything. For the server's own work (matching, planning), and principals that were given all groups.</summary>
    public static Scope All { get; } = new((HashSet<Guid>?)null);

    /// <summary>Nothing.</summary>
    public static Scope None { get; } = new([]);

    /// <summary>True when every group is in scope, also groups made later.</summary>
    public bool IsAll => _groups is null;

    /// <summary>Groups in scope; empty when <see cref="IsAll"/>.</summary>
    public IReadOnlyCollection<Guid> Groups => _groups ?? [];

    /// <summary>A scope of some groups.</summary>
    /// <param name="groups">Group ids; may be empty.</param>
    public static Scope Of(IEnumerable<Guid> groups) => new([.. groups]);

    /// <summary>True when assets of the group are in scope.</summary>
    /// <param name="group">Group id.</param>
    public bool Contains(Guid group) => _groups is null || _groups.Contains(group);

    /// <summary>What both allow.</summary>
    /// <param name="other">The other scope.</param>
    public Scope Intersect(Scope other) =>
        IsAll ? other : other.IsAll ? this : Of(_groups!.Where(other.Contains));
}

/// <summary>Who asks.</summary>
public sealed record Principal
{
    /// <summary>As the ledger names it: <c>user:anna</c>.</summary>
    public required string Actor { get; init; }

    /// <summary>User name.</summary>
    public required string Name { get; init; }

    /// <summary>Roles in force for this call: the token's, cut with the user's own.</summary>
    public required IReadOnlySet<Role> Roles { get; init; }

    /// <summary>Scope in force for this call: the token's, cut with the user's own.</summary>
    public required Scope Scope { get; init; }
}
