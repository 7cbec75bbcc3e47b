using System.CommandLine;
using Suture.Simulation;

var seeds = new Option<long>("--seeds") { Description = "How many runs.", DefaultValueFactory = _ => 100_000 };
var first = new Option<long>("--first") { Description = "Seed of the first run; the others follow.", DefaultValueFactory = _ => 1 };
var replay = new Option<long?>("--replay") { Description = "Runs one seed and tells everything that happens." };
var workers = new Option<int>("--workers") { Description = "Threads, each with runs of its own.", DefaultValueFactory = _ => Environment.ProcessorCount };
var command = new RootCommand("Simulates the loop, server and agents, under faults that each seed chooses, and checks that nothing was lost or done twice.") { seeds, first, replay, workers };
command.SetAction(parsed => parsed.GetValue(replay) is { } seed
    ? SimulationRun.Replay((ulong)seed)
    : SimulationRun.Many((ulong)parsed.GetValue(first), parsed.GetValue(seeds), parsed.GetValue(workers)));
return command.Parse(args).Invoke();
