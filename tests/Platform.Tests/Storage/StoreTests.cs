using CsCheck;
using Suture.Platform.Storage;

namespace Suture.Tests.Storage;

public sealed class StoreTests(StoreFixture stores)
{
    private static readonly CancellationToken None = CancellationToken.None;

    private enum Colour { Red = 1, Green = 2 }

    private sealed record Everything
    {
        public Guid Id { get; init; }
        public string Word { get; init; } = "";
        public string? MaybeWord { get; init; }
        public DateTimeOffset AtUs { get; init; }
        public DateTimeOffset? MaybeUs { get; init; }
        public DateOnly? OnDay { get; init; }
        public Colour Colour { get; init; }
        public int Small { get; init; }
        public long Big { get; init; }
        public double Real { get; init; }
        public byte[] Bytes { get; init; } = [];
        public Guid? MaybeId { get; init; }
    }

    private const string Table =
        """
        create table t (id $blob$ primary key, word $text$ not null, maybe_word $text$, at_us bigint not null, maybe_us bigint, on_day $text$, colour integer not null,
          small integer not null, big bigint not null, real $double$ not null, bytes $blob$ not null, maybe_id $blob$)
        """;

    private static readonly string[] Columns =
        ["id", "word", "maybe_word", "at_us", "maybe_us", "on_day", "colour", "small", "big", "real", "bytes", "maybe_id"];

    private static readonly Gen<DateTimeOffset> Instants =
        Gen.Long[Instant.ToMicroseconds(DateTimeOffset.MinValue), Instant.ToMicroseconds(DateTimeOffset.MaxValue)].Select(Instant.FromMicroseconds);

    // Every code point that both engines keep: all but U+0000 and halves of surrogate pairs.
    private static readonly Gen<string> Words =
        Gen.OneOf(Gen.Int[1, 0xD7FF], Gen.Int[0xE000, 0x10FFFF]).Select(char.ConvertFromUtf32).Array[0, 12].Select(string.Concat);

