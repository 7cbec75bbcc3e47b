using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Suture.Contracts.Api;
using Suture.Contracts.Inventory;
using Suture.Contracts.Jobs;
using Suture.Exposure;
using Suture.Exposure.Findings;
using Suture.Inventory;
using Suture.Platform;
using Suture.Platform.Identity;
using Suture.Platform.Storage;
using Suture.Platform.Work;
using Suture.Remediation;
using Suture.Remediation.Approvals;
using Suture.Remediation.Dispatch;
using Suture.Tests;
using static Suture.Server.Tests.Remediation.GivenRemediation;

namespace Suture.Server.Tests.Remediation;

/// <summary>The module over a real store and the real stages before it; only the matching is the test's: it puts findings where matching would.</summary>
internal sealed class RemediationWorld : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private int _ordinals;

    private RemediationWorld(Store store, FakeTimeProvider time, string folder, bool isSolo)
    {
        Store = store;
        Time = time;
        Folder = folder;
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.ClearProviders());
        services.AddSingleton<TimeProvider>(time);
        services.AddPlatform(store, folder, options => options.Solo = isSolo);
        services.AddInventory(new InventoryOptions { SecretsDirectory = Path.Combine(folder, "inventory"), AgentUrl = new Uri("https://localhost:7781") });
        services.AddSingleton<ExposureIndex>();
        services.AddRemediation(SecretsFolder.Open(folder));
        _services = services.BuildServiceProvider();
        Get<ExposureIndex>().BecomeReady();
    }

    internal static Guid Group { get; } = new(1, 2, 3, new byte[8]);

    internal static Guid OtherGroup { get; } = new(4, 5, 6, new byte[8]);

    internal Store Store { get; }

    internal FakeTimeProvider Time { get; }

    /// <summary>Gone when the world is.</summary>
    internal string Folder { get; }

    internal T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    internal static async Task<RemediationWorld> StartAsync(StoreFixture stores, string engine, bool isSolo = false)
    {
        var store = await stores.CreateAsync(
            engine, typeof(Store).Assembly, typeof(AssetDirectory).Assembly, typeof(ExposureIndex).Assembly, typeof(PlanDirectory).Assembly);
        await store.WriteAsync(
            session => session.ExecuteAsync(
                "insert into platform_group (id, name, created_us) values (@Id, @Name, @At)",
                new[] { new { Id = Group, Name = "ours", At = Start }, new { Id = OtherGroup, Name = "theirs", At = Start } }),
            CancellationToken.None);
        var folder = Path.Combine(Path.GetTempPath(), $"suture-remediation-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}");
        return new RemediationWorld(store, new FakeTimeProvider(Start), folder, isSolo);
    }

    /// <summary>The same store and secrets after the server was killed and started again; what was in memory is gone, reports are matched anew.</summary>
    internal async Task<RemediationWorld> RestartAsync(params AssetExposure[] exposures)
    {
        await _services.DisposeAsync();
        var world = new RemediationWorld(Store, Time, Folder, false) { _ordinals = _ordinals };
        foreach (var exposure in exposures)
        {
            world.Get<ExposureIndex>().Put(exposure);
        }
        return world;
    }

    internal async Task<Guid> EnrolAsync(string name = "web1", string environment = "staging", Guid? group = null, bool observedOnly = false)
    {
        var id = Id();
        await Store.WriteAsync(
            session => session.ExecuteAsync(
                """
                insert into inventory_asset (id, ordinal, name, group_id, environment, observed_only, state, version, enrolled_us, last_seen_us, boot_id, sequence)
                values (@id, @ordinal, @name, @group, @environment, @observed, 1, 1, @now, @now, 'boot-1', 0)
                """,
                new { id, ordinal = ++_ordinals, name, group = group ?? Group, environment, observed = observedOnly ? 1 : 0, now = Time.GetUtcNow() }),
            CancellationToken.None);
        return id;
    }

    /// <summary>A report as the stages before leave it: matched, in the index, and this module's work asked for.</summary>
    internal async Task<AssetExposure> ReportAsync(
        Guid asset, IReadOnlyList<Finding>? findings = null, string version = Old, Guid? afterJob = null, string boot = "boot-1", IReadOnlyList<AvailableUpdate>? updates = null)
    {
        Time.Advance(TimeSpan.FromMinutes(1));
        var now = Time.GetUtcNow();
        await Store.WriteAsync(
            session => session.ExecuteAsync("update inventory_asset set boot_id = @boot, last_seen_us = @now where id = @asset", new { boot, now, asset }), CancellationToken.None);
        var record = (await Get<AssetDirectory>().FindAsync(Scope.All, asset, CancellationToken.None))!;
        var exposure = new AssetExposure
        {
            Asset = record,
            ReportId = Guid.CreateVersion7(now),
            BootId = boot,
            TakenUtc = now,
            ReceivedUtc = now,
            AfterJob = afterJob,
            MatchedUtc = now,
            FeedsDigest = "f",
            Release = "bookworm",
            Findings = findings ?? [Finding()],
            Unknown = [],
            Packages = [Package(version: version), Package("curl", "1", "curl")],
            State = State(updates ?? [Update(), Update("curl", "2", "curl")]),
            DetectedUtc = new Dictionary<EpisodeKey, DateTimeOffset>(),
        };
        Get<ExposureIndex>().Put(exposure);
        await Store.WriteAsync(session => Get<WorkQueue>().EnqueueAsync(session, now, ExposureWork.AssetJudged, asset.ToString("N")), CancellationToken.None);
        return exposure;
    }

    /// <summary>Runs all that is due until nothing is. Work that failed would come back later: the test fails with it.</summary>
    internal async Task RunAsync()
    {
        while (await Get<WorkLoop>().RunDueAsync(CancellationToken.None) > 0)
        {
            Assert.Empty(await Store.ReadAsync(session => session.QueryAsync<string>("select error from platform_work where error is not null"), CancellationToken.None));
        }
    }

    /// <summary>Runs what is due of one kind only, as a server that dies before the next stage does.</summary>
    internal async Task RunOnlyAsync(string kind)
    {
        var handler = _services.GetServices<IWorkHandler>().Single(handler => handler.Kind == kind);
        foreach (var item in await Get<WorkQueue>().ClaimAsync(kind, 10, CancellationToken.None))
        {
            await handler.HandleAsync(item, CancellationToken.None);
        }
    }

    /// <summary>Moves an asset to another environment by a person's word.</summary>
    internal async Task MoveAsync(Guid asset, string environment)
    {
        Time.Advance(TimeSpan.FromSeconds(1));
        await Store.WriteAsync(session => session.ExecuteAsync("update inventory_asset set environment = @environment where id = @asset", new { asset, environment }), CancellationToken.None);
    }

    internal async Task<IReadOnlyList<PlanRow>> PlansAsync() => (await Get<PlanDirectory>().ListAsync(Scope.All, new PlanQuery(), CancellationToken.None)).Items;

    internal async Task<IReadOnlyList<JobRow>> JobsAsync() => [.. (await Get<PlanDirectory>().JobsAsync(Scope.All, new JobQuery(), CancellationToken.None)).Items.Reverse()];

    internal Task<PollResponse> PollAsync(Guid asset, int seconds = 0, string boot = "boot-1", params Guid[] working) =>
        Get<OfferJobs>().PollAsync(asset, new PollRequest { BootId = boot, LastSequence = 1, WaitSeconds = seconds, Working = working }, CancellationToken.None);

    internal Task<ResultTaken> ResultAsync(Guid asset, Guid job, JobOutcome outcome = JobOutcome.Done, string? reason = null, params PackageChange[] unapproved) =>
        Get<TakeResult>().HandleAsync(
            asset,
            new JobResult { JobId = job, Outcome = outcome, Reason = reason, StartedUtc = Time.GetUtcNow(), EndedUtc = Time.GetUtcNow(), Unapproved = unapproved },
            CancellationToken.None);

    internal async Task<(DecisionOutcome Outcome, string Detail)> DecideAsync(Guid plan, bool isApproval = true, string name = "bert", Scope? scope = null, string? hash = null) =>
        await Get<DecideOnPlan>().HandleAsync(
            Person(name, scope), plan, new PlanDecisionRequest { Hash = hash ?? (await PlansAsync()).First(row => row.Id == plan).Hash, Reason = "seen" }, isApproval, CancellationToken.None);

    internal Task<(DecisionOutcome Outcome, string Detail)> WithdrawAsync(Guid plan, Principal? person = null) =>
        Get<WithdrawPlan>().HandleAsync(person ?? Person("carl"), plan, "not this week", CancellationToken.None);

    internal static Principal Person(string name, Scope? scope = null, params Role[] roles) =>
        new() { Actor = $"user:{name}", Name = name, Roles = roles.Length > 0 ? roles.ToHashSet() : new HashSet<Role> { Role.Approver, Role.Analyst }, Scope = scope ?? Scope.All };

    internal Task<IReadOnlyList<string>> LedgerAsync(string subject) =>
        Store.ReadAsync(session => session.QueryAsync<string>("select action from platform_ledger where subject = @subject order by sequence", new { subject }), CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await Store.DisposeAsync();
        if (Directory.Exists(Folder))
        {
            Directory.Delete(Folder, recursive: true);
        }
    }
}
