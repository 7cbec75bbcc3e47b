using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Suture.Platform.Storage;

namespace Suture.Platform.Api;

/// <summary>The one place where an exception of an endpoint becomes an answer: problem details, never a stack trace.</summary>
internal sealed partial class ProblemHandler(ILogger<ProblemHandler> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellation)
    {
        if (exception is OperationCanceledException && context.RequestAborted.IsCancellationRequested)
        {
            return true; // Nobody is there to read an answer.
        }
        var answer = exception switch
        {
            BadHttpRequestException { InnerException: JsonException fault } => Problems.BadJson(fault),
            BadHttpRequestException fault => StatusProblems.For(
                context, fault.StatusCode, BindingFaults.Describe(context.Features.Get<IExceptionHandlerFeature>()?.Endpoint, fault.Message)),
            UnstorableTextException fault => Problems.BadRequest("The request holds text that cannot be kept", fault.Message),
            StaleRowException fault => Problems.Conflict("It was changed in the meantime", fault.Message),
            _ => Unforeseen(context, exception),
        };
        await answer.ExecuteAsync(context);
        return true;
    }

    // System.Text.Json's own sentence ends with ". Path: $.x | LineNumber: 0 | BytePositionInLine: 5." and names our types; people get the member and the place.
    internal static string Describe(JsonException fault)
    {
        var place = $"at {fault.Path ?? "$"}, line {(fault.LineNumber ?? 0) + 1}, byte {(fault.BytePositionInLine ?? 0) + 1}";
        var message = fault.Message;
        if (message.Contains("could not be mapped to any .NET member", StringComparison.Ordinal))
        {
            return $"The member {Quoted(message)} is not known here ({place}). Check its spelling against the API's description, or leave it out.";
        }
        if (message.Contains("missing required properties", StringComparison.Ordinal))
        {
            return $"Required members are missing: {message[(message.LastIndexOf(':') + 1)..].Trim().TrimEnd('.')} ({place}). Add them.";
        }
        if (message.Contains("Duplicate property", StringComparison.Ordinal))
        {
            return $"The member {Quoted(message)} is given twice ({place}). Keep one.";
        }
        if (message.Contains("allow setting null values", StringComparison.Ordinal))
        {
            return $"The member {Quoted(message)} is null ({place}). Give it a value.";
        }
        if (message.StartsWith("The JSON value could not be converted", StringComparison.Ordinal))
        {
            return $"The value has the wrong type, or is none of the allowed words ({place}). See the API's description for what it takes.";
        }
        if (message.Contains("maximum configured depth", StringComparison.Ordinal))
        {
            return $"The JSON is nested too deeply ({place}). Wanted at most 32 levels.";
        }
        if (message.Contains("UTF-8", StringComparison.Ordinal) || message.Contains("UTF-16", StringComparison.Ordinal))
        {
            return $"A text is not UTF-8, or has half of a surrogate pair ({place}). Send it as UTF-8.";
        }
        var cut = message.IndexOf(" Path: ", StringComparison.Ordinal);
        var sentence = cut < 0 ? message : message[..cut];
        // A sentence that names our types is none for the caller.
        return $"{(sentence.Contains(nameof(Suture) + ".", StringComparison.Ordinal) ? "The JSON does not have the wanted form." : sentence)} ({place})";
    }

    private static string Quoted(string message)
    {
        var from = message.IndexOf('\'');
        var to = from < 0 ? -1 : message.IndexOf('\'', from + 1);
        return to < 0 ? "given" : message[from..(to + 1)];
    }

    private IResult Unforeseen(HttpContext context, Exception exception)
    {
        LogFault(context.Request.Method, context.TraceIdentifier, exception);
        return Problems.Of(
            StatusCodes.Status500InternalServerError,
            "The server failed",
            $"Nothing was written by this request. The server's log has the reason under the trace id {context.TraceIdentifier}.");
    }

    [LoggerMessage(201, LogLevel.Error, "A {Method} request failed, trace {TraceId}")]
    private partial void LogFault(string method, string traceId, Exception fault);
}

/// <summary>Problem details for a bare status: an unknown route, a wrong method, a body that is too large.</summary>
internal static class StatusProblems
{
    internal static Task WriteAsync(StatusCodeContext context) =>
        For(context.HttpContext, context.HttpContext.Response.StatusCode, null).ExecuteAsync(context.HttpContext);

    internal static IResult For(HttpContext context, int status, string? detail) => status switch
    {
        StatusCodes.Status400BadRequest => Problems.BadRequest("The request cannot be understood", detail),
        StatusCodes.Status401Unauthorized => Problems.Unauthorized("Not signed in", detail ?? "Send 'Authorization: Bearer TOKEN' with the token of a session (POST /api/v1/auth/sign-in) or an API token that is neither expired nor revoked."),
        StatusCodes.Status403Forbidden => Problems.Forbidden("Not allowed", detail ?? "None of your roles may do this. An admin can change your roles; an API token may also hold fewer roles than its user."),
        StatusCodes.Status404NotFound => Problems.NotFound("No such address", detail ?? $"{context.Request.Method} {context.Request.Path} leads nowhere. The API's description lists every address."),
        StatusCodes.Status405MethodNotAllowed => Problems.Of(status, "Wrong method", detail ?? $"{context.Request.Path} does not take {context.Request.Method}. The API's description lists what it takes."),
        StatusCodes.Status413PayloadTooLarge => Problems.Of(status, "The body is too large", "The body is larger than this address takes (see docs/limits.md). Send less at once."),
        StatusCodes.Status415UnsupportedMediaType => Problems.Of(status, "Wrong media type", "Send the body as 'Content-Type: application/json'."),
        _ => Problems.Of(status, $"HTTP status {status}", detail),
    };
}
