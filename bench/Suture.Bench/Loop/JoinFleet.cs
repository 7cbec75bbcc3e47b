using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Contracts.Enrollment;

namespace Suture.Bench.Loop;

/// <summary>Enrols the benchmark's endpoints as people enrol theirs: a one-use token each, a key of its own, the authority pinned.</summary>
internal sealed class JoinFleet(ServerUnderTest server, TimeProvider time)
{
    // In production a plan waits for a person, so nothing is executed.
    private const string Environment = "production";
    private const string Group = "default";

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
            for (var number = 0; number < endpoints.Count; number++)
            {
                if (number > 0 && number % LoopLimits.EnrollmentsAMinute == 0)
                {
                    await NextMinuteAsync(cancellation);
                }
                await JoinAsync(fleet, endpoints[number], cancellation);
            }
            return fleet;
        }
        catch
        {
            fleet.Dispose();
            throw;
        }
    }

    private async Task JoinAsync(Fleet fleet, EndpointFacts facts, CancellationToken cancellation)
    {
        var token = await server.Api.PostAsync(
            "enrollment-tokens", new EnrollmentTokenRequest { Group = Group, Environment = Environment },
            ContractsJson.Default.EnrollmentTokenRequest, ContractsJson.Default.EnrollmentTokenResponse, cancellation);
        fleet.Authority ??= await AgentConnection.FetchAuthorityAsync(server.Agents, Argument(token.Command, "--ca-fingerprint"), cancellation);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new EnrollRequest
        {
            Token = Argument(token.Command, "--token"),
            CertificateRequest = Convert.ToBase64String(new CertificateRequest("CN=suture-bench", key, HashAlgorithmName.SHA256).CreateSigningRequest()),
            HostName = facts.Name,
            AgentVersion = BenchAgent.Version,
            ObservedOnly = false,
        };
        using var joining = new AgentConnection(server.Agents, fleet.Authority, identity: null);
        using var content = AgentConnection.Plain(request, ContractsJson.Default.EnrollRequest);
        var answer = await joining.SendAsync("enroll", content, ContractsJson.Default.EnrollResponse, cancellation);
        var identity = X509Certificate2.CreateFromPem(answer.Certificate, key.ExportPkcs8PrivateKeyPem());
        fleet.Add(new BenchAgent(answer.AssetId, facts, new AgentConnection(server.Agents, fleet.Authority, identity), time));
    }

    private Task NextMinuteAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        return Task.Delay(TimeSpan.FromSeconds(61 - now.Second), time, cancellation);
    }

    private static string Argument(string command, string name)
    {
        var words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var at = Array.IndexOf(words, name);
        return at >= 0 && at + 1 < words.Length ? words[at + 1] : throw new BenchException($"The join command has no {name}: {words[0]} ...");
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
