using System.Security.Cryptography.X509Certificates;

namespace Suture.Bench.Loop;

/// <summary>Enrols the benchmark's endpoints as people enrol theirs: a one-use token each, a key of its own, the authority pinned.</summary>
internal sealed class JoinFleet(ServerUnderTest server, TimeProvider time)
{
    /// <summary>Enrols them, no faster than the server lets one address.</summary>
    /// <param name="endpoints">The endpoints.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>One agent an endpoint, in the same order; the caller disposes them.</returns>
    /// <exception cref="BenchException">The server refuses one.</exception>
    public async Task<Fleet> RunAsync(IReadOnlyList<EndpointFacts> endpoints, CancellationToken cancellation)
    {
        var fleet = new Fleet();
        try
        {
            var join = new JoinEndpoint(server, time);
            foreach (var facts in endpoints)
            {
                var joined = await join.RunAsync(facts.Name, cancellation);
                fleet.Authority ??= joined.Authority;
                fleet.Add(new BenchAgent(joined.Asset, facts, new AgentConnection(server.Agents, joined.Authority, joined.Identity), time));
            }
            return fleet;
        }
        catch
        {
            fleet.Dispose();
            throw;
        }
    }
}

/// <summary>The agents of one run.</summary>
internal sealed class Fleet : IDisposable
{
    private readonly List<BenchAgent> _agents = [];

    /// <summary>The agents, in the order in which they joined.</summary>
    public IReadOnlyList<BenchAgent> Agents => _agents;

    /// <summary>The authority that all of them pin; null before the first joined.</summary>
    public X509Certificate2? Authority { get; set; }

    public void Add(BenchAgent agent) => _agents.Add(agent);

    public void Dispose()
    {
        _agents.ForEach(agent => agent.Dispose());
        Authority?.Dispose();
    }
}
