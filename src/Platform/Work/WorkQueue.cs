using Suture.Platform.Storage;

namespace Suture.Platform.Work;

/// <summary>Our own queue in the store: rows are claimed with a lease and completed in the transaction of their effect.</summary>
public sealed class WorkQueue(Store store, TimeProvider time)
{
    private readonly SemaphoreSlim _wake = new(0, 1);

    /// <summary>How long a claim holds. Work that takes longer is claimed again by another.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(2);

    /// <summary>How often an item is tried before it rests as failed for a person to look at.</summary>
    public const int AttemptsMax = 10;

    /// <summary>Asks for work, in the transaction of its cause. A waiting item of the same kind and subject is kept, with the earlier due time.</summary>
    /// <param name="session">A writing session.</param>
    /// <param name="now">The instant of the cause.</param>
    /// <param name="kind">Kind.</param>
    /// <param name="subject">Subject, at most 400 characters.</param>
    /// <param name="due">Not before; null for now.</param>
    /// <param name="payload">JSON text; empty when the subject says all.</param>
    public async Task EnqueueAsync(StoreSession session, DateTimeOffset now, string kind, string subject, DateTimeOffset? due = null, string payload = "")
    {
        await session.ExecuteAsync(
            """
            insert into platform_work (id, kind, subject, payload, state, attempts, created_us, due_us)
            values (@id, @kind, @subject, @payload, 1, 0, @now, @due)
            on conflict (kind, subject) where state = 1 do update set
              due_us = case when excluded.due_us < platform_work.due_us then excluded.due_us else platform_work.due_us end,
              payload = excluded.payload
            """,
            new { id = Guid.CreateVersion7(now), kind, subject, payload, now, due = due ?? now });
        Wake();
    }

    /// <summary>Completes a claimed item, in the transaction of its effect.</summary>
    /// <param name="session">A writing session.</param>
    /// <param name="item">The item.</param>
    /// <exception cref="InvalidOperationException">The lease was lost to another claimer; the transaction must not commit.</exception>
    public static async Task CompleteAsync(StoreSession session, WorkItem item)
    {
        var rows = await session.ExecuteAsync("delete from platform_work where id = @Id and state = 2 and attempts = @Attempts", new { item.Id, item.Attempts });
        if (rows != 1)
        {
            throw new InvalidOperationException($"Work item {item.Id} ({item.Kind} {item.Subject}) is no longer ours: its lease ran out.");
        }
    }

    /// <summary>Claims the items that are due, oldest first.</summary>
    /// <param name="most">How many at most.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public Task<IReadOnlyList<WorkItem>> ClaimAsync(int most, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        return store.WriteAsync(
            session => session.QueryAsync<WorkItem>(
                $"""
                update platform_work set state = 2, attempts = attempts + 1, leased_until_us = @until
                where id in (
                  select id from platform_work
                  where (state = 1 and due_us <= @now) or (state = 2 and leased_until_us <= @now)
                  order by due_us, id limit @most {session.Dialect.SkipLocked})
                returning id, kind, subject, payload, attempts, created_us
                """,
                new { now, until = now + Lease, most }),
            cancellation);
    }

    /// <summary>Puts a claimed item back for later, or to rest as failed after <see cref="AttemptsMax"/> tries.</summary>
    /// <param name="item">The item.</param>
    /// <param name="error">What went wrong; kept for people.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public Task ReleaseAsync(WorkItem item, string error, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var due = now + TimeSpan.FromSeconds(Math.Min(300, Math.Pow(2, item.Attempts)));
        return store.WriteAsync(
            async session =>
            {
                // A newer request for the same work may be waiting already; then this one has nothing left to do.
                await session.ExecuteAsync(
                    """
                    delete from platform_work where id = @Id and state = 2 and attempts = @Attempts and exists (
                      select 1 from platform_work o where o.kind = @Kind and o.subject = @Subject and o.state = 1)
                    """,
                    new { item.Id, item.Attempts, item.Kind, item.Subject });
                await session.ExecuteAsync(
                    "update platform_work set state = @state, due_us = @due, error = @error where id = @Id and state = 2 and attempts = @Attempts",
                    new { item.Id, item.Attempts, due, error, state = item.Attempts >= AttemptsMax ? 3 : 1 });
            },
            cancellation);
    }

    /// <summary>Counts items that wait or are at work.</summary>
    /// <param name="cancellation">Ends the wait.</param>
    public Task<int> CountWaitingAsync(CancellationToken cancellation) =>
        store.ReadAsync(session => session.SingleOrDefaultAsync<int>("select count(*) from platform_work where state in (1, 2)"), cancellation);

    /// <summary>Waits until something was asked for here, or until the time is over.</summary>
    /// <param name="longest">Longest wait.</param>
    /// <param name="cancellation">Shutdown.</param>
    internal async Task WaitAsync(TimeSpan longest, CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(longest, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        try
        {
            await _wake.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // The time is over; look again.
        }
    }

    private void Wake()
    {
        try
        {
            _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // Already awake.
        }
    }
}
