using Microsoft.AspNetCore.Http;

namespace Suture.Inventory;

/// <summary>The agent that makes a request: its certificate is ours, in time, not revoked, and its asset may speak.</summary>
public sealed record AgentCaller
{
    /// <summary>The asset it speaks for.</summary>
    public required Guid AssetId { get; init; }

    /// <summary>Serial number of its certificate, upper-case hex.</summary>
    public required string Serial { get; init; }
}

/// <summary>Finds the agent of a request.</summary>
public static class AgentCallerExtensions
{
    /// <summary>The agent that makes this request.</summary>
    /// <param name="context">A request to a route with <c>RequireAgent()</c>.</param>
    /// <exception cref="InvalidOperationException">The route has no <c>RequireAgent()</c>; the request must not go on.</exception>
    public static AgentCaller GetAgent(this HttpContext context) =>
        context.Features.Get<AgentCaller>()
        ?? throw new InvalidOperationException($"Route {context.Request.Path} asks for the agent but does not require one: add RequireAgent().");
}
