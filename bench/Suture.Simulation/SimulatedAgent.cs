using Suture.Agent.State;
using Suture.Contracts.Jobs;

namespace Suture.Simulation;

/// <summary>An endpoint's agent over all its lives, with what outlives them: machine, directory, and what the checks compare with.</summary>
internal sealed class SimulatedAgent
{
    private readonly World _world;

    internal SimulatedAgent(World world, Guid asset, string name, string environment)
    {
        (_world, Asset, Environment) = (world, asset, environment);
        Machine = new Endpoint(world, name);
        State = new StateDirectory(Path.Combine(world.Folder, name));
        State.Create();
        Life = new AgentLife(world, this);
    }

    internal Guid Asset { get; }

    internal string Environment { get; }

    internal Endpoint Machine { get; }

    internal StateDirectory State { get; }

    /// <summary>The life it lives, or the one that ended last.</summary>
    internal AgentLife Life { get; private set; }

    /// <summary>Reports that the server said it has stored.</summary>
    internal List<(string BootId, long Sequence)> Acknowledged { get; } = [];

    /// <summary>Jobs it has accepted, each time.</summary>
    internal List<JobPayload> Taken { get; } = [];

    /// <summary>Lives and dies, until the world ends.</summary>
    internal async Task RunAsync()
    {
        while (!_world.IsOver)
        {
            try
            {
                await Life.RunAsync();
            }
            catch (DeadException)
            {
                // Systemd starts it again.
            }
            await _world.Thread.Delay(_world.Dice.Milliseconds(200, 5_000));
            if (_world.IsForgetful)
            {
                File.Delete(State.JournalPath);
            }
            Life = new AgentLife(_world, this);
        }
    }
}
