using System.CommandLine;

namespace Suture.Bench.Loop;

/// <summary><c>bench loop</c>: how fast the loop turns, from a report to its findings and from a KEV entry to the plans that wait.</summary>
internal static class LoopCommand
{
    private const string TestDataVariable = "SUTURE_TESTDATA";

    internal static Command Create()
    {
        var agents = Numbers.Option("--agents", "Endpoints", 40, LoopOptions.AgentsMax);
        var reports = Numbers.Option("--reports", "Reports to time", 500, LoopOptions.ReportsMax);
        var atOnce = Numbers.Option("--at-once", "Reports on their way at the same time", 4, LoopOptions.AtOnceMax);
        var kevEntries = Numbers.Option("--kev-entries", "KEV entries to time", 10, LoopOptions.KevEntriesMax);
        var feeds = new Option<string?>("--feeds")
        {
            Description = $"Folder of feeds; default is the folder debian of {TestDataVariable}, else a list made from this machine's own package indexes",
        };
        var store = new Option<string?>("--store") { Description = "Connection string of an empty PostgreSQL database (Host=...); default is SQLite in a folder that is removed" };
        var json = new Option<bool>("--json") { Description = "Write JSON; its keys stand in docs/performance.md" };
        var command = new Command("loop", "Time from an agent's report to its findings, and from a KEV entry to the plans that wait for a person.")
        {
            agents, reports, atOnce, kevEntries, feeds, store, json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(atOnce) > result.GetValue(agents))
            {
                result.AddError($"--at-once is {result.GetValue(atOnce)}, wanted at most --agents ({result.GetValue(agents)}): an endpoint sends one report at a time.");
            }
            if (result.GetValue(feeds) is { } folder && !Directory.Exists(folder))
            {
                result.AddError($"--feeds '{folder}' is no folder.");
            }
        });
        command.SetAction((parsed, cancellation) => RunAsync(
            new LoopOptions
            {
                Agents = parsed.GetValue(agents),
                Reports = parsed.GetValue(reports),
                AtOnce = parsed.GetValue(atOnce),
                KevEntries = parsed.GetValue(kevEntries),
                FeedsDirectory = parsed.GetValue(feeds) is { } folder ? Path.GetFullPath(folder) : TestData(),
                Store = parsed.GetValue(store),
                IsJson = parsed.GetValue(json),
            },
            cancellation));
        return command;
    }

    private static async Task<int> RunAsync(LoopOptions options, CancellationToken cancellation)
    {
        var report = await new RunLoop(options, TimeProvider.System, Say).RunAsync(cancellation);
        await Console.Out.WriteLineAsync(options.IsJson ? LoopJson.Write(report) : LoopText.Write(report));
        return report.Holds ? Exit.Holds : Exit.Missed;
    }

    // Progress goes where no program reads it as the answer.
    private static void Say(string line) => Console.Error.WriteLine($"suture bench: {line}");

    private static string? TestData() =>
        Environment.GetEnvironmentVariable(TestDataVariable) is { Length: > 0 } data && Path.Combine(Path.GetFullPath(data), "debian") is var folder && Directory.Exists(folder)
            ? folder
            : null;
}
