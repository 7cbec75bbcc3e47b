using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using Suture.Exposure.Findings;
using Suture.Inventory;
using Suture.Platform.Storage;
using Suture.Remediation;

namespace Suture.Simulation;

/// <summary>What happened in runs: a simulation in which nothing happens proves nothing.</summary>
internal sealed class Counts
{
    internal long Runs { get; set; }
    internal long Steps { get; set; }
    internal long ServerDeaths { get; set; }
    internal long DeathsInCommit { get; set; }
    internal long FailedCommits { get; set; }
    internal long AgentDeaths { get; set; }
    internal long Lost { get; set; }
    internal long Twice { get; set; }
    internal long Decisions { get; set; }
    internal long Upgrades { get; set; }
    internal long Restarts { get; set; }
    internal long Reboots { get; set; }
    internal long Plans { get; set; }
    internal long Jobs { get; set; }
    internal long Verified { get; set; }

    internal void Add(Counts other)
    {
        foreach (var property in typeof(Counts).GetProperties(System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic))
        {
            property.SetValue(this, (long)property.GetValue(this)! + (long)property.GetValue(other)!);
        }
    }
}

/// <summary>One run: a server, a few endpoints, people and feeds, under the faults of a seed. First chaos, then peace, then the checks.</summary>
internal sealed class World
{
    private static readonly DateTimeOffset Start = new(2026, 8, 10, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan PeaceMost = TimeSpan.FromHours(30);

    private readonly List<Task> _begun = [];
    private readonly Dictionary<Guid, int> _names = [];
    private readonly Action<string>? _told;
    private Exception? _broken;
    private string? _waitsFor;

    /// <summary>Sets a run up.</summary>
    /// <param name="seed">What happens.</param>
    /// <param name="template">Store with all tables and the group, to be copied.</param>
    /// <param name="folder">Folder of this run, in memory best; made, and removed by the caller.</param>
    /// <param name="isForgetful">True: each death of an agent takes its journal along. Then promises cannot be kept, and the checks must see it.</param>
    /// <param name="told">Takes a line for each thing that happens; null to tell nothing.</param>
    internal World(ulong seed, string template, string folder, bool isForgetful, Action<string>? told)
    {
        (_told, IsForgetful) = (told, isForgetful);
        Folder = folder;
        StorePath = Path.Combine(folder, "suture.db");
        File.Copy(template, StorePath);
        Dice = new Dice(seed);
        Time = new FakeTimeProvider(Start);
        Thread = new OneThread(Dice, Time);
        Network = new Network(this);
        Server = new SimulatedServer(this);
        Faults = Faults.Throw(Dice);
        Approver = new Person(this, "bert");
        Other = new Person(this, "anna");
    }

    internal static Guid Group { get; } = new(1, 2, 3, new byte[8]);

    internal string Folder { get; }

    internal string StorePath { get; }

    internal Dice Dice { get; }

    internal FakeTimeProvider Time { get; }

    internal OneThread Thread { get; }

    internal Faults Faults { get; private set; }

    internal Network Network { get; }

    internal Repository Repository { get; } = new();

    internal SimulatedServer Server { get; }

    internal List<SimulatedAgent> Agents { get; } = [];

    internal Person Approver { get; }

    internal Person Other { get; }

    internal Counts Counts { get; } = new();

    /// <summary>True when agents lose their journal with their life.</summary>
    internal bool IsForgetful { get; }

    internal bool IsPeace { get; private set; }

    internal bool IsOver { get; private set; }

    /// <summary>Makes the store that runs are copies of.</summary>
    internal static async Task MakeTemplateAsync(string path)
    {
        await using (var store = Store.Open(path))
        {
            Migrator.Migrate(store, [typeof(Store).Assembly, typeof(AssetDirectory).Assembly, typeof(Suture.Advisories.FeedsInForce).Assembly, typeof(ExposureIndex).Assembly, typeof(PlanDirectory).Assembly]);
            await store.WriteAsync(
                session => session.ExecuteAsync("insert into platform_group (id, name, created_us) values (@Id, 'ours', @At)", new { Id = Group, At = Start }), CancellationToken.None);
        }
    }

    /// <summary>Runs, and checks that every promise was kept.</summary>
    /// <exception cref="BrokenRule">One was not.</exception>
    internal void Run() => Thread.Run(RunAsync);

    /// <summary>Lets go of the store's file: another run's takes its place.</summary>
    internal void Close() => Server.Close();

    /// <summary>Starts something that goes on beside the rest. A broken rule in it ends the run.</summary>
    internal void Begin(Func<Task> work) => _begun.Add(GuardAsync(work));

    /// <summary>A name for an id: ids differ from run to run, what is told must not.</summary>
    internal string Name(Guid id)
    {
        _names.TryAdd(id, _names.Count + 1);
        return string.Create(CultureInfo.InvariantCulture, $"#{_names[id]}");
    }

    internal void Tell(string what) => _told?.Invoke(string.Create(CultureInfo.InvariantCulture, $"{(Time.GetUtcNow() - Start).TotalSeconds,10:0.000} {what}"));

    private async Task RunAsync()
    {
        await EnrolAsync();
        Begin(Server.RunAsync);
        Agents.ForEach(agent => Begin(agent.RunAsync));
        Begin(Approver.RunAsync);
        Begin(Other.RunAsync);
        Begin(new Publisher(this).RunAsync);
        await PassAsync(Dice.Milliseconds(60_000, 400_000), () => false);
        (Faults, IsPeace) = (Faults.None, true);
        Tell("peace");
        var peace = Time.GetUtcNow();
        if (!await PassAsync(PeaceMost, IsAtRestAsync))
        {
            throw new BrokenRule($"Not at rest {(Time.GetUtcNow() - peace).TotalHours:0} hours after the last fault: {await Rest.WhyNotAsync(this)}");
        }
        await Server.Life!.Get<Suture.Platform.Ledger.LedgerSealer>().SealAsync(CancellationToken.None);
        await new Checks(this).RunAsync();
        Counts.Runs++;
        Counts.Steps += Thread.Steps;
        IsOver = true;
        Server.Life?.Dispose();
    }

    private Task<bool> PassAsync(TimeSpan most, Func<bool> isDone) => PassAsync(most, () => Task.FromResult(isDone()));

    private async Task<bool> PassAsync(TimeSpan most, Func<Task<bool>> isDone)
    {
        var until = Time.GetUtcNow() + most;
        while (Time.GetUtcNow() < until)
        {
            await Thread.Delay(TimeSpan.FromSeconds(IsPeace ? 30 : 5));
            if (_broken is not null)
            {
                throw _broken;
            }
            if (await isDone())
            {
                return true;
            }
        }
        return false;
    }

    private async Task<bool> IsAtRestAsync()
    {
        var why = await Rest.WhyNotAsync(this);
        if (why != _waitsFor)
        {
            Tell($"waiting: {_waitsFor = why}");
        }
        return why is null;
    }

    private async Task EnrolAsync()
    {
        var (count, now) = (1 + Dice.Below(4), Time.GetUtcNow());
        await using var store = Store.Open(StorePath);
        for (var number = 1; number <= count; number++)
        {
            var (id, name, environment) = (new Guid(number, 0, 7, [0, 0, 0, 0, 0, 0, 0, 1]), $"web{number}", Dice.Hits(400) ? "production" : "staging");
            await store.WriteAsync(
                session => session.ExecuteAsync(
                    """
                    insert into inventory_asset (id, ordinal, name, group_id, environment, observed_only, state, version, enrolled_us, sequence)
                    values (@id, @number, @name, @Group, @environment, 0, 1, 1, @now, 0)
                    """,
                    new { id, number, name, Group, environment, now }),
                CancellationToken.None);
            Agents.Add(new SimulatedAgent(this, id, name, environment));
        }
    }

    private async Task GuardAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (DeadException)
        {
            // The process it ran in is gone.
        }
        // Everything that nobody expected ends the run: it is what the simulation looks for.
        catch (Exception fault)
        {
            _broken ??= fault;
        }
    }
}
