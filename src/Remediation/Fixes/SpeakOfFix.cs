using Suture.Contracts.Api;
using Suture.Exposure.Fixes;
using Suture.Platform.Identity;
using Suture.Platform.Ledger;
using Suture.Platform.Storage;
using Suture.Remediation.Planning;

namespace Suture.Remediation.Fixes;

/// <summary>What people say of a fix: who shall see to it, and comments. Both hang on release and source, and stay when the version to reach rises.</summary>
internal sealed class SpeakOfFix(Store store, TimeProvider time)
{
    public Task AssignAsync(Principal principal, FixKey fix, FixAssignment assignment, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        return store.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync(
                    """
                    insert into remediation_fix (line, team, person, version) values (@line, @Team, @Person, 1)
                    on conflict (line) do update set team = excluded.team, person = excluded.person, version = remediation_fix.version + 1
                    """,
                    new { line = fix.Line(), assignment.Team, assignment.Person });
                await session.AppendLedgerAsync(now, principal.Actor, "fix.assigned", $"fix:{fix}", new { assignment.Team, assignment.Person });
            },
            cancellation);
    }

    public Task CommentAsync(Principal principal, FixKey fix, string text, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        return store.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync(
                    "insert into remediation_comment (id, line, author, at_us, text) values (@id, @line, @Name, @now, @text)",
                    new { id = Guid.CreateVersion7(now), line = fix.Line(), principal.Name, now, text });
                await session.AppendLedgerAsync(now, principal.Actor, "fix.commented", $"fix:{fix}", new { Characters = text.Length });
            },
            cancellation);
    }

    /// <summary>The newest comments, oldest first.</summary>
    public static async Task<IReadOnlyList<Comment>> CommentsAsync(StoreSession session, string line)
    {
        var rows = await session.QueryAsync<Row>(
            "select author, at_us, text from remediation_comment where line = @line order by at_us desc, id desc limit @most",
            new { line, most = RemediationLimits.CommentsShownMax });
        return [.. rows.Reverse().Select(row => new Comment { Author = row.Author, AtUtc = row.AtUs, Text = row.Text })];
    }

    private sealed record Row
    {
        public string Author { get; init; } = "";
        public DateTimeOffset AtUs { get; init; }
        public string Text { get; init; } = "";
    }
}
