using Suture.Platform.Api;
using Suture.Platform.Storage;

namespace Suture.Platform.Identity;

/// <summary>From names of groups to what they stand for.</summary>
public static class GroupNames
{
    /// <summary>Name of the group that setup makes; an endpoint without a stated group is in it.</summary>
    public const string Default = "default";

    /// <summary>Id of a group; null when there is none of that name in the scope (both look the same).</summary>
    /// <param name="session">A session.</param>
    /// <param name="name">Its name.</param>
    /// <param name="visible">Scope of the caller.</param>
    public static async Task<Guid?> FindGroupAsync(this StoreSession session, string name, Scope visible)
    {
        var found = await session.FindGroupsAsync([name]);
        return found.Count == 1 && visible.Contains(found[0].Id) ? found[0].Id : null;
    }

    /// <summary>The scope of some names; null names stand for all that the caller's scope has.</summary>
    internal static async Task<Answer<Scope>> ScopeAsync(StoreSession session, IReadOnlyList<string>? names, Scope visible)
    {
        if (names is null)
        {
            return Scope.All;
        }
        if (names.Count > UserRules.GroupsMax)
        {
            return Answer<Scope>.Refused(Problems.BadRequest("Too many groups", $"{names.Count} groups are named; wanted are at most {UserRules.GroupsMax}, or none for all."));
        }
        var found = (await session.FindGroupsAsync(names)).Where(group => visible.Contains(group.Id)).ToList();
        var missing = names.Except(found.Select(group => group.Name)).ToList();
        return missing.Count == 0
            ? Scope.Of(found.Select(group => group.Id))
            : Answer<Scope>.Refused(Problems.BadRequest("No such group", $"There is no group '{missing[0]}' in your scope. GET /api/v1/groups lists them."));
    }
}
