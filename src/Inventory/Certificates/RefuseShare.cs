using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Platform.Api;

namespace Suture.Inventory.Certificates;

/// <summary>Answers 429 with the reason and the time to come back. The bodies are made once: this is what a flood is answered with.</summary>
internal static class RefuseShare
{
    private static readonly byte[] TooOften = Make(
        $"This agent sends more than {InventoryLimits.AgentRequestsBurst} requests at once and {InventoryLimits.AgentRequestsPerSecond} a second after that. Nothing of this request was read; send it again after the time in Retry-After.");

    private static readonly byte[] TooMuch = Make(
        $"The messages of this agent unpack to more than {InventoryLimits.AgentBytesBurst} bytes and {InventoryLimits.AgentBytesPerSecond} a second after that. Nothing of this request was read; send it again after the time in Retry-After.");

    private static readonly byte[] TooManyAtOnce = Make(
        $"This agent has {InventoryLimits.AgentRequestsAtOnce} requests on their way, the most at the same time. Nothing of this request was read; wait for an answer, then send it again.");

    private static readonly byte[] TooManyConnections = Make(
        $"This agent has more than {InventoryLimits.AgentConnectionsMax} connections open, the most at the same time. Nothing of this request was read; send it again on one of those.");

    /// <summary>Answers.</summary>
    public static async Task WriteAsync(HttpContext context, AgentShare.Verdict verdict)
    {
        var body = verdict.Refusal switch
        {
            ShareRefusal.TooOften => TooOften,
            ShareRefusal.TooMuch => TooMuch,
            ShareRefusal.TooManyAtOnce => TooManyAtOnce,
            ShareRefusal.TooManyConnections => TooManyConnections,
            _ => throw new InvalidOperationException($"Refusal {verdict.Refusal} is not known."),
        };
        var response = context.Response;
        response.StatusCode = StatusCodes.Status429TooManyRequests;
        response.Headers.RetryAfter = verdict.RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        response.ContentType = Problems.ContentType;
        response.ContentLength = body.Length;
        if (verdict.Refusal == ShareRefusal.TooManyConnections)
        {
            // After this answer nothing more is taken on it, by either version of HTTP.
            context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        }
        await response.Body.WriteAsync(body, context.RequestAborted);
    }

    private static byte[] Make(string detail) => JsonSerializer.SerializeToUtf8Bytes(
        new Problem { Title = "Too many requests", Status = StatusCodes.Status429TooManyRequests, Detail = detail }, ContractsJson.Default.Problem);
}
