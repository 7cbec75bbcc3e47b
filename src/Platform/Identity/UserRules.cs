using Suture.Contracts.Api;

namespace Suture.Platform.Identity;

/// <summary>Rules on names, passwords and rights. Pure.</summary>
internal static class UserRules
{
    /// <summary>Longest name of a user, group or token, in characters.</summary>
    internal const int NameLengthMax = 64;

    /// <summary>Shortest password, in characters.</summary>
    internal const int PasswordLengthMin = 12;

    /// <summary>Longest password or code that is looked at, in characters.</summary>
    internal const int PasswordLengthMax = 128;

    /// <summary>Most groups in one request.</summary>
    internal const int GroupsMax = 1000;

    /// <summary>True for 1 to <see cref="NameLengthMax"/> of letters, digits, dot, dash, underscore (ASCII, so that no two names look alike), not beginning with a dot or dash.</summary>
    internal static bool IsName(string name) =>
        name.Length is > 0 and <= NameLengthMax
        && name.All(unit => char.IsAsciiLetterOrDigit(unit) || unit is '.' or '-' or '_')
        && name[0] is not ('.' or '-');

    /// <summary>Why the name of a user is refused; null when it is good. Who else acts in the ledger and in plans is no user's name.</summary>
    internal static string? UserNameFault(string name) => name.ToLowerInvariant() is "policy" or "server" or "agent"
        ? $"'{name}' stands for what acts by itself in plans and in the ledger; choose another name."
        : NameFault(name);

    /// <summary>Why a name is refused; null when it is good.</summary>
    internal static string? NameFault(string name) => IsName(name)
        ? null
        : $"'{Shown(name)}' is no name: wanted are 1 to {NameLengthMax} of the letters a-z and A-Z, digits, dot, dash, underscore, beginning with a letter, digit or underscore.";

    /// <summary>Why a password is refused; null when it is good.</summary>
    internal static string? PasswordFault(string password, string userName)
    {
        if (password.Length is < PasswordLengthMin or > PasswordLengthMax)
        {
            return $"The password has {password.Length} characters; wanted are {PasswordLengthMin} to {PasswordLengthMax}.";
        }
        if (password.Contains(userName, StringComparison.OrdinalIgnoreCase))
        {
            return "The password contains the user name; choose one that does not.";
        }
        return password.Distinct().Count() < 5 ? "The password has fewer than 5 different characters; choose one that is harder to guess." : null;
    }

    /// <summary>Why a list of roles is refused; null when it is good.</summary>
    internal static string? RolesFault(IReadOnlyList<Role> roles) =>
        roles.Count == 0 ? $"No role is given; wanted is at least one of {string.Join(", ", Names(Enum.GetValues<Role>()))}."
        : roles.Distinct().Count() != roles.Count ? $"A role is given twice in '{string.Join(", ", Names(roles))}'; name each once."
        : null;

    /// <summary>Roles among those asked for that are not held, by name; empty when all are.</summary>
    internal static IReadOnlyList<string> Missing(IEnumerable<Role> asked, IReadOnlySet<Role> held) => Names(asked.Where(role => !held.Contains(role)));

    /// <summary>True when every group of the inner scope is in the outer one.</summary>
    internal static bool Covers(Scope outer, Scope inner) => outer.IsAll || (!inner.IsAll && inner.Groups.All(outer.Contains));

    /// <summary>Names of roles as the API writes them.</summary>
    internal static IReadOnlyList<string> Names(IEnumerable<Role> roles) => [.. roles.Order().Select(role => role.ToString().ToLowerInvariant())];

    private static string Shown(string text) => text.Length <= NameLengthMax ? text : text[..NameLengthMax] + "...";
}
