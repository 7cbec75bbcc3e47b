using Suture.Simulation;

namespace Suture.Server.Tests.Simulation;

/// <summary>The loop under faults, in small: `./suture bench simulation` runs a hundred thousand seeds.</summary>
public sealed class SimulationTests
{
    [Fact]
    public void Run_UnderTheFaultsOfManySeeds_LosesNothingAndDoesNothingTwice()
    {
        var (total, failures) = SimulationRun.Run(first: 100, count: 8, workers: 1, isForgetful: false);

        Assert.Empty(failures);
        // A run in which nothing happens proves nothing.
        Assert.True(total is { ServerDeaths: > 0, DeathsInCommit: > 0, FailedCommits: > 0, AgentDeaths: > 0, Lost: > 0, Twice: > 0, Upgrades: > 0, Restarts: > 0, Reboots: > 0, Verified: > 0 });
    }

    [Fact]
    public void Run_OfAgentsThatForgetTheirJobs_IsFoundOut()
    {
        var found = Enumerable.Range(1, 12).Any(seed => SimulationRun.Run((ulong)seed, count: 1, workers: 1, isForgetful: true).Failures.Count > 0);

        Assert.True(found, "Twelve agents without a journal did nothing twice: the checks do not look.");
    }
}
