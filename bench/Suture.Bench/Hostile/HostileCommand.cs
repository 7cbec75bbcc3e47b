using System.CommandLine;

namespace Suture.Bench.Hostile;

/// <summary><c>bench hostile</c>: what an agent with a valid certificate can do to the server and to the others.</summary>
internal static class HostileCommand
{
    internal static Command Create()
    {
        var agents = Numbers.Option("--agents", "Honest endpoints", 50, HostileOptions.AgentsMax);
        var connections = Numbers.Option("--connections", "Connections of the hostile endpoint at the same time", 4, HostileOptions.ConnectionsMax);
        var baseline = Numbers.Option("--baseline-seconds", "Seconds of the quiet baseline", 60, HostileOptions.SecondsMax);
        var seconds = Numbers.Option("--round-seconds", "Seconds of each half of a round", 5, HostileOptions.SecondsMax);
        var rate = Numbers.Option("--rate", "Messages a second of the hostile endpoint, but for floods", 1_000, HostileOptions.RateMax);
        var flood = Numbers.Option("--flood-rate", "Messages a second of the hostile endpoint in a flood", 10_000, HostileOptions.RateMax);
        var rounds = Numbers.Option("--rounds", "Rounds of each attack: quiet, then the attack", 4, HostileOptions.RoundsMax);
        var only = new Option<string?>("--only") { Description = "Only the attacks whose name has this in it" };
        var store = new Option<string?>("--store") { Description = "Connection string of an empty PostgreSQL database (Host=...); default is SQLite in a folder that is removed" };
        var json = new Option<bool>("--json") { Description = "Write JSON; its keys stand in docs/performance.md" };
        var command = new Command("hostile", "An agent with a valid certificate attacks: what it is answered, what it costs the server, what the others notice.")
        {
            agents, connections, baseline, rounds, seconds, rate, flood, only, store, json,
        };
        command.SetAction((parsed, cancellation) => RunAsync(
            new HostileOptions
            {
                Agents = parsed.GetValue(agents),
                Connections = parsed.GetValue(connections),
                BaselineSeconds = parsed.GetValue(baseline),
                Rounds = parsed.GetValue(rounds),
                RoundSeconds = parsed.GetValue(seconds),
                Rate = parsed.GetValue(rate),
                FloodRate = parsed.GetValue(flood),
                Only = parsed.GetValue(only),
                Store = parsed.GetValue(store),
                IsJson = parsed.GetValue(json),
            },
            cancellation));
        return command;
    }

    private static async Task<int> RunAsync(HostileOptions options, CancellationToken cancellation)
    {
        var report = await new RunHostile(options, TimeProvider.System, Say).RunAsync(cancellation);
        await Console.Out.WriteLineAsync(options.IsJson ? HostileText.Json(report) : HostileText.Write(report));
        return report.Holds ? Exit.Holds : Exit.Missed;
    }

    // Progress goes where no program reads it as the answer.
    private static void Say(string line) => Console.Error.WriteLine($"suture bench: {line}");
}
