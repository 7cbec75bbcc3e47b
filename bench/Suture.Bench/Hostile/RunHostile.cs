using Suture.Bench.Loop;
using Suture.Contracts;

namespace Suture.Bench.Hostile;

/// <summary>Runs <c>bench hostile</c> from start to end; everything it starts ends with it.</summary>
/// <remarks>
/// 1. A server with an empty store; honest agents join, report everything and go on: each waits in a poll and sends an unchanged report at a fixed rate.
/// 2. A warm-up that is not counted: every attack for a moment, so that what it makes the server compile and first allocate is there; the memory settles.
/// 3. The quiet baseline.
/// 4. Each attack by an endpoint of its own with a valid certificate, one after the other. Before it the server's memory settles and its peak is forgotten. Quiet and
///    attack take turns in short rounds, and the honest agents' times in the one are compared with those in the other: what else the machine does changes over minutes.
///    What the server answered with "too many" alone is then sent again at the pace that it asks for, so that every message is looked at.
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
        var attacks = Attacks.All.Where(attack => options.Only is not { } part || attack.Name.Contains(part, StringComparison.OrdinalIgnoreCase)).ToList();
        var facts = HostileFacts.Read(folder.Feeds, time);
        say("starting the server");
        await using var server = await ServerUnderTest.StartAsync(folder.Data, options.Store, time, cancellation);
        await server.ImportAsync(folder.Feeds, cancellation);
        say($"{options.Agents} honest endpoints and {attacks.Count + 2} others join");
        await using var honest = new HonestAgents(ReportEvery, time);
        var stage = await new SetStage(server, facts, time).RunAsync(honest, options.Agents, attacks, cancellation);
        say("warming up");
        foreach (var attack in attacks)
        {
            await Run(server, attack, stage.WarmUp).RunAsync(attack.Messages(stage.WarmUp), attack.Pipelined, WarmUp, cancellation);
        }
        var memory = new ServerMemory(server.ProcessId, time);
        await memory.SettleAsync(cancellation);
        say($"the quiet baseline, {options.BaselineSeconds} s");
        var quiet = await QuietAsync(honest, options.BaselineSeconds, cancellation);
        var before = await DescribeAsync(server, honest.Assets, cancellation);
        var figures = new List<AttackFigures>();
        var changed = new List<string>();
        foreach (var (attack, context) in attacks.Zip(stage.Attackers))
        {
            say(attack.Name);
            figures.Add(await MeasureAsync(server, honest, memory, attack, context, cancellation));
            changed.AddRange(await stage.FindBelievedAsync(context, cancellation));
        }
        var after = await DescribeAsync(server, honest.Assets, cancellation);
        changed.AddRange(before.Zip(after).Where(pair => pair.First != pair.Second).Select(pair => $"changed from {pair.First} to {pair.Second}"));
        return new HostileReport
        {
            Benchmark = "hostile",
            Schema = 1,
            StartedUtc = startedUtc,
            Commit = Environment.GetEnvironmentVariable(CommitVariable) is { Length: > 0 } commit ? commit : "unknown",
            Machine = new BenchMachine { Cores = Environment.ProcessorCount, OperatingSystem = facts.System, LoadBefore = loadBefore, LoadAfter = BenchMachine.ReadLoad() },
            Agents = options.Agents,
            ReportsASecond = options.Agents / ReportEvery.TotalSeconds,
            Connections = options.Connections,
            Rounds = options.Rounds,
            RoundSeconds = options.RoundSeconds,
            Rate = options.Rate,
            FloodRate = options.FloodRate,
            Store = options.Store is null ? "sqlite" : "postgresql",
            Baseline = Distribution.Of(quiet.Times),
            BaselineErrors = quiet.Errors.Count,
            Attacks = figures,
            Changed = changed,
            Holds = quiet.Errors.Count == 0 && changed.Count == 0 && figures.TrueForAll(attack => attack.Holds),
        };
    }

    private RunAttack Run(ServerUnderTest server, Attack attack, HostileContext attacker) =>
        new(server.Agents, attacker.Joined, attack.Connections ?? options.Connections, attack.IsFlood ? options.FloodRate : options.Rate, time);

    private async Task<HonestAgents.Round> QuietAsync(HonestAgents honest, int seconds, CancellationToken cancellation)
    {
        honest.Next();
        await Task.Delay(TimeSpan.FromSeconds(seconds), time, cancellation);
        return honest.Next();
    }

    private async Task<AttackFigures> MeasureAsync(
        ServerUnderTest server, HonestAgents honest, ServerMemory memory, Attack attack, HostileContext context, CancellationToken cancellation)
    {
        var messages = attack.Messages(context);
        var run = Run(server, attack, context);
        var (quiet, seen) = (new HonestAgents.Round(), new HonestAgents.Round());
        var before = await memory.SettleAsync(cancellation);
        memory.ForgetPeak();
        var (cpu, lasted) = (TimeSpan.Zero, TimeSpan.Zero);
        for (var round = 1; round <= options.Rounds; round++)
        {
            quiet.Add(await QuietAsync(honest, options.RoundSeconds, cancellation));
            var (cpuBefore, started) = (server.ProcessorTime, time.GetTimestamp());
            await run.RunAsync(messages, attack.Pipelined, TimeSpan.FromSeconds(options.RoundSeconds), cancellation);
            seen.Add(honest.Next());
            (cpu, lasted) = (cpu + server.ProcessorTime - cpuBefore, lasted + time.GetElapsedTime(started));
        }
        var answers = run.Answers;
        await run.ProbeAsync(messages, cancellation);
        seen.Errors.Add(honest.Next().Errors);
        var growth = memory.Peak - before;
        var (spread, quietSpread) = (Distribution.Of(seen.Times), Distribution.Of(quiet.Times));
        return new AttackFigures
        {
            Name = attack.Name,
            Answers = run.Answers,
            AnswersASecond = answers / lasted.TotalSeconds,
            Statuses = run.Statuses,
            Cut = run.Cut,
            Faults = run.Faults.Count,
            FaultTexts = [.. run.Faults.Texts, .. seen.Errors.Texts.Select(text => $"honest: {text}")],
            SlowestSeconds = run.Slowest.TotalSeconds,
            ResidentBefore = before,
            GrowthAtPeak = growth,
            GrowthLeft = memory.Now - before,
            ServerCores = cpu / lasted,
            Honest = spread,
            HonestErrors = seen.Errors.Count + quiet.Errors.Count,
            Quiet = quietSpread,
            HonestRatio = spread.P99 / quietSpread.P99,
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
