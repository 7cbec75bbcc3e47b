using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Suture.Simulation;

/// <summary>Runs seeds and says what came of them.</summary>
internal static class SimulationRun
{
    private const int FailuresMax = 20;

    // Runs whose seed is a multiple of this are run twice: what happens must be the seed's choice alone.
    private const int AgainEvery = 100;

    private static string Memory { get; } = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();

    /// <summary>Runs one seed and tells everything.</summary>
    /// <returns>0 when all promises were kept, else 1.</returns>
    internal static int Replay(ulong seed)
    {
        using var place = new Place();
        var fault = Run(place, place.NewFolder(), seed, false, new Counts(), Console.WriteLine);
        Console.WriteLine(fault is null ? $"seed {seed}: all promises kept" : $"seed {seed}: {fault}");
        return fault is null ? 0 : 1;
    }

    /// <summary>Runs many and says what came of them.</summary>
    /// <param name="first">The first seed.</param>
    /// <param name="count">How many.</param>
    /// <param name="workers">In how many threads.</param>
    /// <returns>0 when all promises were kept in all of them, else 1.</returns>
    internal static int Many(ulong first, long count, int workers)
    {
        var began = TimeProvider.System.GetTimestamp();
        var (total, failures) = Run(first, count, workers, false);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{total.Runs + failures.Count} runs in {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0} s, {total.Steps} steps"));
        Console.WriteLine($"faults: the server died {total.ServerDeaths} times ({total.DeathsInCommit} in a commit), {total.FailedCommits} commits failed, agents died {total.AgentDeaths} times, "
            + $"{total.Lost} messages were lost, {total.Twice} came twice");
        Console.WriteLine($"work: {total.Plans} plans, {total.Decisions} decisions of people, {total.Jobs} jobs, {total.Verified} of them verified, {total.Upgrades} upgrades, {total.Restarts} restarts, {total.Reboots} reboots");
        foreach (var (seed, fault) in failures.OrderBy(pair => pair.Key))
        {
            Console.WriteLine($"seed {seed}: {fault}");
        }
        Console.WriteLine(failures.Count == 0 ? "all promises kept" : $"{failures.Count} seeds failed; --replay SEED tells what happened");
        return failures.Count == 0 ? 0 : 1;
    }

    /// <summary>Runs seeds, until enough have failed.</summary>
    /// <param name="first">The first seed.</param>
    /// <param name="count">How many.</param>
    /// <param name="workers">In how many threads.</param>
    /// <param name="isForgetful">Whether agents lose their journal with their life.</param>
    /// <returns>What happened in the good runs, and what went wrong in the others, by seed.</returns>
    internal static (Counts Total, IReadOnlyDictionary<ulong, string> Failures) Run(ulong first, long count, int workers, bool isForgetful)
    {
        var (total, failures) = (new Counts(), new ConcurrentDictionary<ulong, string>());
        long next = -1;
        using var place = new Place();
        var threads = Enumerable.Range(0, Math.Max(1, workers)).Select(_ => new Thread(Work)).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        return (total, failures);

        void Work()
        {
            var (counts, folder) = (new Counts(), place.NewFolder());
            while (Interlocked.Increment(ref next) is var number && number < count && failures.Count < FailuresMax)
            {
                var seed = first + (ulong)number;
                if (RunTwice(place, folder, seed, isForgetful, counts) is { } fault)
                {
                    failures[seed] = fault;
                }
            }
            lock (total)
            {
                total.Add(counts);
            }
        }
    }

    private static string? RunTwice(Place place, string folder, ulong seed, bool isForgetful, Counts counts)
    {
        if (seed % AgainEvery != 0)
        {
            return Run(place, folder, seed, isForgetful, counts, null);
        }
        var (one, two) = (new StringBuilder(), new StringBuilder());
        var fault = Run(place, folder, seed, isForgetful, counts, line => one.AppendLine(line));
        Run(place, folder, seed, isForgetful, new Counts(), line => two.AppendLine(line));
        return fault ?? (one.Equals(two) ? null : "two runs of this seed went different ways; what differs is not its choice");
    }

    private static string? Run(Place place, string folder, ulong seed, bool isForgetful, Counts counts, Action<string>? told)
    {
        var run = Path.Combine(folder, "run");
        Place.Make(run);
        var world = new World(seed, place.Template, run, isForgetful, told);
        try
        {
            world.Run();
            counts.Add(world.Counts);
            return null;
        }
        // Whatever comes out of a run is what it is there to find.
        catch (Exception fault)
        {
            return fault is BrokenRule ? fault.Message : fault.ToString();
        }
        finally
        {
            world.Close();
            Directory.Delete(run, recursive: true);
        }
    }

    /// <summary>Where runs have their files: in memory, one folder a thread. All runs of a thread have the same path: what is worked out once for a connection (statements' readers) holds for the next run.</summary>
    private sealed class Place : IDisposable
    {
        private readonly string _folder = Path.Combine(Memory, $"suture-simulation-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6))}");
        private int _count;

        public Place()
        {
            Make(_folder);
            World.MakeTemplateAsync(Template).GetAwaiter().GetResult();
        }

        internal string Template => Path.Combine(_folder, "template.db");

        internal string NewFolder()
        {
            var folder = Path.Combine(_folder, Interlocked.Increment(ref _count).ToString(CultureInfo.InvariantCulture));
            Make(folder);
            return folder;
        }

        internal static void Make(string folder) => Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        public void Dispose() => Directory.Delete(_folder, recursive: true);
    }
}
