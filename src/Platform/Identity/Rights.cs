using Suture.Contracts.Api;

namespace Suture.Platform.Identity;

/// <summary>Roles and scope together: what a user, a token or a call may do.</summary>
internal sealed record Rights(IReadOnlySet<Role> Roles, Scope Scope)
{
    /// <summary>What both allow.</summary>
    internal Rights Cut(Rights other) => new(Roles.Where(other.Roles.Contains).ToHashSet(), Scope.Intersect(other.Scope));

    /// <summary>Bits as the store keeps them: bit (role - 1).</summary>
    internal static int ToBits(IEnumerable<Role> roles) => roles.Aggregate(0, (bits, role) => bits | 1 << ((int)role - 1));

    /// <summary>Roles of stored bits; bits that this build does not know give nothing.</summary>
    internal static IReadOnlySet<Role> FromBits(int bits) => Enum.GetValues<Role>().Where(role => (bits & 1 << ((int)role - 1)) != 0).ToHashSet();
}
