using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Suture.Platform.Ledger;
using Suture.Platform.Storage;
using Suture.Platform.Work;

namespace Suture.Tests.Work;

public sealed class WorkQueueTests(StoreFixture stores)
{
    private const string Kind = "test.kind";
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Claim_EightClaimersAtOnce_NoItemTwice(string engine)
    {
        await using var store = await stores.CreateAsync(engine);
        var queue = new WorkQueue(store, _time);
        await EnqueueAsync(store, queue, Enumerable.Range(0, 300).Select(i => $"s{i}"));
        var claimed = new ConcurrentBag<Guid>();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            // Empty is the end only when nothing waits: others' rows were skipped, not counted.
            while (await queue.ClaimAsync(Kind, 7, None) is var items && (items.Count > 0 || await DueAsync(store)))
            {
                foreach (var item in items)
                {
                    claimed.Add(item.Id);
                }
            }
        })));

        Assert.Equal(300, claimed.Count);
        Assert.Equal(300, claimed.Distinct().Count());
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Claim_CrashBetweenClaimAndComplete_ComesBackAfterTheLease(string engine)
    {
        await using var store = await stores.CreateAsync(engine);
        var queue = new WorkQueue(store, _time);
        await EnqueueAsync(store, queue, ["a"]);
        var first = Assert.Single(await queue.ClaimAsync(Kind, 1, None));

        _time.Advance(WorkQueue.Lease - TimeSpan.FromTicks(10));
        Assert.Empty(await queue.ClaimAsync(Kind, 1, None));
        _time.Advance(TimeSpan.FromTicks(10));
        var second = Assert.Single(await queue.ClaimAsync(Kind, 1, None));

        Assert.Equal((first.Id, 2), (second.Id, second.Attempts));
        // The one who was thought dead cannot complete any more, nor write what belongs to it.
        await Assert.ThrowsAsync<InvalidOperationException>(() => store.WriteAsync(
            async session =>
            {
                await session.AppendLedgerAsync(_time.GetUtcNow(), "server", "test.done", "a", new { }, LedgerScope.Installation);
                await WorkQueue.CompleteAsync(session, first);
            },
            None));
        Assert.Equal(0, await CountAsync(store, "platform_ledger"));
        await store.WriteAsync(session => WorkQueue.CompleteAsync(session, second), None);
        Assert.Equal(0, await CountAsync(store, "platform_work"));
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Extend_LongWork_KeepsItsItemAndTellsOfLostOnes(string engine)
    {
        await using var store = await stores.CreateAsync(engine);
        var queue = new WorkQueue(store, _time);
        await EnqueueAsync(store, queue, ["a", "b"]);
        var items = await queue.ClaimAsync(Kind, 2, None);
        await store.WriteAsync(session => WorkQueue.CompleteAsync(session, items[1]), None);

        _time.Advance(WorkQueue.Lease / 2);
        var ours = await queue.ExtendAsync(items, None);
        _time.Advance(WorkQueue.Lease / 2);

        Assert.Equal([items[0].Id], ours.Select(item => item.Id));
        Assert.Empty(await queue.ClaimAsync(Kind, 2, None));
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Enqueue_SameWorkTwice_IsOneItemWithTheEarlierTime(string engine)
    {
        await using var store = await stores.CreateAsync(engine);
        var queue = new WorkQueue(store, _time);
        var now = _time.GetUtcNow();

        await store.WriteAsync(session => queue.EnqueueAsync(session, now, Kind, "a", now.AddSeconds(2), "1"), None);
        await store.WriteAsync(session => queue.EnqueueAsync(session, now, Kind, "a", now.AddSeconds(9), "2"), None);

        Assert.Empty(await queue.ClaimAsync(Kind, 5, None));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("2", Assert.Single(await queue.ClaimAsync(Kind, 5, None)).Payload);
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Enqueue_WhileTheSameIsAtWork_WaitsBesideIt(string engine)
    {
        await using var store = await stores.CreateAsync(engine);
        var queue = new WorkQueue(store, _time);
        await EnqueueAsync(store, queue, ["a"]);
        var first = Assert.Single(await queue.ClaimAsync(Kind, 5, None));

        await EnqueueAsync(store, queue, ["a"]);
        await queue.ReleaseAsync(first, "later", None); // gives way to the newer request

        var second = Assert.Single(await queue.ClaimAsync(Kind, 5, None));
        Assert.NotEqual(first.Id, second.Id);
        Assert.Equal(1, await CountAsync(store, "platform_work"));
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Release_TenTimes_RestsAsFailedUntilAPersonRetries(string engine)
    {
        await using var store = await stores.CreateAsync(engine);
        var queue = new WorkQueue(store, _time);
        await EnqueueAsync(store, queue, ["a"]);

        for (var i = 1; i <= WorkQueue.AttemptsMax; i++)
        {
            var item = Assert.Single(await queue.ClaimAsync(Kind, 1, None));
            await queue.ReleaseAsync(item, $"fault {i}\0", None);
            _time.Advance(TimeSpan.FromSeconds(WorkQueue.BackOffSecondsMax));
        }

        Assert.Empty(await queue.ClaimAsync(Kind, 1, None));
        Assert.Equal((0, 1), (await queue.CountWaitingAsync(None), await queue.CountFailedAsync(None)));
        var failed = Assert.Single(await queue.ListFailedAsync(Guid.Empty, 5, None));
        Assert.Equal(("fault 10", 10), (failed.Error, failed.Attempts));
        await store.WriteAsync(session => queue.RetryAsync(session, failed.Id, _time.GetUtcNow()), None);
        Assert.Equal(1, Assert.Single(await queue.ClaimAsync(Kind, 1, None)).Attempts);
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Complete_NewerTryOfFailedWork_RemovesTheFailedOne(string engine)
    {
        await using var store = await stores.CreateAsync(engine);
        var queue = new WorkQueue(store, _time);
        await EnqueueAsync(store, queue, ["a", "other"]);
        await store.WriteAsync(session => session.ExecuteAsync("update platform_work set state = 3, due_us = null, tried_us = 0"), None);

        await EnqueueAsync(store, queue, ["a"]);
        var item = Assert.Single(await queue.ClaimAsync(Kind, 5, None));
        await store.WriteAsync(session => WorkQueue.CompleteAsync(session, item), None);

        Assert.Equal("other", Assert.Single(await queue.ListFailedAsync(Guid.Empty, 5, None)).Subject);
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Claim_FloodOfOneKind_LeavesAnotherItsTurn(string engine)
    {
        await using var store = await stores.CreateAsync(engine);
        var queue = new WorkQueue(store, _time);
        await EnqueueAsync(store, queue, Enumerable.Range(0, 200).Select(i => $"s{i}"));
        await store.WriteAsync(session => queue.EnqueueAsync(session, _time.GetUtcNow(), "test.rare", "r"), None);

        var rare = await queue.ClaimAsync("test.rare", 16, None);

        Assert.Equal("r", Assert.Single(rare).Subject);
    }

    [Fact]
    public async Task Wait_WorkAskedFor_WakesAfterTheCommitOnly()
    {
        await using var store = await stores.CreateAsync("sqlite");
        var queue = new WorkQueue(store, _time);
        var waiting = Task.CompletedTask;

        await store.WriteAsync(
            async session =>
            {
                await queue.EnqueueAsync(session, _time.GetUtcNow(), Kind, "a");
                // Had the bell rung already, this would be completed at once.
                waiting = queue.WaitAsync(Kind, TimeSpan.FromHours(1), None);
                Assert.False(waiting.IsCompleted);
            },
            None);

        await waiting.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Single(await queue.ClaimAsync(Kind, 1, None));
    }

    [Fact]
    public async Task Loop_OneLaneIsStuck_TheOthersGoOn()
    {
        await using var store = await stores.CreateAsync("sqlite");
        var queue = new WorkQueue(store, _time);
        var stuck = new Handler(store, "test.stuck") { Gate = new TaskCompletionSource() };
        var quick = new Handler(store, "test.quick");
        using var loop = new WorkLoop(queue, [stuck, quick], _time, NullLogger<WorkLoop>.Instance);
        await loop.StartAsync(None);

        await store.WriteAsync(session => queue.EnqueueAsync(session, _time.GetUtcNow(), "test.stuck", "a"), None);
        await stuck.Begun.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await store.WriteAsync(session => queue.EnqueueAsync(session, _time.GetUtcNow(), "test.quick", "b"), None);

        await quick.Done.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.False(stuck.Done.Task.IsCompleted);
        stuck.Gate.SetResult();
        await stuck.Done.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await loop.StopAsync(None);
    }

    [Fact]
    public async Task Loop_LeaseTakenByAnother_StopsTheWork()
    {
        await using var store = await stores.CreateAsync("sqlite");
        var queue = new WorkQueue(store, _time);
        var handler = new Handler(store, "test.stuck") { Gate = new TaskCompletionSource() };
        using var loop = new WorkLoop(queue, [handler], _time, NullLogger<WorkLoop>.Instance);
        await store.WriteAsync(session => queue.EnqueueAsync(session, _time.GetUtcNow(), "test.stuck", "a"), None);
        var run = loop.RunDueAsync(None);
        await handler.Begun.Task.WaitAsync(TimeSpan.FromSeconds(30));

        await store.WriteAsync(session => session.ExecuteAsync("update platform_work set attempts = attempts + 1"), None);
        _time.Advance(WorkQueue.Lease / 4);

        await run.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.True(handler.WasCancelled);
        Assert.Equal(1, await CountAsync(store, "platform_work")); // the other's
    }

    [Fact]
    public async Task RunDue_HandlerFails_PutsTheItemBackWithItsReason()
    {
        await using var store = await stores.CreateAsync("sqlite");
        var queue = new WorkQueue(store, _time);
        using var loop = new WorkLoop(queue, [new Handler(store, Kind) { Fault = "no disk" }], _time, NullLogger<WorkLoop>.Instance);
        await EnqueueAsync(store, queue, ["a"]);

        await loop.RunDueAsync(None);

        Assert.Equal("no disk", await store.ReadAsync(session => session.SingleOrDefaultAsync<string>("select error from platform_work where state = 1"), None));
        Assert.Equal(0, await loop.RunDueAsync(None)); // not before its back-off
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(1, await loop.RunDueAsync(None));
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task AppendLedger_FactIsRolledBack_LeavesNoRow(string engine)
    {
        await using var store = await stores.CreateAsync(engine);

        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => store.WriteAsync<int>(
            async session =>
            {
                await session.AppendLedgerAsync(_time.GetUtcNow(), "server", "test.fact", "a", new { }, LedgerScope.Installation);
                throw new InvalidTimeZoneException();
            },
            None));

        Assert.Equal(0, await CountAsync(store, "platform_ledger"));
    }

    private Task EnqueueAsync(Store store, WorkQueue queue, IEnumerable<string> subjects) => store.WriteAsync(
        async session =>
        {
            foreach (var subject in subjects)
            {
                await queue.EnqueueAsync(session, _time.GetUtcNow(), Kind, subject);
            }
        },
        None);

    private static async Task<bool> DueAsync(Store store) =>
        await store.ReadAsync(session => session.SingleOrDefaultAsync<int>("select count(*) from platform_work where state = 1"), None) > 0;

    private static Task<int> CountAsync(Store store, string table) =>
        store.ReadAsync(session => session.SingleOrDefaultAsync<int>($"select count(*) from {table}"), None);

    private sealed class Handler(Store store, string kind) : IWorkHandler
    {
        public string Kind => kind;

        public string? Fault { get; init; }

        public TaskCompletionSource? Gate { get; init; }

        public TaskCompletionSource Begun { get; } = new();

        public TaskCompletionSource Done { get; } = new();

        public bool WasCancelled { get; private set; }

        public async Task HandleAsync(WorkItem item, CancellationToken cancellation)
        {
            Begun.TrySetResult();
            if (Gate is not null)
            {
                try
                {
                    await Gate.Task.WaitAsync(cancellation);
                }
                catch (OperationCanceledException)
                {
                    WasCancelled = true;
                    throw;
                }
            }
            if (Fault is not null)
            {
                throw new TargetException(Fault);
            }
            await store.WriteAsync(session => WorkQueue.CompleteAsync(session, item), cancellation);
            Done.TrySetResult();
        }
    }
}
