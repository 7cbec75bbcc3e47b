using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Suture.Advisories;
using Suture.Compliance;
using Suture.Contracts;
using Suture.Contracts.Inventory;
using Suture.Exposure;
using Suture.Exposure.Findings;
using Suture.Inventory;
using Suture.Inventory.Reports;
using Suture.Platform;
using Suture.Platform.Storage;
using Suture.Platform.Work;
using Suture.Tests;

namespace Suture.Server.Tests.Exposure;

/// <summary>The modules up to compliance over a real store, run step by step by the test's own clock.</summary>
internal sealed class ExposureWorld : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly Action<IServiceCollection>? _laterStages;
    private readonly string _folder;
    private int _ordinals;

    private ExposureWorld(Store store, HandMadeFeeds feeds, FakeTimeProvider time, Action<IServiceCollection>? laterStages, string folder)
    {
        Store = store;
        Time = time;
        _folder = folder;
        _laterStages = laterStages;
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.ClearProviders());
        services.AddSingleton<TimeProvider>(time);
        AddModules(services);
        laterStages?.Invoke(services);
        _services = services.BuildServiceProvider();
        Feeds.Replace(feeds);
    }

    internal static Guid Group { get; } = new(1, 2, 3, new byte[8]);

    internal static Guid OtherGroup { get; } = new(4, 5, 6, new byte[8]);

    internal Store Store { get; }

    internal FakeTimeProvider Time { get; }

    internal FeedsInForce Feeds => Get<FeedsInForce>();

    internal ExposureIndex Index => Get<ExposureIndex>();

    internal T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    /// <summary>An empty store with both groups, and the modules over it.</summary>
    internal static async Task<ExposureWorld> StartAsync(
        StoreFixture stores, string engine, HandMadeFeeds feeds, Action<IServiceCollection>? laterStages = null, params System.Reflection.Assembly[] tablesOfLaterStages)
    {
        var store = await stores.CreateAsync(
            engine, [typeof(Store).Assembly, typeof(AssetDirectory).Assembly, typeof(FeedsInForce).Assembly, typeof(ExposureIndex).Assembly, .. tablesOfLaterStages]);
        var time = new FakeTimeProvider(GivenExposure.Start);
        await store.WriteAsync(
            session => session.ExecuteAsync(
                "insert into platform_group (id, name, created_us) values (@Id, @Name, @At)",
                new[] { new { Id = Group, Name = "ours", At = GivenExposure.Start }, new { Id = OtherGroup, Name = "theirs", At = GivenExposure.Start } }),
            CancellationToken.None);
        var folder = Path.Combine(Path.GetTempPath(), $"suture-exposure-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}");
        var world = new ExposureWorld(store, feeds, time, laterStages, folder);
        await world.Get<RebuildExposure>().RunAsync(CancellationToken.None);
        return world;
    }

    /// <summary>The same store after the server was started again.</summary>
    internal async Task<ExposureWorld> RestartAsync(HandMadeFeeds feeds)
    {
        await _services.DisposeAsync();
        var world = new ExposureWorld(Store, feeds, Time, _laterStages, _folder) { _ordinals = _ordinals };
        await world.Get<RebuildExposure>().RunAsync(CancellationToken.None);
        return world;
    }

    /// <summary>Adds the world's modules to another host over the same store.</summary>
    internal void AddModules(IServiceCollection services)
    {
        services.AddPlatform(Store, _folder);
        services.AddInventory(new InventoryOptions
        {
            SecretsDirectory = _folder,
            AgentUrl = new Uri("https://localhost:7781"),
        });
        services.AddSingleton<FeedsInForce>();
        services.AddExposure();
        services.AddCompliance();
    }

    internal async Task<Guid> EnrolAsync(string name = "web1", string environment = "production", Guid? group = null)
    {
        var id = GivenExposure.Id();
        await Store.WriteAsync(
            session => session.ExecuteAsync(
                """
                insert into inventory_asset (id, ordinal, name, group_id, environment, observed_only, state, version, enrolled_us, sequence)
                values (@id, @ordinal, @name, @group, @environment, 0, 1, 1, @now, 0)
                """,
                new { id, ordinal = ++_ordinals, name, group = group ?? Group, environment, now = Time.GetUtcNow() }),
            CancellationToken.None);
        return id;
    }

    /// <summary>A report as the inventory stores it, with the work that follows from it.</summary>
    internal async Task<Guid> ReportAsync(Guid assetId, IReadOnlyList<InstalledPackage>? packages, MachineState? state = null, Guid? afterJob = null)
    {
        Time.Advance(TimeSpan.FromMinutes(1));
        var now = Time.GetUtcNow();
        var (reportId, machine) = (Guid.CreateVersion7(now), state ?? GivenExposure.State());
        var software = packages is null ? null : ReportDigest.OfSoftware(packages);
        await Store.WriteAsync(
            async session =>
            {
                if (packages is not null)
                {
                    await session.ExecuteAsync(
                        "insert into inventory_software_set (digest, content, packages, used_us) values (@software, @content, @count, @now) on conflict (digest) do nothing",
                        new { software, content = PackedJson.Pack(packages, ContractsJson.Default.IReadOnlyListInstalledPackage), count = packages.Count, now });
                }
                await session.ExecuteAsync(
                    "insert into inventory_machine_state (digest, content, used_us) values (@digest, @content, @now) on conflict (digest) do nothing",
                    new { digest = ReportDigest.OfState(machine), content = PackedJson.Pack(machine, ContractsJson.Default.MachineState), now });
                await session.ExecuteAsync(
                    """
                    insert into inventory_report (id, asset_id, boot_id, sequence, taken_us, received_us, clock_wrong, software_digest, state_digest, vitals, after_job)
                    values (@reportId, @assetId, 'boot', @sequence, @now, @now, 0, @software, @digest, '{}', @afterJob)
                    """,
                    new { reportId, assetId, afterJob, sequence = now.ToMicroseconds(), now, software, digest = ReportDigest.OfState(machine) });
                await session.ExecuteAsync(
                    "update inventory_asset set report_id = @reportId, reported_us = @now, last_seen_us = @now, release = @release where id = @assetId",
                    new { reportId, now, release = machine.OperatingSystem?.Codename, assetId });
                await Get<WorkQueue>().EnqueueAsync(session, now, InventoryWork.AssetChanged, assetId.ToString("N"));
            },
            CancellationToken.None);
        return reportId;
    }

    internal async Task PutInForceAsync(HandMadeFeeds feeds)
    {
        Time.Advance(TimeSpan.FromMinutes(1));
        Feeds.Replace(feeds);
        await Store.WriteAsync(
            session => Get<WorkQueue>().EnqueueAsync(session, Time.GetUtcNow(), AdvisoriesWork.FeedsChanged, AdvisoriesWork.All), CancellationToken.None);
    }

    /// <summary>Runs all work that is due, and what follows from it.</summary>
    internal async Task RunAsync()
    {
        for (var rounds = 0; await Get<WorkLoop>().RunDueAsync(CancellationToken.None) > 0; rounds++)
        {
            Assert.True(rounds < 20, "The work does not come to an end.");
        }
        Assert.Equal(0, await CountAsync("select count(*) from platform_work where error is not null"));
    }

    /// <summary>Assets that the next stage is told of; they are told once.</summary>
    internal async Task<IReadOnlyList<Guid>> TakeJudgedAsync()
    {
        var subjects = await Store.WriteAsync(
            session => session.QueryAsync<string>("delete from platform_work where kind = @kind returning subject", new { kind = ExposureWork.AssetJudged }), CancellationToken.None);
        return [.. subjects.Select(subject => Guid.ParseExact(subject, "N"))];
    }

    internal Task<IReadOnlyList<Episode>> EpisodesAsync(Guid assetId) => Store.ReadAsync(
        session => session.QueryAsync<Episode>(
            $"select {EpisodeStore.Columns} from exposure_episode where asset_id = @assetId order by detected_us, vulnerability", new { assetId }),
        CancellationToken.None);

    internal Task<int> CountAsync(string sql) => Store.ReadAsync(session => session.SingleOrDefaultAsync<int>(sql), CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await Store.DisposeAsync();
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }
}
