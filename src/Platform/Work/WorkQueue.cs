using System.Collections.Concurrent;
using System.Data.Common;
using Suture.Contracts.Api;
using Suture.Platform.Storage;

namespace Suture.Platform.Work;

/// <summary>Our own queue in the store: rows are claimed with a lease and completed in the transaction of their effect.</summary>
public sealed class WorkQueue(Store store, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _bells = new();

    /// <summary>How long a claim holds unless it is extended, as the loop does while it works. After that another may claim the item: so long the work of a
    /// killed server waits.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    /// <summary>How often an item is tried before it rests as failed for a person to look at.</summary>
    public const int AttemptsMax = 10;

    /// <summary>Longest wait between two tries of an item, in seconds.</summary>
    public const int BackOffSecondsMax = 300;

    /// <summary>Longest subject, in characters.</summary>
    public const int SubjectLengthMax = 400;

    /// <summary>Longest payload, in characters.</summary>
    public const int PayloadLengthMax = 64 * 1024;

    /// <summary>Longest error text that is kept of a failed try, in characters; the rest is cut off.</summary>
    public const int ErrorLengthMax = 2000;

    /// <summary>Asks for work, in the transaction of its cause. A waiting item of the same kind and subject is kept, with the earlier due time and the newer payload.
    /// The loop is woken when the transaction is committed.</summary>
    /// <param name="session">A writing session.</param>
    /// <param name="now">The instant of the cause.</param>
    /// <param name="kind">Kind.</param>
    /// <param name="subject">Subject, at most <see cref="SubjectLengthMax"/> characters.</param>
    /// <param name="due">Not before; null for now.</param>
    /// <param name="payload">JSON text, at most <see cref="PayloadLengthMax"/> characters; empty when the subject says all.</param>
    public async Task EnqueueAsync(StoreSession session, DateTimeOffset now, string kind, string subject, DateTimeOffset? due = null, string payload = "")
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(subject.Length, SubjectLengthMax, nameof(subject));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(payload.Length, PayloadLengthMax, nameof(payload));
        await session.ExecuteAsync(
            """
            insert into platform_work (id, kind, subject, payload, state, attempts, created_us, due_us)
            values (@id, @kind, @subject, @payload, 1, 0, @now, @due)
            on conflict (kind, subject) where state = 1 do update set
              due_us = case when excluded.due_us < platform_work.due_us then excluded.due_us else platform_work.due_us end,
              payload = excluded.payload
            """,
            new { id = Guid.CreateVersion7(now), kind, subject, payload, now, due = due ?? now });
        session.AfterCommit(() => Wake(kind));
    }

    /// <summary>Completes a claimed item, in the transaction of its effect.</summary>
    /// <param name="session">A writing session.</param>
    /// <param name="item">The item.</param>
    /// <exception cref="InvalidOperationException">The lease was lost to another claimer; the transaction must not commit.</exception>
    public static async Task CompleteAsync(StoreSession session, WorkItem item)
    {
        var isOurs = await session.TryChangeAsync("delete from platform_work where id = @Id and state = 2 and attempts = @Attempts", new { item.Id, item.Attempts });
        if (!isOurs)
        {
            throw new InvalidOperationException($"Work item {item.Id} ({item.Kind} {item.Subject}) is no longer ours: its lease ran out.");
        }
        // An older try that rests as failed is overtaken by this success.
        await session.ExecuteAsync("delete from platform_work where kind = @Kind and due_us is null and subject = @Subject", new { item.Kind, item.Subject });
    }

    /// <summary>Claims items of one kind that are due, oldest first.</summary>
    /// <param name="kind">Kind: each has a turn of its own, so that a flood of one does not hold up another.</param>
    /// <param name="most">How many at most.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<IReadOnlyList<WorkItem>> ClaimAsync(string kind, int most, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var isDue = await store.ReadAsync(
            session => session.SingleOrDefaultAsync<int>("select 1 from platform_work where kind = @kind and due_us <= @now limit 1", new { kind, now }),
            cancellation);
        if (isDue == 0)
        {
            return []; // Idle looks take no write lock.
        }
        // Materialized: the list is made once, and no more rows than it names are locked. An item whose lease ran out is due at that instant, so it
        // stands behind those that waited longer: one that always kills its worker does not hold up the others.
        var items = await store.WriteAsync(
            session => session.QueryAsync<WorkItem>(
                $"""
                with due as materialized (
                  select id from platform_work where kind = @kind and due_us <= @now order by due_us, id limit @most {session.Dialect.SkipLocked})
                update platform_work set state = 2, attempts = attempts + 1, tried_us = @now, due_us = @until
                where id in (select id from due)
                returning id, kind, subject, payload, attempts, created_us
                """,
                new { kind, now, until = now + Lease, most }),
            cancellation);
        return [.. items.OrderBy(item => item.CreatedUs).ThenBy(item => item.Id)];
    }

    /// <summary>Extends the leases of items at work by another <see cref="Lease"/>.</summary>
    /// <param name="items">Items claimed here and not completed.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Those that are still ours. Work on the others must stop: somebody else does it.</returns>
    public Task<IReadOnlyList<WorkItem>> ExtendAsync(IReadOnlyList<WorkItem> items, CancellationToken cancellation)
    {
        var until = time.GetUtcNow() + Lease;
        return store.WriteAsync<IReadOnlyList<WorkItem>>(
            async session =>
            {
                var ours = new List<WorkItem>();
                foreach (var item in items)
                {
                    var isOurs = await session.TryChangeAsync(
                        "update platform_work set due_us = @until where id = @Id and state = 2 and attempts = @Attempts",
                        new { until, item.Id, item.Attempts });
                    if (isOurs)
                    {
                        ours.Add(item);
                    }
                }
                return ours;
            },
            cancellation);
    }

    /// <summary>Puts a claimed item back for later, or to rest as failed after <see cref="AttemptsMax"/> tries.</summary>
    /// <param name="item">The item.</param>
    /// <param name="error">What went wrong; kept for people.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task ReleaseAsync(WorkItem item, string error, CancellationToken cancellation)
    {
        try
        {
            await ReleaseOnceAsync(item, error, cancellation);
        }
        catch (DbException fault) when (store.Dialect.IsDuplicate(fault))
        {
            // The same work was asked for anew between our two statements; now it is seen.
            await ReleaseOnceAsync(item, error, cancellation);
        }
    }

    /// <summary>Counts items that wait or are at work.</summary>
    /// <param name="cancellation">Ends the wait.</param>
    public Task<int> CountWaitingAsync(CancellationToken cancellation) =>
        store.ReadAsync(session => session.SingleOrDefaultAsync<int>("select count(*) from platform_work where state in (1, 2)"), cancellation);

    /// <summary>Counts items that are at work or due within a span.</summary>
    /// <param name="within">How far ahead a due item counts; zero for those due now.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public Task<int> CountDueAsync(TimeSpan within, CancellationToken cancellation)
    {
        var until = time.GetUtcNow() + within;
        return store.ReadAsync(
            session => session.SingleOrDefaultAsync<int>("select count(*) from platform_work where state = 2 or (state = 1 and due_us <= @until)", new { until }), cancellation);
    }

    /// <summary>Counts items that rest as failed and wait for a person.</summary>
    /// <param name="cancellation">Ends the wait.</param>
    public Task<int> CountFailedAsync(CancellationToken cancellation) =>
        store.ReadAsync(session => session.SingleOrDefaultAsync<int>("select count(*) from platform_work where state = 3"), cancellation);

    /// <summary>Lists failed items, oldest first.</summary>
    /// <param name="after">The last id of the page before; empty for the first.</param>
    /// <param name="most">How many at most.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public Task<IReadOnlyList<WorkRow>> ListFailedAsync(Guid after, int most, CancellationToken cancellation) =>
        store.ReadAsync<IReadOnlyList<WorkRow>>(
            async session => [.. (await session.QueryAsync<FailedWork>($"{FailedWork.Select} and id > @after order by id limit @most", new { after, most })).Select(row => row.ToRow())],
            cancellation);

    /// <summary>The failed item of a kind and subject.</summary>
    /// <param name="session">A session.</param>
    /// <param name="kind">Kind.</param>
    /// <param name="subject">Subject.</param>
    /// <returns>The newest; null when none rests as failed.</returns>
    public static async Task<WorkRow?> FindFailedAsync(StoreSession session, string kind, string subject) =>
        (await session.SingleOrDefaultAsync<FailedWork>($"{FailedWork.Select} and kind = @kind and subject = @subject order by id desc limit 1", new { kind, subject }))?.ToRow();

    /// <summary>Lets a failed item be tried again from the start; false when it is not (or no longer) failed.</summary>
    internal async Task<FailedWork?> RetryAsync(StoreSession session, Guid id, DateTimeOffset now)
    {
        var item = await session.SingleOrDefaultAsync<FailedWork>(
            "delete from platform_work where id = @id and state = 3 returning id, kind, subject, payload, attempts, created_us, tried_us, error", new { id });
        if (item is not null)
        {
            await EnqueueAsync(session, now, item.Kind, item.Subject, payload: item.Payload);
        }
        return item;
    }

    /// <summary>Waits until work of the kind was asked for here, or until the time is over.</summary>
    /// <param name="kind">Kind.</param>
    /// <param name="longest">Longest wait.</param>
    /// <param name="cancellation">Shutdown.</param>
    internal async Task WaitAsync(string kind, TimeSpan longest, CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(longest, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        try
        {
            await Bell(kind).WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // The time is over; look again.
        }
    }

    private Task ReleaseOnceAsync(WorkItem item, string error, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var text = new string([.. error.Where(unit => unit != '\0' && !char.IsSurrogate(unit)).Take(ErrorLengthMax)]);
        var isLast = item.Attempts >= AttemptsMax;
        // A failed item is due never: a person decides.
        DateTimeOffset? due = isLast ? null : now + TimeSpan.FromSeconds(Math.Min(BackOffSecondsMax, Math.Pow(2, item.Attempts)));
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
                    "update platform_work set state = @state, due_us = @due, error = @text where id = @Id and state = 2 and attempts = @Attempts",
                    new { item.Id, item.Attempts, due, text, state = isLast ? 3 : 1 });
            },
            cancellation);
    }

    private SemaphoreSlim Bell(string kind) => _bells.GetOrAdd(kind, _ => new SemaphoreSlim(0, 1));

    private void Wake(string kind)
    {
        try
        {
            Bell(kind).Release();
        }
        catch (SemaphoreFullException)
        {
            // Already awake.
        }
    }
}

/// <summary>A row that rests as failed.</summary>
internal sealed record FailedWork
{
    internal const string Select = "select id, kind, subject, attempts, created_us, tried_us, error from platform_work where state = 3";

    public Guid Id { get; init; }
    public string Kind { get; init; } = "";
    public string Subject { get; init; } = "";
    public string Payload { get; init; } = "";
    public int Attempts { get; init; }
    public DateTimeOffset CreatedUs { get; init; }
    public DateTimeOffset TriedUs { get; init; }
    public string? Error { get; init; }

    internal WorkRow ToRow() => new() { Id = Id, Kind = Kind, Subject = Subject, Attempts = Attempts, CreatedUtc = CreatedUs, LastTriedUtc = TriedUs, Error = Error };
}
