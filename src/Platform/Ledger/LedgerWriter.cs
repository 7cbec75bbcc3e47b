using System.Text.Json;
using Suture.Platform.Storage;

namespace Suture.Platform.Ledger;

/// <summary>Writes ledger rows in the transaction of the fact they record (design decision 10).</summary>
public static class LedgerWriter
{
    /// <summary>Appends one row. It becomes visible with the fact, or not at all.</summary>
    /// <param name="session">A writing session: the one that writes the fact.</param>
    /// <param name="now">When.</param>
    /// <param name="actor">Who: <c>user:NAME</c>, <c>policy</c>, <c>agent:ID</c>, <c>server</c>.</param>
    /// <param name="action">What: <c>plan.approved</c>.</param>
    /// <param name="subject">To what: <c>plan:ID</c>.</param>
    /// <param name="detail">Details; an object of members that become JSON text. No secrets.</param>
    /// <param name="group">Group of the asset it is about: readers with that group in scope see it. Null: only readers with all groups do.</param>
    public static Task AppendLedgerAsync(
        this StoreSession session, DateTimeOffset now, string actor, string action, string subject, object detail, Guid? group = null) =>
        session.ExecuteAsync(
            """
            insert into platform_ledger (at_us, actor, action, subject, detail, group_id)
            values (@now, @actor, @action, @subject, @text, @group)
            """,
            new { now, actor, action, subject, text = JsonSerializer.Serialize(detail, JsonSerializerOptions.Web), group });
}