    private static readonly Gen<Everything> Rows =
        from id in Gen.Guid
        from word in Words
        from maybeWord in Words.Null()
        from at in Instants
        from maybe in Instants.Nullable()
        from day in Gen.DateOnly.Nullable()
        from colour in Gen.Bool.Select(red => red ? Colour.Red : Colour.Green)
        from small in Gen.Int
        from big in Gen.Long
        from real in Gen.Double[-1e300, 1e300]
        from bytes in Gen.Byte.Array[0, 20]
        from maybeId in Gen.Guid.Nullable()
        select new Everything
        {
            Id = id, Word = word, MaybeWord = maybeWord, AtUs = at, MaybeUs = maybe, OnDay = day, Colour = colour, Small = small, Big = big,
            Real = real, Bytes = bytes, MaybeId = maybeId,
        };

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Query_AnyRow_ReadsBackWhatWasWritten(string engine)
    {
        await using var store = await WithTableAsync(engine);

        foreach (var row in Samples(Rows, 200).DistinctBy(row => row.Id))
        {
            await store.WriteAsync(
                session => session.ExecuteAsync($"insert into t ({string.Join(", ", Columns)}) values (@Id, @Word, @MaybeWord, @AtUs, @MaybeUs, @OnDay, @Colour, @Small, @Big, @Real, @Bytes, @MaybeId)", row),
                None);
            var read = await store.ReadAsync(session => session.SingleOrDefaultAsync<Everything>($"select {string.Join(", ", Columns)} from t where id = @Id", new { row.Id }), None);

            Assert.Equivalent(row, read, strict: true);
        }
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task BulkInsert_ManyRows_ReadsBackWhatWasWritten(string engine)
    {
        await using var store = await WithTableAsync(engine);
        var rows = Samples(Rows, 500).DistinctBy(row => row.Id).ToList();

        var inserted = await store.WriteAsync(
            session => session.BulkInsertAsync("t", Columns, rows.Select(row => new object?[]
            {
                row.Id, row.Word, row.MaybeWord, row.AtUs, row.MaybeUs, row.OnDay, row.Colour, row.Small, row.Big, row.Real, row.Bytes, row.MaybeId,
            })),
            None);

        var read = await store.ReadAsync(session => session.QueryAsync<Everything>($"select {string.Join(", ", Columns)} from t"), None);
        Assert.Equal(rows.Count, inserted);
        Assert.Equivalent(rows.OrderBy(row => row.Id), read.OrderBy(row => row.Id), strict: true);
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task BulkInsert_TransactionFails_LeavesNothing(string engine)
    {
        await using var store = await WithTableAsync(engine);

        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => store.WriteAsync(
            async session =>
            {
                await session.BulkInsertAsync("t", ["id", "word", "at_us", "colour", "small", "big", "real", "bytes"],
                    [[Guid.Empty, "w", DateTimeOffset.UnixEpoch, Colour.Red, 1, 1L, 1.0, Array.Empty<byte>()]]);
                throw new InvalidTimeZoneException();
            },
            None));

        Assert.Equal(0, await store.ReadAsync(session => session.SingleOrDefaultAsync<int>("select count(*) from t"), None));
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task In_ListsOfEachKind_MatchTheirMembers(string engine)
    {
        await using var store = await WithTableAsync(engine);
        var rows = Samples(Rows, 60).DistinctBy(row => row.Id).Select((row, i) => row with { Word = $"w{i}\"'\\é", Small = i, Big = i * 10_000_000_000L }).ToList();
        await store.WriteAsync(session => session.ExecuteAsync($"insert into t ({string.Join(", ", Columns)}) values (@Id, @Word, @MaybeWord, @AtUs, @MaybeUs, @OnDay, @Colour, @Small, @Big, @Real, @Bytes, @MaybeId)", rows), None);
        var wanted = rows.Take(3).ToList();

        Assert.Equal(3, await CountAsync(store, "id", wanted.Select(row => row.Id).ToArray()));
        Assert.Equal(3, await CountAsync(store, "id", wanted.Select(row => row.Id).ToHashSet()));
        Assert.Equal(3, await CountAsync(store, "word", wanted.Select(row => row.Word)));
        Assert.Equal(3, await CountAsync(store, "small", wanted.Select(row => row.Small).ToList()));
        Assert.Equal(3, await CountAsync(store, "big", wanted.Select(row => row.Big).ToArray()));
        Assert.Equal(rows.Count, await CountAsync(store, "colour", new[] { Colour.Red, Colour.Green }));
        Assert.Equal(0, await CountAsync(store, "id", Array.Empty<Guid>()));
        Assert.Equal(0, await CountAsync(store, "word", new List<string>()));
        Assert.Equal(3, await CountAsync(store, "id", Enumerable.Range(0, 100_000).Select(i => new Guid(i, 1, 2, new byte[8])).Concat(wanted.Select(row => row.Id)).ToArray()));
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Execute_NullOfEachKind_IsAccepted(string engine)
    {
        await using var store = await WithTableAsync(engine);

        var count = await store.ReadAsync(
            session => session.SingleOrDefaultAsync<int>(
                "select count(*) from t where (@word is null or word = @word) and (@id is null or id = @id) and (@at is null or at_us = @at) and (@number is null or small = @number)",
                new { word = (string?)null, id = (Guid?)null, at = (DateTimeOffset?)null, number = (int?)null }),
            None);

        Assert.Equal(0, count);
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Query_OrderOfText_IsByCodePoint(string engine)
    {
        await using var store = await stores.CreateAsync(engine);
        string[] names = ["b", "B", "a", "_", "ä", "Z", "\U0001F600", "\uFFFD", "1", "-"];
        await store.WriteAsync(session => session.ExecuteAsync("insert into platform_setting (name, value) values (@name, @value)", names.Select(name => new { name, value = new byte[] { 1 } })), None);

        var read = await store.ReadAsync(session => session.QueryAsync<string>("select name from platform_setting order by name"), None);

        // By code point, which is the order of the bytes of UTF-8 and not that of .NET's UTF-16 units.
        Assert.Equal(["-", "1", "B", "Z", "_", "a", "b", "ä", "\uFFFD", "\U0001F600"], read);
    }

    [Theory]
    [InlineData(new[] { 0x61, 0, 0x62 }, "U+0000 at position 1")]
    [InlineData(new[] { 0x78, 0xD83D }, "half of a surrogate pair (U+D83D) at position 1")]
    [InlineData(new[] { 0xDE00 }, "half of a surrogate pair (U+DE00) at position 0")]
    public async Task Execute_TextThatNotBothKeep_IsRefusedByName(int[] units, string reason)
    {
        var text = new string([.. units.Select(unit => (char)unit)]);
        await using var store = await stores.CreateAsync("sqlite");

        var single = await Assert.ThrowsAsync<UnstorableTextException>(() => store.ReadAsync(session => session.QueryAsync<string>("select name from platform_setting where name = @text", new { text }), None));
        var listed = await Assert.ThrowsAsync<UnstorableTextException>(() => store.ReadAsync(session => session.QueryAsync<string>($"select name from platform_setting where {session.Dialect.In("name", "texts")}", new { texts = new[] { text } }), None));

        Assert.Contains($"'text' holds {reason}", single.Message, StringComparison.Ordinal);
        Assert.Contains($"'texts' holds {reason}", listed.Message, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Write_ReadThenWriteInParallel_LosesNothing(string engine)
    {
        await using var store = await stores.CreateAsync(engine);
        await store.WriteAsync(session => session.ExecuteAsync("insert into platform_setting (name, value) values ('n', @zero)", new { zero = BitConverter.GetBytes(0) }), None);

        // Read, then write what was read: in SQLite it would fail by a lock that cannot be upgraded if it did not take the write lock at once.
        await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => Task.Run(() => store.WriteAsync(
            async session =>
            {
                await session.LockAsync("counter");
                var value = await session.SingleOrDefaultAsync<byte[]>("select value from platform_setting where name = 'n'");
                await session.ExecuteAsync("update platform_setting set value = @next where name = 'n'", new { next = BitConverter.GetBytes(BitConverter.ToInt32(value) + 1) });
            },
            None))));

        Assert.Equal(40, BitConverter.ToInt32(await store.ReadAsync(session => session.SingleOrDefaultAsync<byte[]>("select value from platform_setting where name = 'n'"), None)));
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Write_TwoStoresOnOneDatabase_WaitForEachOther(string engine)
    {
        var location = await stores.LocationAsync(engine);
        await using var first = Store.Open(location);
        await using var second = Store.Open(location);
        Migrator.Migrate(first, [typeof(Store).Assembly]);

        await Task.WhenAll(Enumerable.Range(0, 60).Select(i => Task.Run(() => (i % 2 == 0 ? first : second).WriteAsync(
            async session =>
            {
                await session.LockAsync("counter");
                var count = await session.SingleOrDefaultAsync<int>("select count(*) from platform_setting");
                await session.ExecuteAsync("insert into platform_setting (name, value) values (@name, @value)", new { name = $"{count}", value = new byte[] { 1 } });
            },
            None))));

        Assert.Equal(60, await first.ReadAsync(session => session.SingleOrDefaultAsync<int>("select count(*) from platform_setting"), None));
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task TryChange_ManyAtOnceOnOneVersion_LetsOneThrough(string engine)
    {
        await using var store = await WithTableAsync(engine);
        await store.WriteAsync(session => session.ExecuteAsync("insert into t (id, word, at_us, colour, small, big, real, bytes) values (@id, 'w', 0, 1, 0, 7, 0, @id)", new { id = Guid.Empty }), None);

        var won = await Task.WhenAll(Enumerable.Range(0, 30).Select(i => Task.Run(() => store.WriteAsync(
            session => session.TryChangeAsync("update t set small = @i, big = big + 1 where id = @id and big = 7", new { i, id = Guid.Empty }), None))));

        Assert.Single(won, true);
    }

    [Fact]
    public async Task Change_RowChangedMeanwhile_NamesItAndRollsBack()
    {
        await using var store = await stores.CreateAsync("sqlite");

        var fault = await Assert.ThrowsAsync<StaleRowException>(() => store.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync("insert into platform_setting (name, value) values ('x', @value)", new { value = new byte[] { 1 } });
                await session.ChangeAsync("update platform_setting set value = value where name = 'other'", new { }, "Setting other");
            },
            None));

        Assert.StartsWith("Setting other was changed by somebody else", fault.Message, StringComparison.Ordinal);
        Assert.Equal(0, await store.ReadAsync(session => session.SingleOrDefaultAsync<int>("select count(*) from platform_setting"), None));
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task AfterCommit_TransactionFails_DoesNotRun(string engine)
    {
        await using var store = await stores.CreateAsync(engine);
        var ran = new List<string>();

        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => store.WriteAsync<int>(
            session =>
            {
                session.AfterCommit(() => ran.Add("failed"));
                throw new InvalidTimeZoneException();
            },
            None));
        await store.WriteAsync(
            session =>
            {
                session.AfterCommit(() => ran.Add("committed"));
                Assert.Empty(ran);
                return Task.CompletedTask;
            },
            None);

        Assert.Equal(["committed"], ran);
    }

    [Fact]
    public async Task Write_WithinAWrite_IsRefusedInsteadOfWaitingForItself()
    {
        await using var store = await stores.CreateAsync("sqlite");

        await Assert.ThrowsAsync<InvalidOperationException>(() => store.WriteAsync(_ => store.WriteAsync(_ => Task.CompletedTask, None), None));

        await store.WriteAsync(_ => Task.CompletedTask, None); // and the next one is free
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Migrate_ManyNodesAtOnce_OneMigrates(string engine)
    {
        var location = await stores.LocationAsync(engine);
        var nodes = Enumerable.Range(0, 4).Select(_ => Store.Open(location)).ToList();

        await Task.WhenAll(nodes.Select(node => Task.Run(() => Migrator.Migrate(node, [typeof(Store).Assembly]))));

        var ran = await nodes[0].ReadAsync(session => session.QueryAsync<string>($"select scriptname from {Migrator.Journal}"), None);
        Assert.Equal(["0001_platform.sql", "0002_ledger_seal.sql"], ran);
        foreach (var node in nodes)
        {
            await node.DisposeAsync();
        }
    }

    [Fact]
    public void Ordered_TwoScriptsOfOneNumber_NamesBoth()
    {
        var fault = Assert.Throws<InvalidOperationException>(() => Migrator.Ordered([new DbUp.Engine.SqlScript("0100_b.sql", ""), new DbUp.Engine.SqlScript("0100_a.sql", "")]));

        Assert.StartsWith("Migrations 0100_a.sql and 0100_b.sql have the same number", fault.Message, StringComparison.Ordinal);
    }

    private async Task<Store> WithTableAsync(string engine)
    {
        var store = await stores.CreateAsync(engine);
        var sql = store.Dialect.ColumnTypes.Aggregate(Table, (text, type) => text.Replace($"${type.Key}$", type.Value, StringComparison.Ordinal));
        await store.WriteAsync(session => session.ExecuteAsync(sql), None);
        return store;
    }

    private static Task<int> CountAsync(Store store, string column, object list) => store.ReadAsync(
        session => session.SingleOrDefaultAsync<int>($"select count(*) from t where {session.Dialect.In(column, "list")}", new { list }), None);

    // The store is async and CsCheck's sampler is not: rows come from the generator with fixed seeds.
    private static IEnumerable<T> Samples<T>(Gen<T> gen, int count)
    {
        var random = new PCG(1, 20260101);
        for (var i = 0; i < count; i++)
        {
            yield return gen.Generate(random, null, out _);
        }
    }
}
