using Suture.Contracts.Api;
using Suture.Platform.Api;
using Suture.Platform.Ledger;
using Suture.Platform.Storage;

namespace Suture.Platform.Identity;

/// <summary>Counts what is in groups; the module that owns the members registers it. Without one the API gives no count.</summary>
public interface IGroupMembers
{
    /// <summary>Members by group; a group without any may be left out.</summary>
    /// <param name="groups">Groups to count.</param>
    /// <param name="cancellation">Ends the wait.</param>
    Task<IReadOnlyDictionary<Guid, int>> CountAsync(IReadOnlyCollection<Guid> groups, CancellationToken cancellation);
}

/// <summary>Makes and lists groups, and lists users with their groups.</summary>
internal sealed class ManageGroups(Store store, TimeProvider time, IEnumerable<IGroupMembers> members)
{
    internal async Task<Answer<GroupRow>> CreateAsync(PrincipalIdentity caller, GroupRequest request, CancellationToken cancellation)
    {
        if (UserRules.NameFault(request.Name) is { } fault)
        {
            return Answer<GroupRow>.Refused(Problems.BadRequest("The group is not accepted", fault));
        }
        if (!caller.Principal.Scope.IsAll)
        {
            return Answer<GroupRow>.Refused(Problems.Forbidden("A new group lies outside of your scope", "Only an admin with all groups makes groups. Ask one."));
        }
        var now = time.GetUtcNow();
        return await store.WriteAsync(
            async session =>
            {
                if (!await InsertAsync(session, request.Name, now))
                {
                    return Answer<GroupRow>.Refused(Problems.Conflict("The group is there already", $"A group '{request.Name}' exists. Choose another name."));
                }
                await session.AppendLedgerAsync(now, caller.Principal.Actor, "group.created", "group:" + request.Name, new { }, LedgerScope.Installation);
                return new GroupRow { Name = request.Name, Assets = members.Any() ? 0 : null };
            },
            cancellation);
    }

    /// <summary>Groups in scope, by name.</summary>
    internal async Task<Page<GroupRow>> ListAsync(Scope scope, string after, int limit, CancellationToken cancellation)
    {
        var rows = await store.ReadAsync(
            session => session.QueryAsync<GroupRecord>(
                $"""
                select id, name from platform_group
                where name > @after and (@all = 1 or {session.Dialect.In("id", "groups")}) order by name limit @most
                """,
                new { after, all = scope.IsAll, groups = scope.Groups, most = limit + 1 }),
            cancellation);
        var page = rows.Take(limit).ToList();
        var counts = members.FirstOrDefault() is { } counter ? await counter.CountAsync([.. page.Select(group => group.Id)], cancellation) : null;
        return new Page<GroupRow>
        {
            Items = [.. page.Select(group => new GroupRow { Name = group.Name, Assets = counts is null ? null : counts.GetValueOrDefault(group.Id) })],
            Next = rows.Count > limit ? page[^1].Name : null,
        };
    }

    /// <summary>Users whose groups all lie in the scope, by name.</summary>
    internal Task<Page<UserRow>> ListUsersAsync(Scope scope, string after, int limit, CancellationToken cancellation) =>
        store.ReadAsync(
            async session =>
            {
                var rows = await session.QueryAsync<UserRecord>(
                    $"""
                    select {UserQueries.Columns} from platform_user u
                    where name > @after and (@all = 1 or (all_groups = 0 and not exists (
                      select 1 from platform_user_group ug where ug.user_id = u.id and not ({session.Dialect.In("ug.group_id", "groups")}))))
                    order by name limit @most
                    """,
                    new { after, all = scope.IsAll, groups = scope.Groups, most = limit + 1 });
                var page = rows.Take(limit).ToList();
                var groups = await GroupsAsync(session, page);
                return new Page<UserRow>
                {
                    Items = [.. page.Select(user => user.ToRow([.. groups[user.Id]]))],
                    Next = rows.Count > limit ? page[^1].Name : null,
                };
            },
            cancellation);

    /// <summary>Inserts a group; false when its name is taken.</summary>
    internal static Task<bool> InsertAsync(StoreSession session, string name, DateTimeOffset now) => session.TryChangeAsync(
        "insert into platform_group (id, name, created_us) values (@id, @name, @now) on conflict (name) do nothing",
        new { id = Guid.CreateVersion7(now), name, now });

    private static async Task<ILookup<Guid, string>> GroupsAsync(StoreSession session, IReadOnlyList<UserRecord> users)
    {
        var ties = await session.QueryAsync<Tie>(
            $"""
            select ug.user_id, g.name from platform_user_group ug join platform_group g on g.id = ug.group_id
            where {session.Dialect.In("ug.user_id", "ids")} order by g.name
            """,
            new { ids = users.Select(user => user.Id) });
        return ties.ToLookup(tie => tie.UserId, tie => tie.Name);
    }

    private sealed record Tie
    {
        public Guid UserId { get; init; }
        public string Name { get; init; } = "";
    }
}
