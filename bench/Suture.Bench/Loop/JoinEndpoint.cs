using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Contracts.Enrollment;

namespace Suture.Bench.Loop;

/// <summary>What an endpoint has once it is enrolled.</summary>
/// <param name="Asset">The asset that the server made of it.</param>
/// <param name="Identity">Its certificate with its key; the caller disposes it.</param>
/// <param name="Authority">The authority that it pins, the same for all of one run; the caller disposes it once.</param>
internal sealed record Joined(Guid Asset, X509Certificate2 Identity, X509Certificate2 Authority);

/// <summary>Enrols endpoints one after the other, no faster than the server lets one address.</summary>
internal sealed class JoinEndpoint(ServerUnderTest server, TimeProvider time)
{
    // In production a plan waits for a person, so nothing is executed.
    private const string Environment = "production";
    private const string Group = "default";

    private X509Certificate2? _authority;
    private int _joined;

    /// <summary>Enrols one: a one-use token, a key of its own, the authority pinned.</summary>
    /// <param name="name">The endpoint's name.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="BenchException">The server refuses it.</exception>
    public async Task<Joined> RunAsync(string name, CancellationToken cancellation)
    {
        if (_joined++ is > 0 and var before && before % LoopLimits.EnrollmentsAMinute == 0)
        {
            await Task.Delay(TimeSpan.FromSeconds(61 - time.GetUtcNow().Second), time, cancellation);
        }
        var token = await server.Api.PostAsync(
            "enrollment-tokens", new EnrollmentTokenRequest { Group = Group, Environment = Environment },
            ContractsJson.Default.EnrollmentTokenRequest, ContractsJson.Default.EnrollmentTokenResponse, cancellation);
        _authority ??= await AgentConnection.FetchAuthorityAsync(server.Agents, Argument(token.Command, "--ca-fingerprint"), cancellation);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new EnrollRequest
        {
            Token = Argument(token.Command, "--token"),
            CertificateRequest = RequestFor(key, "suture-bench"),
            HostName = name,
            AgentVersion = BenchAgent.Version,
            ObservedOnly = false,
        };
        using var joining = new AgentConnection(server.Agents, _authority, identity: null);
        using var content = AgentConnection.Plain(request, ContractsJson.Default.EnrollRequest);
        var answer = await joining.SendAsync("enroll", content, ContractsJson.Default.EnrollResponse, cancellation);
        return new Joined(answer.AssetId, X509Certificate2.CreateFromPem(answer.Certificate, key.ExportPkcs8PrivateKeyPem()), _authority);
    }

    /// <summary>A certificate request in base64.</summary>
    /// <param name="key">The key it is for.</param>
    /// <param name="commonName">The name it asks for; the server gives what it will.</param>
    public static string RequestFor(ECDsa key, string commonName) =>
        Convert.ToBase64String(new CertificateRequest($"CN={commonName}", key, HashAlgorithmName.SHA256).CreateSigningRequest());

    private static string Argument(string command, string name)
    {
        var words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var at = Array.IndexOf(words, name);
        return at >= 0 && at + 1 < words.Length ? words[at + 1] : throw new BenchException($"The join command has no {name}: {words[0]} ...");
    }
}
