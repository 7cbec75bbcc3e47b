using Suture.Contracts.Api;
using Suture.Exposure.Findings;
using Suture.Exposure.Fixes;
using Suture.Platform.Identity;
using Suture.Platform.Ledger;
using Suture.Platform.Storage;
using Suture.Remediation.Planning;

namespace Suture.Remediation.Fixes;

/// <summary>What people say of a fix: who shall see to it, and comments. Both hang on release and source, and stay when the version to reach rises.</summary>
/// <remarks>Words belong to groups, as assets do. They are said for each group in the speaker's scope that has the fix open at that moment, and for no other:
/// nobody reads, or overwrites, what a group outside of their scope said. Of several assignments in scope the newest is shown, of groups that still have the fix
/// open; a comment said for several groups is read once.</remarks>
internal sealed class SpeakOfFix(Store store, ExposureIndex exposures, TimeProvider time)
{
    public Task AssignAsync(Principal principal, FixKey fix, FixAssignment assignment, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var groups = GroupsOf(principal.Scope, fix);
        return groups.Count == 0 ? Task.CompletedTask : store.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync(
                    """
                    insert into remediation_fix (line, group_id, team, person, assigned_us, version) values (@line, @group, @Team, @Person, @now, 1)
                    on conflict (line, group_id) do update set
                      team = excluded.team, person = excluded.person, assigned_us = excluded.assigned_us, version = remediation_fix.version + 1
                    """,
                    groups.Select(group => new { line = fix.Line(), group, assignment.Team, assignment.Person, now }));
                await session.AppendLedgerAsync(
                    now, principal.Actor, "fix.assigned", $"fix:{fix}", new { assignment.Team, assignment.Person }, LedgerScope.OfEach(groups));
            },
            cancellation);
    }

    public Task CommentAsync(Principal principal, FixKey fix, string text, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var groups = GroupsOf(principal.Scope, fix);
        return groups.Count == 0 ? Task.CompletedTask : store.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync(
                    "insert into remediation_comment (id, line, author, at_us, text) values (@id, @line, @Name, @now, @text)",
                    new { id, line = fix.Line(), principal.Name, now, text });
                await session.ExecuteAsync("insert into remediation_comment_group (comment_id, group_id) values (@id, @group)", groups.Select(group => new { id, group }));
                await session.AppendLedgerAsync(now, principal.Actor, "fix.commented", $"fix:{fix}", new { Characters = text.Length }, LedgerScope.OfEach(groups));
            },
            cancellation);
    }

    /// <summary>The newest comments in scope, oldest first.</summary>
    public static async Task<IReadOnlyList<Comment>> CommentsAsync(StoreSession session, Scope scope, string line)
    {
        var inScope = scope.IsAll ? "1 = 1" : $"id in (select comment_id from remediation_comment_group where {session.Dialect.In("group_id", "groups")})";
        var rows = await session.QueryAsync<Row>(
            $"select author, at_us, text from remediation_comment where line = @line and {inScope} order by at_us desc, id desc limit @most",
            new { line, groups = scope.Groups, most = RemediationLimits.CommentsShownMax });
        return [.. rows.Reverse().Select(row => new Comment { Author = row.Author, AtUtc = row.AtUs, Text = row.Text })];
    }

    // None when the fix was done meanwhile: then there is nobody to say it for. In one order, so that two who speak at once take their locks one after the other.
    private List<Guid> GroupsOf(Scope scope, FixKey fix) =>
        [.. (FixGroups.Find(exposures.All(scope), fix)?.Assets ?? []).Select(asset => asset.Exposure.Asset.GroupId).Distinct().Order()];

    private sealed record Row
    {
        public string Author { get; init; } = "";
        public DateTimeOffset AtUs { get; init; }
        public string Text { get; init; } = "";
    }
}
