using Suture.Contracts.Api;
using Suture.Platform.Identity;

namespace Suture.Inventory;

/// <summary>How <c>up</c> takes the machine it runs on in as an endpoint: the token goes to the agent directly, nobody types it.</summary>
public sealed class LocalEndpoint
{
    private const int Minutes = 5;

    private readonly EnrollmentTokens _tokens;
    private readonly AgentAuthority _authority;

    internal LocalEndpoint(EnrollmentTokens tokens, AgentAuthority authority)
    {
        _tokens = tokens;
        _authority = authority;
    }

    /// <summary>What the local agent must pin; see <see cref="AgentAuthority.Fingerprint"/>.</summary>
    public string Fingerprint => _authority.Fingerprint;

    /// <summary>Makes a one-use token of 5 minutes for the local agent.</summary>
    /// <param name="group">A group that exists.</param>
    /// <param name="environment">Its environment.</param>
    /// <param name="actor">Who started <c>up</c>, as the ledger names it; <c>server</c> for the server itself.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The token with the whole join command.</returns>
    /// <exception cref="InvalidOperationException">The group does not exist, or the environment is unknown.</exception>
    public async Task<EnrollmentTokenResponse> InviteAsync(string group, string environment, string actor, CancellationToken cancellation)
    {
        var request = new EnrollmentTokenRequest { Group = group, Environment = environment, Minutes = Minutes };
        var (outcome, token) = await _tokens.CreateAsync(Scope.All, actor, request, cancellation);
        return token ?? throw new InvalidOperationException($"No enrolment token for group '{group}', environment '{environment}': {outcome}.");
    }
}
