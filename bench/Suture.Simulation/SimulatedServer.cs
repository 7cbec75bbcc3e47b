using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Suture.Advisories;
using Suture.Agent.Transport;
using Suture.Contracts.Jobs;
using Suture.Exposure;
using Suture.Exposure.Findings;
using Suture.Inventory;
using Suture.Inventory.Assets;
using Suture.Platform;
using Suture.Platform.Ledger;
using Suture.Platform.Storage;
using Suture.Platform.Work;
using Suture.Remediation;
using Suture.Remediation.Dispatch;

namespace Suture.Simulation;

/// <summary>One life of the server: its own modules over the store, as the host composes them, without ports.</summary>
internal sealed class ServerLife : IDisposable
{
    private readonly World _world;
    private readonly FaultyDialect _dialect;
    private readonly ServiceProvider _services;

    internal ServerLife(World world)
    {
        _world = world;
        _dialect = new FaultyDialect(world) { Died = () => IsDead = true };
        Store = Store.OpenFile(world.StorePath, _dialect);
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.ClearProviders());
        services.AddSingleton<TimeProvider>(world.Time);
        services.AddPlatform(Store, world.Folder);
        services.AddInventory(new InventoryOptions { SecretsDirectory = Path.Combine(world.Folder, "inventory"), AgentUrl = new Uri("https://localhost:7781") });
        services.AddSingleton<FeedsInForce>();
        services.AddExposure();
        services.AddRemediation(SecretsFolder.Open(world.Folder));
        _services = services.BuildServiceProvider();
    }

    internal Store Store { get; }

    internal bool IsDead
    {
        get => _dialect.IsDead;
        set => _dialect.IsDead = value;
    }

    internal T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    /// <summary>What the host does before it listens.</summary>
    internal async Task StartAsync()
    {
        Get<FeedsInForce>().Replace(_world.Repository.Feeds);
        await Get<RebuildExposure>().RunAsync(CancellationToken.None);
        _world.Begin(() => LoopAsync(WorkAsync, 100, 6_000));
        _world.Begin(() => LoopAsync(WorkAsync, 100, 6_000)); // as a second lane, or node, over the same store
        _world.Begin(() => LoopAsync(() => Get<LedgerSealer>().SealAsync(CancellationToken.None), 10_000, 10_000));
        _world.Begin(() => LoopAsync(() => Get<Heartbeats>().FlushAsync(CancellationToken.None), 5_000, 5_000));
    }

    internal async Task<Reply<PollResponse>> PollAsync(Guid asset, PollRequest request)
    {
        Get<Heartbeats>().Touch(asset, _world.Time.GetUtcNow());
        return new Reply<PollResponse>(ReplyOutcome.Answered, await Get<OfferJobs>().PollAsync(asset, request, CancellationToken.None), "");
    }

    public void Dispose()
    {
        IsDead = true;
        _services.Dispose();
    }

    // Each kind of work looks for its own; one look for all saves a thousand idle ones a run.
    private async Task WorkAsync()
    {
        var now = _world.Time.GetUtcNow();
        if (await Store.ReadAsync(session => session.SingleOrDefaultAsync<int>("select 1 from platform_work where due_us <= @now limit 1", new { now }), CancellationToken.None) == 1)
        {
            await Get<WorkLoop>().RunDueAsync(CancellationToken.None);
        }
    }

    private async Task LoopAsync(Func<Task> work, int least, int most)
    {
        while (!IsDead)
        {
            try
            {
                await work();
            }
            // As the hosted loops: a store that is away for a moment does not end them.
            catch (Exception fault) when (fault is not (BrokenRule or DeadException))
            {
                _world.Tell($"a loop of the server goes on: {fault.Message}");
            }
            await _world.Thread.Delay(_world.Dice.Milliseconds(least, most));
        }
    }
}

/// <summary>The server over all its lives.</summary>
internal sealed class SimulatedServer(World world)
{
    /// <summary>The life it lives; null while it is down.</summary>
    internal ServerLife? Life { get; private set; }

    /// <summary>Keys that sign jobs, as an agent was given them when it joined.</summary>
    internal IReadOnlyDictionary<string, string> JobKeys { get; private set; } = new Dictionary<string, string>();

    /// <summary>Ends it for good, with all its connections.</summary>
    internal void Close()
    {
        Life?.Dispose();
        SqliteConnection.ClearAllPools();
    }

    /// <summary>Lives and dies, until the world ends.</summary>
    internal async Task RunAsync()
    {
        while (!world.IsOver)
        {
            var life = new ServerLife(world);
            try
            {
                await life.StartAsync();
                JobKeys = life.Get<IJobSigningKeys>().PublicKeys;
                Life = life;
                await UntilDeathAsync(life);
            }
            catch (Exception fault) when (fault is not BrokenRule)
            {
                world.Tell($"the server does not start: {fault.Message}");
                life.Dispose();
            }
            Life = null;
            world.Counts.ServerDeaths++;
            world.Tell("the server is dead");
            await world.Thread.Delay(world.Dice.Milliseconds(500, 20_000));
        }
    }

    private async Task UntilDeathAsync(ServerLife life)
    {
        while (!life.IsDead && !world.IsOver)
        {
            await world.Thread.Delay(TimeSpan.FromSeconds(1));
            if (world.Dice.Hits(world.Faults.Death / 3))
            {
                life.Dispose(); // killed from outside, wherever it stands
            }
        }
    }
}
