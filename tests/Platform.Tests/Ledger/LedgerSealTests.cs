using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Suture.Contracts.Ledger;
using Suture.Platform;
using Suture.Platform.Ledger;
using Suture.Platform.Storage;

namespace Suture.Tests.Ledger;

/// <summary>The sealer on real stores: the chain, the checkpoints outside of the store, and what they show when somebody has been at the store.</summary>
public sealed class LedgerSealTests(StoreFixture stores)
{
    public static TheoryData<string> Engines => StoreFixture.Engines;

    [Theory, MemberData(nameof(Engines))]
    public async Task EveryRowIsChainedToTheOneBefore(string engine)
    {
        await using var world = await LedgerWorld.StartAsync(stores, engine);
        await world.WriteAsync(3);
        await world.SealAsync();
        await world.WriteAsync(LedgerSealer.BatchMax + 5); // more than one transaction seals
        await world.SealAsync();

        var rows = await world.ChainAsync();

        Assert.Equal(LedgerSealer.BatchMax + 8, rows.Count);
        var previous = LedgerChain.Start.ToArray();
        for (var at = 0; at < rows.Count; at++)
        {
            Assert.Equal(at + 1, rows[at].Position);
            previous = LedgerChain.Hash(previous, rows[at]);
            Assert.Equal(Convert.ToHexStringLower(previous), rows[at].Hash);
        }
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task ACheckpointIsSignedWhenTheChainHasGrown(string engine)
    {
        await using var world = await LedgerWorld.StartAsync(stores, engine);
        await world.SealAsync();
        Assert.Empty(world.Checkpoints());

        await world.WriteAsync(2);
        await world.SealAsync();
        await world.SealAsync(); // nothing new
        world.Time.Advance(LedgerSealer.Every);
        await world.WriteAsync(1);
        await world.SealAsync();

        var chain = await world.ChainAsync();
        Assert.Equal([(2L, chain[1].Hash), (3L, chain[2].Hash)], world.Checkpoints().Select(each => (each.Position, each.Hash)));
        Assert.All(world.Checkpoints(), each => Assert.True(each.IsSignedBy(world.PublicKey())));
        Assert.Equal(LedgerSealer.Every, world.Checkpoints()[1].AtUtc - world.Checkpoints()[0].AtUtc);
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task SealersOfSeveralServersMakeOneChain(string engine)
    {
        await using var world = await LedgerWorld.StartAsync(stores, engine);
        await using var other = world.AnotherServer();
        var writing = Enumerable.Range(0, 8).Select(_ => world.WriteAsync(20)).ToList();
        while (!Task.WhenAll(writing).IsCompleted)
        {
            await Task.WhenAll(world.SealAsync(), other.SealAsync());
        }
        await Task.WhenAll(writing);
        await Task.WhenAll(world.SealAsync(), other.SealAsync());

        var rows = await world.ChainAsync();

        Assert.Equal(Enumerable.Range(1, 160).Select(position => (long)position), rows.Select(row => row.Position));
        Assert.Equal(160, rows.Select(row => row.Sequence).Distinct().Count());
        LedgerWorld.AssertChained(rows);
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task AnOlderCopyOfTheStoreIsFoundByTheFileOfCheckpoints(string engine)
    {
        await using var world = await LedgerWorld.StartAsync(stores, engine);
        await world.WriteAsync(5);
        await world.SealAsync();
        await world.ExecuteAsync("delete from platform_ledger where position > 3");

        await world.SealAsync();
        await world.SealAsync();
        await world.SealAsync();

        var state = await world.Witness.StateAsync(CancellationToken.None);
        Assert.Equal(1, state.Contradictions); // once, however often it is looked at
        Assert.Equal(4, state.Position); // that it was found is sealed too
        Assert.Contains("\"position\":5", (await world.ChainAsync())[^1].Detail, StringComparison.Ordinal);
        Assert.Contains("\"keeper\":\"server\"", (await world.ChainAsync())[^1].Detail, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task AnOlderCopyOfStoreAndFileIsFoundByAnAgent(string engine)
    {
        await using var world = await LedgerWorld.StartAsync(stores, engine);
        await world.WriteAsync(5);
        await world.SealAsync();
        var kept = world.Witness.Newest!;
        await world.ExecuteAsync("delete from platform_ledger where position > 3");
        world.RemoveCheckpoints();
        await using var restored = world.Restart();
        await restored.SealAsync();

        var asset = new Guid(1, 2, 3, new byte[8]);
        await restored.Witness.HearAsync(kept, asset, CancellationToken.None);
        await restored.Witness.HearAsync(kept, new Guid(2, 2, 3, new byte[8]), CancellationToken.None);

        Assert.Equal(1, (await restored.Witness.StateAsync(CancellationToken.None)).Contradictions);
        await restored.SealAsync();
        Assert.Contains($"agent:{asset}", (await restored.ChainAsync())[^1].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatIsNotSignedHereSaysNothing()
    {
        await using var world = await LedgerWorld.StartAsync(stores, "sqlite");
        await world.WriteAsync(5);
        await world.SealAsync();
        using var foreign = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var newest = world.Witness.Newest!;
        foreach (var shown in new[]
        {
            Checkpoint.Sign(9, new byte[32], world.Time.GetUtcNow(), foreign), newest with { Position = 4 }, newest with { Hash = new string('0', 64) }, newest with { Signature = "" },
            newest with { Hash = "zz" }, newest with { KeyId = "" }, newest with { AtUtc = newest.AtUtc.AddHours(1) },
        })
        {
            await world.Witness.HearAsync(shown, Guid.Empty, CancellationToken.None);
        }

        Assert.Equal(0, (await world.Witness.StateAsync(CancellationToken.None)).Contradictions);
    }

    [Fact]
    public async Task ATornLineOfTheFileIsSignedAgain()
    {
        await using var world = await LedgerWorld.StartAsync(stores, "sqlite");
        await world.WriteAsync(1);
        await world.SealAsync();
        await world.WriteAsync(1);
        await world.SealAsync();
        var text = await File.ReadAllTextAsync(world.CheckpointsPath);
        await File.WriteAllTextAsync(world.CheckpointsPath, text[..^20]);

        await using var again = world.Restart();
        await again.SealAsync();

        Assert.Equal([1, 2], again.Checkpoints().Select(each => each.Position));
        Assert.Equal(2, (await File.ReadAllLinesAsync(again.CheckpointsPath)).Length);
    }

    [Fact]
    public async Task WhatAFullDiskLeftOfALineIsNotGluedToTheNext()
    {
        await using var world = await LedgerWorld.StartAsync(stores, "sqlite");
        await world.WriteAsync(1);
        await world.SealAsync();
        await File.AppendAllTextAsync(world.CheckpointsPath, "{\"position\":2,\"ha"); // as a write that failed leaves it

        await world.WriteAsync(1);
        await world.SealAsync();
        await world.WriteAsync(1);
        await world.SealAsync();

        Assert.Equal([1, 2, 3], CheckpointLog.Open(world.CheckpointsPath).All().Select(each => each.Position));
    }

    [Fact]
    public async Task WhatCouldNotBeWrittenIsSignedAgain()
    {
        await using var world = await LedgerWorld.StartAsync(stores, "sqlite");
        await world.WriteAsync(1);
        await world.SealAsync();
        File.Move(world.CheckpointsPath, world.CheckpointsPath + ".away");
        await world.WriteAsync(1);
        await Assert.ThrowsAsync<FileNotFoundException>(world.SealAsync);
        Assert.Equal(1, world.Witness.Newest!.Position);

        File.Move(world.CheckpointsPath + ".away", world.CheckpointsPath);
        await world.SealAsync();

        Assert.Equal([1, 2], CheckpointLog.Open(world.CheckpointsPath).All().Select(each => each.Position));
    }

    [Fact]
    public async Task ALineThatIsNoneOfOursIsRefusedByName()
    {
        await using var world = await LedgerWorld.StartAsync(stores, "sqlite");
        await world.WriteAsync(1);
        await world.SealAsync();
        await File.WriteAllTextAsync(world.CheckpointsPath, "scribble\n" + await File.ReadAllTextAsync(world.CheckpointsPath));

        var fault = Assert.Throws<InvalidOperationException>(() => CheckpointLog.Open(world.CheckpointsPath));

        Assert.Contains($"{world.CheckpointsPath}, line 1 ", fault.Message, StringComparison.Ordinal);
    }
}

/// <summary>A ledger over a real store, with the sealer that the server has; the test moves it.</summary>
internal sealed class LedgerWorld : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly DirectoryInfo _folder;
    private readonly bool _ownsStore;
    private readonly bool _ownsFolder;

    private LedgerWorld(Store store, FakeTimeProvider time, DirectoryInfo folder, bool ownsStore, bool ownsFolder)
    {
        (Store, Time, _folder, _ownsStore, _ownsFolder) = (store, time, folder, ownsStore, ownsFolder);
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.ClearProviders());
        services.AddSingleton<TimeProvider>(time);
        services.AddPlatform(store, folder.FullName);
        _services = services.BuildServiceProvider();
    }

    public Store Store { get; }

    public FakeTimeProvider Time { get; }

    public LedgerWitness Witness => _services.GetRequiredService<LedgerWitness>();

    public string CheckpointsPath => Path.Combine(_folder.FullName, "ledger", "checkpoints.jsonl");

    public static async Task<LedgerWorld> StartAsync(StoreFixture stores, string engine) => new(
        await stores.CreateAsync(engine), new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)), Directory.CreateTempSubdirectory("suture-ledger-"), ownsStore: true, ownsFolder: true);

    public static void AssertChained(IReadOnlyList<SealedRow> rows)
    {
        var previous = LedgerChain.Start.ToArray();
        foreach (var row in rows)
        {
            Assert.Equal(Convert.ToHexStringLower(previous = LedgerChain.Hash(previous, row)), row.Hash);
        }
    }

    /// <summary>Another server with a data folder of its own over the same store.</summary>
    public LedgerWorld AnotherServer() => new(Store, Time, Directory.CreateTempSubdirectory("suture-ledger-"), ownsStore: false, ownsFolder: true);

    /// <summary>The same server after it was started again.</summary>
    public LedgerWorld Restart() => new(Store, Time, _folder, ownsStore: false, ownsFolder: false);

    /// <summary>Writes facts, each in a transaction of its own.</summary>
    public async Task WriteAsync(int rows)
    {
        for (var row = 0; row < rows; row++)
        {
            await Store.WriteAsync(
                session => session.AppendLedgerAsync(Time.GetUtcNow(), "server", "test.happened", "test:1", new { row }, LedgerScope.Of(new Guid(row, 0, 0, new byte[8]))), CancellationToken.None);
        }
    }

    public Task SealAsync() => _services.GetRequiredService<LedgerSealer>().SealAsync(CancellationToken.None);

    public async Task<IReadOnlyList<SealedRow>> ChainAsync() => (await LedgerApi.ListSealedAsync(Store, 0, int.MaxValue - 1, CancellationToken.None)).Items;

    public IReadOnlyList<Checkpoint> Checkpoints() => _services.GetRequiredService<CheckpointLog>().All();

    public ECDsa PublicKey()
    {
        var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(Convert.FromBase64String(_services.GetRequiredService<CheckpointSigner>().PublicKeys.Values.Single()), out _);
        return key;
    }

    public Task ExecuteAsync(string sql) => Store.WriteAsync(session => session.ExecuteAsync(sql), CancellationToken.None);

    public void RemoveCheckpoints() => File.Delete(CheckpointsPath);

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        if (_ownsStore)
        {
            await Store.DisposeAsync();
        }
        if (_ownsFolder)
        {
            _folder.Delete(recursive: true);
        }
    }
}
