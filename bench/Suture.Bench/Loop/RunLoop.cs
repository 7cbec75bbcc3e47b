using System.Globalization;
using Suture.Collect;

namespace Suture.Bench.Loop;

/// <summary>Runs <c>bench loop</c> from start to end; everything it starts ends with it.</summary>
/// <param name="options">What to do.</param>
/// <param name="time">Clock.</param>
/// <param name="say">Takes progress, a line at a time.</param>
internal sealed class RunLoop(LoopOptions options, TimeProvider time, Action<string> say)
{
    private const string CommitVariable = "SUTURE_COMMIT";

    /// <summary>Measures.</summary>
    /// <exception cref="BenchException">Something needed is not there, or the server does not work.</exception>
    public async Task<LoopReport> RunAsync(CancellationToken cancellation)
    {
        var startedUtc = time.GetUtcNow();
        var loadBefore = BenchMachine.ReadLoad();
        var today = DateOnly.FromDateTime(startedUtc.UtcDateTime);
        using var folder = new RunFolder();
        var setup = SetUp(folder, today);
        say("starting the server");
        await using var server = await ServerUnderTest.StartAsync(folder.Data, options.Store, time, cancellation);
        await server.ImportAsync(setup.Feeds.Directory, cancellation);
        say($"{options.Agents} endpoints join");
        using var fleet = await new JoinFleet(server, time).RunAsync(setup.Endpoints, cancellation);
        var reports = await MeasureReportsAsync(server, fleet, cancellation);
        say($"{options.KevEntries} KEV entries");
        var kev = await new MeasureKevEntries(server, new KevCatalogue(folder.Kev, setup.Feeds.Kev, today), time).RunAsync(options.KevEntries, cancellation);
        return new LoopReport
        {
            Benchmark = "loop",
            Schema = 1,
            StartedUtc = startedUtc,
            Commit = Environment.GetEnvironmentVariable(CommitVariable) is { Length: > 0 } commit ? commit : "unknown",
            Machine = new BenchMachine
            {
                Cores = Environment.ProcessorCount,
                OperatingSystem = setup.Machine.State.OperatingSystem?.PrettyName,
                LoadBefore = loadBefore,
                LoadAfter = BenchMachine.ReadLoad(),
            },
            Conditions = Conditions(setup),
            ReportToFinding = reports,
            KevToPlan = kev,
            Holds = reports.Holds && kev.Holds,
        };
    }

    private sealed record Setup(CollectedMachine Machine, BenchFeeds Feeds, IReadOnlyList<EndpointFacts> Endpoints);

    private Setup SetUp(RunFolder folder, DateOnly today)
    {
        say("reading this machine");
        var machine = EndpointFacts.Settle(MachineCollector.Collect(new CollectOptions { Time = time }));
        if (machine.Packages is null || machine.State.OperatingSystem?.Codename is not { } release)
        {
            throw new BenchException($"This machine's packages or release could not be read: {string.Join(" ", machine.State.Failures.Select(failure => failure.Reason))}");
        }
        var pending = FindUpgrades.Pending(machine);
        if (pending.Count == 0)
        {
            throw new BenchException(
                "This machine's own package indexes offer no security update, so no finding can come and go. Run apt-get update, or take a machine that is behind.");
        }
        var feeds = options.FeedsDirectory is { } given ? BenchFeeds.Read(given, today) : BenchFeeds.Make(folder.Feeds, release, pending, today);
        var usable = FindUpgrades.Judge(machine, pending, feeds.Snapshot);
        if (usable.Count == 0)
        {
            throw new BenchException(
                $"Of {pending.Count} security updates that this machine's own package indexes offer, none makes findings go by the feeds of {feeds.Directory}. "
                + "Are the indexes older than the feeds? Run apt-get update.");
        }
        var endpoints = Enumerable.Range(1, options.Agents).Select(number => EndpointFacts.Of(machine, number, usable[(number - 1) % usable.Count], pending)).ToList();
        return new Setup(machine, feeds, endpoints);
    }

    private async Task<ReportFigures> MeasureReportsAsync(ServerUnderTest server, Fleet fleet, CancellationToken cancellation)
    {
        var measure = new MeasureReports(server, time);
        foreach (var agent in fleet.Agents)
        {
            await measure.ReportAsync(agent, isUpgraded: false, cancellation);
        }
        await server.WaitForIdleAsync(cancellation);
        say(string.Create(CultureInfo.InvariantCulture, $"{options.Reports} reports, {options.AtOnce} at once"));
        var figures = await measure.RunAsync(fleet.Agents, options.Reports, options.AtOnce, cancellation);
        // Every endpoint is to have every finding again, for what is measured next.
        foreach (var agent in fleet.Agents.Where(agent => agent.IsUpgraded))
        {
            await measure.ReportAsync(agent, isUpgraded: false, cancellation);
        }
        return figures;
    }

    private LoopConditions Conditions(Setup setup) => new()
    {
        Agents = options.Agents,
        Packages = setup.Machine.Packages!.Count,
        Sources = setup.Endpoints.Select(endpoint => endpoint.Change.Upgrade.Source).Distinct().Count(),
        AtOnce = options.AtOnce,
        Store = options.Store is null ? "sqlite" : "postgresql",
        FeedsFrom = setup.Feeds.From,
        Feeds = setup.Feeds.Ages,
    };
}
