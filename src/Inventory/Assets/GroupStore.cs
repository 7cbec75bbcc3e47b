using Suture.Platform.Identity;
using Suture.Platform.Storage;

namespace Suture.Inventory.Assets;

/// <summary>Finds groups; they are the platform's.</summary>
internal static class GroupStore
{
    /// <summary>A group by name; null when there is none in scope.</summary>
    public static async Task<Guid?> FindAsync(StoreSession session, Scope scope, string name)
    {
        var found = await session.QueryAsync<Guid>("select id from platform_group where name = @name", new { name });
        return found.Count == 1 && scope.Contains(found[0]) ? found[0] : null;
    }
}
