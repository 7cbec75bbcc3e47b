using System.Text.Json;
using Suture.Platform.Storage;

namespace Suture.Platform.Ledger;

/// <summary>Writes ledger rows in the transaction of the fact they record (design decision 10).</summary>
public static class LedgerWriter
{
    /// <summary>Appends a fact: one row, or one for each group it is of. It becomes visible with the fact, or not at all.</summary>
    /// <param name="session">A writing session: the one that writes the fact.</param>
    /// <param name="now">When.</param>
    /// <param name="actor">Who: <c>user:NAME</c>, <c>policy</c>, <c>agent:ID</c>, <c>server</c>.</param>
    /// <param name="action">What: <c>plan.approved</c>.</param>
    /// <param name="subject">To what: <c>plan:ID</c>.</param>
    /// <param name="detail">Details; an object of members that become JSON text. No secrets, and nothing that a reader of the scope may not see.</param>
    /// <param name="scope">Whose it is. No default: a row without its group is hidden from who audits the group.</param>
    public static Task AppendLedgerAsync(
        this StoreSession session, DateTimeOffset now, string actor, string action, string subject, object detail, LedgerScope scope)
    {
        var text = JsonSerializer.Serialize(detail, JsonSerializerOptions.Web);
        return session.ExecuteAsync(
            """
            insert into platform_ledger (at_us, actor, action, subject, detail, group_id)
            values (@now, @actor, @action, @subject, @text, @group)
            """,
            scope.Groups.Select(group => new { now, actor, action, subject, text, group }));
    }
}
