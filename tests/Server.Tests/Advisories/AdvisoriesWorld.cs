using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Suture.Advisories;
using Suture.Advisories.Archive;
using Suture.Advisories.Fetching;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Contracts.Inventory;
using Suture.Inventory;
using Suture.Inventory.Reports;
using Suture.Platform;
using Suture.Platform.Storage;
using Suture.Platform.Work;
using Suture.Server.Tests.Exposure;
using Suture.Tests;

namespace Suture.Server.Tests.Advisories;

/// <summary>The module as the server composes it, over a real store and a folder of its own, with the test's clock.</summary>
internal sealed class AdvisoriesWorld : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;
    private readonly ArchiveOptions _archive;
    private readonly ServiceProvider _services;
    private bool _isHandedOn;
    private int _ordinals;

    private AdvisoriesWorld(Store store, DirectoryInfo folder, ArchiveOptions archive, FakeTimeProvider time)
    {
        (Store, _folder, _archive, Time) = (store, folder, archive, time);
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.ClearProviders());
        services.AddSingleton<TimeProvider>(time);
        services.AddPlatform(store, Path.Combine(folder.FullName, "data"));
        services.AddInventory(new InventoryOptions { SecretsDirectory = Path.Combine(folder.FullName, "secrets"), AgentUrl = new Uri("https://localhost:7781") });
        // Relative, as a person may name it.
        services.AddAdvisories(new FeedOptions { Directory = Path.GetRelativePath(Environment.CurrentDirectory, InForceFolder), IsFetching = false }, archive);
        _services = services.BuildServiceProvider();
    }

    internal static DateTimeOffset Start { get; } = new(2026, 8, 20, 12, 0, 0, TimeSpan.Zero);

    internal Store Store { get; }

    internal FakeTimeProvider Time { get; }

    internal string InForceFolder => Path.Combine(_folder.FullName, "in-force");

    internal FeedLibrary Library => Get<FeedLibrary>();

    internal FeedFetcher Fetcher => Get<FeedFetcher>();

    internal string Digest => Get<FeedsInForce>().Current.Digest;

    internal Knowledge.Feeds.FeedSnapshot Current => Get<FeedsInForce>().Current;

    internal T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    internal static async Task<AdvisoriesWorld> StartAsync(StoreFixture stores, string engine, ArchiveOptions? archive = null)
    {
        var store = await stores.CreateAsync(engine, typeof(Store).Assembly, typeof(AssetDirectory).Assembly, typeof(FeedsInForce).Assembly);
        await store.WriteAsync(
            session => session.ExecuteAsync("insert into platform_group (id, name, created_us) values (@Group, 'ours', @Start)", new { ExposureWorld.Group, Start }),
            CancellationToken.None);
        var world = new AdvisoriesWorld(store, Directory.CreateTempSubdirectory("suture-advisories-"), archive ?? new ArchiveOptions { IsEnabled = false }, new FakeTimeProvider(Start));
        await world.Library.LoadAsync(CancellationToken.None);
        return world;
    }

    /// <summary>The same store and folder after the server was started again.</summary>
    internal async Task<AdvisoriesWorld> RestartAsync()
    {
        await _services.DisposeAsync();
        var world = new AdvisoriesWorld(Store, _folder, _archive, Time) { _ordinals = _ordinals };
        _isHandedOn = true;
        await world.Library.LoadAsync(CancellationToken.None);
        return world;
    }

    /// <summary>Imports files from a folder of their own.</summary>
    internal Task<FeedImportAnswer> ImportAsync(params (string Name, byte[] Content)[] files) => ImportAsync([], files);

    internal async Task<FeedImportAnswer> ImportAsync(IReadOnlyCollection<string> accept, params (string Name, byte[] Content)[] files)
    {
        Time.Advance(TimeSpan.FromMinutes(1));
        var folder = Directory.CreateTempSubdirectory("suture-import-");
        foreach (var (name, content) in files)
        {
            await File.WriteAllBytesAsync(Path.Combine(folder.FullName, name), content);
        }
        try
        {
            return await Library.ImportAsync(folder.FullName, "user:anna", accept, CancellationToken.None);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    internal async Task<FeedState> StateAsync(string feed) =>
        await Library.FindStateAsync(feed, CancellationToken.None) ?? throw new InvalidOperationException($"There is no state of {feed}.");

    /// <summary>The only kept file of a part of a feed, as it lies on the disk.</summary>
    internal string KeptPath(string feed, string part) =>
        Path.Combine(InForceFolder, feed, new Knowledge.Feeds.Keeping.FeedKeep(InForceFolder).DigestOf(feed, part)!);

    /// <summary>Waiting work that tells the next stage of other feeds; it is told once.</summary>
    internal async Task<int> TakeFeedsChangedAsync() => (await Store.WriteAsync(
        session => session.QueryAsync<string>("delete from platform_work where kind = @kind returning subject", new { kind = AdvisoriesWork.FeedsChanged }),
        CancellationToken.None)).Count;

    /// <summary>What the ledger tells of new contents, oldest first: the feeds of each row.</summary>
    internal async Task<IReadOnlyList<IReadOnlyList<ToldFeed>>> ChangesAsync() =>
        [.. (await QueryAsync<string>("select detail from platform_ledger where action = 'feeds.changed' and actor = 'server' and group_id is null order by sequence"))
            .Select(detail => JsonSerializer.Deserialize<ToldChange>(detail, JsonSerializerOptions.Web)!.Feeds)];

    internal sealed record ToldFeed(string Name, string? Digest, int Records, string? ContentVersion, int FixesRecorded, int FixesWithdrawn);

    private sealed record ToldChange(IReadOnlyList<ToldFeed> Feeds);

    internal Task<IReadOnlyList<T>> QueryAsync<T>(string sql) => Store.ReadAsync(session => session.QueryAsync<T>(sql), CancellationToken.None);

    /// <summary>An asset of bookworm with packages, as the inventory stores it, and the word of it.</summary>
    internal async Task EnrolAsync(params InstalledPackage[] packages)
    {
        var now = Time.GetUtcNow();
        var (id, report, state, software) = (GivenExposure.Id(), GivenExposure.Id(), GivenExposure.State(), ReportDigest.OfSoftware(packages));
        await Store.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync(
                    "insert into inventory_software_set (digest, content, packages, used_us) values (@software, @content, @Length, @now) on conflict (digest) do nothing",
                    new { software, content = PackedJson.Pack(packages, ContractsJson.Default.IReadOnlyListInstalledPackage), packages.Length, now });
                await session.ExecuteAsync(
                    "insert into inventory_machine_state (digest, content, used_us) values (@digest, @content, @now) on conflict (digest) do nothing",
                    new { digest = ReportDigest.OfState(state), content = PackedJson.Pack(state, ContractsJson.Default.MachineState), now });
                await session.ExecuteAsync(
                    """
                    insert into inventory_asset (id, ordinal, name, group_id, environment, observed_only, state, version, enrolled_us, sequence, report_id, reported_us, release, software_digest)
                    values (@id, @ordinal, 'web', @Group, 'production', 0, 1, 1, @now, 1, @report, @now, 'bookworm', @software)
                    """,
                    new { id, ordinal = ++_ordinals, ExposureWorld.Group, now, report, software });
                await session.ExecuteAsync(
                    """
                    insert into inventory_report (id, asset_id, boot_id, sequence, taken_us, received_us, clock_wrong, software_digest, state_digest, vitals)
                    values (@report, @id, 'boot', 1, @now, @now, 0, @software, @digest, '{}')
                    """,
                    new { report, id, now, software, digest = ReportDigest.OfState(state) });
                await Get<WorkQueue>().EnqueueAsync(session, now, InventoryWork.SoftwareChanged, "bookworm");
            },
            CancellationToken.None);
    }

    /// <summary>Lets the time to the next look at the archive pass, and looks.</summary>
    internal async Task ReadArchiveAsync()
    {
        Time.Advance(_archive.Interval);
        await Get<WorkLoop>().RunDueAsync(CancellationToken.None);
        Assert.Empty(await QueryAsync<string>("select error from platform_work where error is not null"));
    }

    public async ValueTask DisposeAsync()
    {
        if (_isHandedOn)
        {
            return;
        }
        await _services.DisposeAsync();
        await Store.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
