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
        var seconds = Numbers.Option("--attack-seconds", "Seconds of each attack", 15, HostileOptions.SecondsMax);
        var only = new Option<string?>("--only") { Description = "Only the attacks whose name has this in it" };
        var store = new Option<string?>("--store") { Description = "Connection string of an empty PostgreSQL database (Host=...); default is SQLite in a folder that is removed" };
        var json = new Option<bool>("--json") { Description = "Write JSON; its keys stand in docs/performance.md" };
        var command = new Command("hostile", "An agent with a valid certificate attacks: what it is answered, what it costs the server, what the others notice.")
        {
            agents, connections, baseline, seconds, only, store, json,
        };
        command.SetAction((parsed, cancellation) => RunAsync(
            new HostileOptions
            {
                Agents = parsed.GetValue(agents),
                Connections = parsed.GetValue(connections),
                BaselineSeconds = parsed.GetValue(baseline),
                AttackSeconds = parsed.GetValue(seconds),
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
