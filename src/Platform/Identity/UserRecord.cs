using Suture.Contracts.Api;
using Suture.Platform.Storage;

namespace Suture.Platform.Identity;

/// <summary>A user as stored.</summary>
internal sealed record UserRecord
{
    public Guid Id { get; init; }
    public string Name { get; init; } = "";
    public string? PasswordHash { get; init; }
    public byte[]? CodeHash { get; init; }
    public DateTimeOffset? CodeUntilUs { get; init; }
    public int Roles { get; init; }
    public int AllGroups { get; init; }
    public int IsEnabled { get; init; }
    public long Version { get; init; }

    internal IReadOnlySet<Role> RoleSet => Rights.FromBits(Roles);

    /// <summary>The row of the API.</summary>
    /// <param name="groups">Names of its groups, ordered; ignored when it has all.</param>
    internal UserRow ToRow(IReadOnlyList<string> groups) => new()
    {
        Name = Name,
        Roles = [.. RoleSet.Order()],
        Groups = AllGroups == 1 ? null : groups,
        IsEnabled = IsEnabled == 1,
    };
}

/// <summary>Reads of users, groups and their ties, within a session.</summary>
internal static class UserQueries
{
    /// <summary>Lock of every change that must see all users: the last admin, the first user.</summary>
    internal const string UsersLock = "identity.users";

    internal const string Columns = "id, name, password_hash, code_hash, code_until_us, roles, all_groups, is_enabled, version";

    internal static Task<UserRecord?> FindUserAsync(this StoreSession session, string name) =>
        session.SingleOrDefaultAsync<UserRecord>($"select {Columns} from platform_user where name = @name", new { name });

    internal static async Task<Rights> RightsOfAsync(this StoreSession session, UserRecord user) => new(
        user.RoleSet,
        user.AllGroups == 1
            ? Scope.All
            : Scope.Of(await session.QueryAsync<Guid>("select group_id from platform_user_group where user_id = @Id", new { user.Id })));

    internal static async Task<UserRow> RowOfAsync(this StoreSession session, UserRecord user) => user.ToRow(
        await session.QueryAsync<string>(
            """
            select g.name from platform_user_group ug join platform_group g on g.id = ug.group_id
            where ug.user_id = @Id order by g.name
            """,
            new { user.Id }));

    internal static Task<IReadOnlyList<GroupRecord>> FindGroupsAsync(this StoreSession session, IReadOnlyList<string> names) =>
        session.QueryAsync<GroupRecord>($"select id, name from platform_group where {session.Dialect.In("name", "names")} order by name", new { names });

    internal static Task<int> RevokeAsync(this StoreSession session, Guid userId, DateTimeOffset now, bool sessionsOnly) => session.ExecuteAsync(
        """
        update platform_token set revoked_us = @now
        where user_id = @userId and revoked_us is null and expires_us > @now and is_session >= @least
        """,
        new { userId, now, least = sessionsOnly });
}

/// <summary>A group as stored.</summary>
internal sealed record GroupRecord
{
    public Guid Id { get; init; }
    public string Name { get; init; } = "";
}
