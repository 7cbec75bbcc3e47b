using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Suture.Inventory.Certificates;
using Suture.Inventory.Reports;
using Suture.Platform.Api;

namespace Suture.Inventory;

/// <summary>What a message of an agent may be.</summary>
public readonly record struct AgentBodyBounds
{
    /// <summary>Bytes as they travel.</summary>
    public required int WireBytes { get; init; }

    /// <summary>Bytes unpacked.</summary>
    public required int Bytes { get; init; }

    /// <summary>Members of one object and elements of one list, known or not.</summary>
    public required int Members { get; init; }
}

/// <summary>Reads messages of agents within bounds; a fault comes back as the answer to give.</summary>
/// <remarks>
/// 1. The bytes as they travel, at most so many; a large message only while the agent has no other on its way.
/// 2. A first look unpacks them and reads the JSON token by token, and keeps nothing (<see cref="ScanJson"/>). What it has read is counted to the agent's share.
/// 3. Only what passed is unpacked again and made into objects.
/// </remarks>
public static class AgentBody
{
    private const string NotWanted = "The request is not the JSON that is wanted";

    /// <summary>Reads a small message.</summary>
    /// <param name="context">The request, of an agent or of one that enrols.</param>
    /// <param name="bounds">What it may be.</param>
    /// <param name="type">What it is.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The message, or the refusal.</returns>
    /// <typeparam name="T">What it is.</typeparam>
    public static async Task<(T? Value, IResult? Fault)> ReadAsync<T>(HttpContext context, AgentBodyBounds bounds, JsonTypeInfo<T> type, CancellationToken cancellation)
        where T : class
    {
        using var wire = new WireBody(context);
        if (await TakeAsync(context, wire, bounds, cancellation) is { } fault)
        {
            return (null, fault);
        }
        return Look(context, wire, bounds) is { Fault: { } unfit } ? (null, unfit) : Read(wire, type);
    }

    /// <summary>Takes the bytes as they travel.</summary>
    /// <returns>The refusal; null when all of them are there.</returns>
    internal static async Task<IResult?> TakeAsync(HttpContext context, WireBody wire, AgentBodyBounds bounds, CancellationToken cancellation)
    {
        var encoding = context.Request.Headers.ContentEncoding.ToString();
        if (encoding is not ("" or "identity" or "gzip"))
        {
            return Problems.Of(StatusCodes.Status415UnsupportedMediaType, "Wrong content encoding", "The body has an encoding that is not read here; wanted gzip or none.");
        }
        wire.IsPacked = encoding == "gzip";
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = bounds.WireBytes;
        }
        if (context.Request.ContentLength > bounds.WireBytes)
        {
            return TooLarge(bounds.WireBytes);
        }
        try
        {
            return await wire.ReadAsync(bounds.WireBytes, cancellation) switch
            {
                WireOutcome.Whole => null,
                WireOutcome.TooLarge => TooLarge(bounds.WireBytes),
                WireOutcome.OtherOnItsWay => OtherOnItsWay(context),
                var outcome => throw new InvalidOperationException($"Outcome {outcome} is not known."),
            };
        }
        catch (BadHttpRequestException fault)
        {
            return fault.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? TooLarge(bounds.WireBytes)
                : Problems.Of(fault.StatusCode, "The request cannot be understood", "The body broke off or came too slowly; send it again.");
        }
    }

    /// <summary>Looks at a message without keeping anything of it.</summary>
    /// <returns>Its bytes unpacked, or the refusal.</returns>
    internal static (int Bytes, IResult? Fault) Look(HttpContext context, WireBody wire, AgentBodyBounds bounds)
    {
        var most = wire.IsPacked
            ? (int)Math.Min(bounds.Bytes, InventoryLimits.ReportRatioFreeBytes + ((long)wire.Length * InventoryLimits.ReportRatioMax))
            : bounds.Bytes;
        var scan = new ScanJson(most, bounds.Members);
        try
        {
            using var stream = wire.Open();
            scan.Read(stream);
            if (scan.Bytes >= InventoryLimits.LargeBytes && !wire.TryBecomeLarge())
            {
                return (0, OtherOnItsWay(context));
            }
            return (scan.Bytes, scan.Outcome switch
            {
                ScanOutcome.Good => null,
                ScanOutcome.TooLarge when !wire.IsPacked => TooLarge(bounds.Bytes),
                ScanOutcome.TooLarge => Problems.Of(
                    StatusCodes.Status413PayloadTooLarge, "The body is too large",
                    $"{wire.Length} bytes unpack to more than {most}; wanted at most {bounds.Bytes} and {InventoryLimits.ReportRatioMax} for each byte sent."),
                ScanOutcome.TooLongToken => Problems.BadRequest(NotWanted, $"After byte {scan.TokenAt} a text, name or number has more than {InventoryLimits.JsonTokenBytesMax} bytes, the most here."),
                ScanOutcome.TooManyMembers => Problems.BadRequest(NotWanted, $"At byte {scan.TokenAt} a list or object has more than {bounds.Members} members, the most here."),
                ScanOutcome.NotUtf8 => Problems.BadRequest(NotWanted, $"The text that begins at byte {scan.TokenAt} is not UTF-8, or has half of a surrogate pair."),
                _ => throw new InvalidOperationException($"Outcome {scan.Outcome} is not known."),
            });
        }
        catch (InvalidDataException)
        {
            return (0, Problems.BadRequest("The body is not gzip", "Content-Encoding says gzip and the body is not, or is cut off; send it again."));
        }
        catch (JsonException fault)
        {
            return (0, Problems.BadJson(fault));
        }
        finally
        {
            if (context.Features.Get<AgentConnection>()?.Share is { } share)
            {
                share.Spend(scan.Bytes, context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow());
            }
        }
    }

    /// <summary>Makes objects of a message that was looked at.</summary>
    internal static (T? Value, IResult? Fault) Read<T>(WireBody wire, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            using var stream = wire.Open();
            return JsonSerializer.Deserialize(stream, type) is { } value ? (value, null) : (null, Problems.BadRequest(NotWanted, "The body is null; wanted an object."));
        }
        catch (JsonException fault)
        {
            return (null, Problems.BadJson(fault));
        }
    }

    private static IResult TooLarge(int most) =>
        Problems.Of(StatusCodes.Status413PayloadTooLarge, "The body is too large", $"The body is larger than {most} bytes, which is the most this address takes.");

    private static IResult OtherOnItsWay(HttpContext context)
    {
        context.Response.Headers.RetryAfter = "1";
        return Problems.TooMany("Too many large messages", "Another large message of this agent is on its way; wait for its answer, then send this one again.");
    }
}
