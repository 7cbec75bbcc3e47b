using System.Globalization;
using Suture.Bench.Loop;
using Suture.Collect;
using Suture.Contracts;

namespace Suture.Bench.Hostile;

/// <summary>Runs <c>bench hostile</c> from start to end; everything it starts ends with it.</summary>
/// <remarks>
/// 1. A server with an empty store; honest agents join, report everything and go on: each waits in a poll and sends an unchanged report at a fixed rate.
/// 2. A warm-up that is not counted: every attack for a moment, so that what it makes the server compile and first allocate is there; the memory settles.
/// 3. The quiet baseline.
/// 4. Each attack by an endpoint of its own with a valid certificate, one after the other. Before it the server's memory settles and its peak is forgotten.
/// 5. What the API tells of the honest agents is compared with what it told before.
/// </remarks>
/// <param name="options">What to do.</param>
/// <param name="time">Clock.</param>
/// <param name="say">Takes progress, a line at a time.</param>
internal sealed class RunHostile(HostileOptions options, TimeProvider time, Action<string> say)
{
    private const string CommitVariable = "SUTURE_COMMIT";
    private static readonly TimeSpan ReportEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    /// <summary>Measures.</summary>
    /// <exception cref="BenchException">Something needed is not there, or the server does not work.</exception>
    public async Task<HostileReport> RunAsync(CancellationToken cancellation)
    {
        var startedUtc = time.GetUtcNow();
        var loadBefore = BenchMachine.ReadLoad();
        using var folder = new RunFolder();
        var machine = EndpointFacts.Settle(MachineCollector.Collect(new CollectOptions { Time = time }));
        var facts = ReportContent.Of(machine.Packages ?? throw new BenchException("This machine's packages could not be read."), machine.State);
        say("starting the server");
        await using var server = await ServerUnderTest.StartAsync(folder.Data, options.Store, time, cancellation);
        var attacks = Attacks.All.Where(attack => options.Only is not { } part || attack.Name.Contains(part, StringComparison.OrdinalIgnoreCase)).ToList();
        say($"{options.Agents} honest agents and {attacks.Count + 1} hostile ones join");
        var join = new JoinEndpoint(server, time);
        await using var honest = new HonestAgents(ReportEvery, time);
        for (var number = 1; number <= options.Agents; number++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"honest-{number:000}");
            honest.Add(new HonestAgent(await join.RunAsync(name, cancellation), name, facts, server.Agents, time));
        }
        var hostile = new List<HostileContext>();
        for (var number = 0; number <= attacks.Count; number++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"hostile-{number:000}");
            var joined = await join.RunAsync(name, cancellation);
            hostile.Add(new HostileContext { Joined = joined, Name = name, Others = honest.Assets, Facts = facts, NowUtc = time.GetUtcNow() });
        }
        await honest.StartAsync(cancellation);
        await server.WaitForIdleAsync(cancellation);
        say("warming up");
        foreach (var attack in attacks)
        {
            await new RunAttack(server.Agents, hostile[0].Joined, options.Connections, WarmUp, time).RunAsync(attack.Messages(hostile[0]), attack.Pipelined, cancellation);
        }
        var memory = new ServerMemory(server.ProcessId, time);
        await memory.SettleAsync(cancellation);
        say($"the quiet baseline, {options.BaselineSeconds} s");
        honest.Next();
        await Task.Delay(TimeSpan.FromSeconds(options.BaselineSeconds), time, cancellation);
        var quiet = honest.Next();
        var baseline = Distribution.Of(quiet.Times);
        var before = await DescribeAsync(server, honest.Assets, cancellation);
        var figures = new List<AttackFigures>();
        foreach (var (attack, context) in attacks.Zip(hostile.Skip(1)))
        {
            say(attack.Name);
            figures.Add(await MeasureAsync(server, honest, memory, attack, context, baseline, cancellation));
        }
        var after = await DescribeAsync(server, honest.Assets, cancellation);
        var changed = before.Zip(after).Where(pair => pair.First != pair.Second).Select(pair => $"changed from {pair.First} to {pair.Second}").ToList();
        return new HostileReport
        {
            Benchmark = "hostile",
            Schema = 1,
            StartedUtc = startedUtc,
            Commit = Environment.GetEnvironmentVariable(CommitVariable) is { Length: > 0 } commit ? commit : "unknown",
            Machine = new BenchMachine
            {
                Cores = Environment.ProcessorCount,
                OperatingSystem = machine.State.OperatingSystem?.PrettyName,
                LoadBefore = loadBefore,
                LoadAfter = BenchMachine.ReadLoad(),
            },
            Agents = options.Agents,
            ReportsASecond = options.Agents / ReportEvery.TotalSeconds,
            Connections = options.Connections,
            Store = options.Store is null ? "sqlite" : "postgresql",
            Baseline = baseline,
            BaselineErrors = quiet.Errors.Count,
            Attacks = figures,
            Changed = changed,
            Holds = quiet.Errors.Count == 0 && changed.Count == 0 && figures.TrueForAll(attack => attack.Holds),
        };
    }

    private async Task<AttackFigures> MeasureAsync(
        ServerUnderTest server, HonestAgents honest, ServerMemory memory, Attack attack, HostileContext context, Distribution baseline, CancellationToken cancellation)
    {
        var messages = attack.Messages(context);
        var run = new RunAttack(server.Agents, context.Joined, options.Connections, TimeSpan.FromSeconds(options.AttackSeconds), time);
        var before = await memory.SettleAsync(cancellation);
        memory.ForgetPeak();
        var cpu = server.ProcessorTime;
        honest.Next();
        var started = time.GetTimestamp();
        await run.RunAsync(messages, attack.Pipelined, cancellation);
        var elapsed = time.GetElapsedTime(started);
        var seen = honest.Next();
        var spread = Distribution.Of(seen.Times);
        return new AttackFigures
        {
            Name = attack.Name,
            Answers = run.Answers,
            AnswersASecond = run.Answers / elapsed.TotalSeconds,
            Statuses = run.Statuses,
            Cut = run.Cut,
            Faults = run.Faults.Count,
            FaultTexts = [.. run.Faults.Texts, .. seen.Errors.Texts.Select(text => $"honest: {text}")],
            SlowestSeconds = run.Slowest.TotalSeconds,
            ResidentBefore = before,
            GrowthAtPeak = memory.Peak - before,
            GrowthLeft = memory.Now - before,
            ServerCpuSecondsEach = run.Answers == 0 ? 0 : (server.ProcessorTime - cpu).TotalSeconds / run.Answers,
            Honest = spread,
            HonestErrors = seen.Errors.Count,
            HonestRatio = spread.P99 / baseline.P99,
        };
    }

    // What moves by itself (the time of the last report, of the last sign of life) is left out.
    private static async Task<IReadOnlyList<string>> DescribeAsync(ServerUnderTest server, IReadOnlyList<Guid> assets, CancellationToken cancellation)
    {
        var rows = await server.Api.ListAsync("assets?limit=500", ContractsJson.Default.PageAssetRow, cancellation);
        return [.. rows.Where(row => assets.Contains(row.Id)).OrderBy(row => row.Id).Select(row =>
            $"{row.Id} {row.Name} {row.Group} {row.Environment} {row.State} {row.ObservedOnly} {row.OperatingSystem} {row.IsSilent} {string.Join(",", row.Findings.Select(pair => $"{pair.Key}={pair.Value}"))}")];
    }
}
