using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Suture.Contracts;
using Suture.Contracts.Api;

namespace Suture.Platform.Api;

/// <summary>Refusals as problem details (RFC 9457). The detail names the thing, the value seen, the value wanted and the next step.</summary>
public static class Problems
{
    /// <summary>Media type of every refusal.</summary>
    public const string ContentType = "application/problem+json";

    /// <summary>400: the request cannot be understood or breaks a rule.</summary>
    /// <param name="title">What is wrong, in a few words.</param>
    /// <param name="detail">The thing, the value seen, the value wanted and the next step.</param>
    /// <param name="errors">Faults by field; null when there is only one of the whole.</param>
    public static IResult BadRequest(string title, string? detail = null, IReadOnlyDictionary<string, string[]>? errors = null) =>
        Of(StatusCodes.Status400BadRequest, title, detail, errors);

    /// <summary>400: the body is not the JSON that is wanted.</summary>
    /// <param name="fault">What the reader says; told in the words of the API, with the member and the place.</param>
    public static IResult BadJson(JsonException fault) => BadRequest("The request is not the JSON that is wanted", ProblemHandler.Describe(fault));

    /// <summary>401: nobody is signed in.</summary>
    /// <param name="title">What is wrong, in a few words.</param>
    /// <param name="detail">The next step.</param>
    public static IResult Unauthorized(string title, string? detail = null) => Of(StatusCodes.Status401Unauthorized, title, detail);

    /// <summary>403: the caller has no right to this.</summary>
    /// <param name="title">What is wrong, in a few words.</param>
    /// <param name="detail">The right that is missing and who can give it.</param>
    public static IResult Forbidden(string title, string? detail = null) => Of(StatusCodes.Status403Forbidden, title, detail);

    /// <summary>404: it is not there, or not in the caller's scope; both look the same.</summary>
    /// <param name="title">What is wrong, in a few words.</param>
    /// <param name="detail">The thing asked for and how to list what there is.</param>
    public static IResult NotFound(string title, string? detail = null) => Of(StatusCodes.Status404NotFound, title, detail);

    /// <summary>409: the state of the thing does not allow it (any more).</summary>
    /// <param name="title">What is wrong, in a few words.</param>
    /// <param name="detail">The state seen, the state wanted and the next step.</param>
    public static IResult Conflict(string title, string? detail = null) => Of(StatusCodes.Status409Conflict, title, detail);

    /// <summary>429: too many tries.</summary>
    /// <param name="title">What is wrong, in a few words.</param>
    /// <param name="detail">When to try again.</param>
    public static IResult TooMany(string title, string? detail = null) => Of(StatusCodes.Status429TooManyRequests, title, detail);

    /// <summary>States in the API's description that a route refuses with these statuses. What every route with a role does (400, 401, 403), it states itself.</summary>
    /// <param name="route">The route.</param>
    /// <param name="statuses">HTTP statuses, 400 to 599.</param>
    public static RouteHandlerBuilder Refuses(this RouteHandlerBuilder route, params ReadOnlySpan<int> statuses)
    {
        foreach (var status in statuses)
        {
            route.Produces<Problem>(status, ContentType);
        }
        return route;
    }

    /// <summary>A refusal of any status.</summary>
    /// <param name="status">HTTP status, 400 to 599.</param>
    /// <param name="title">What is wrong, in a few words.</param>
    /// <param name="detail">More; null for none.</param>
    /// <param name="errors">Faults by field; null when there is only one of the whole.</param>
    public static IResult Of(int status, string title, string? detail = null, IReadOnlyDictionary<string, string[]>? errors = null) =>
        Results.Json(
            new Problem { Title = title, Status = status, Detail = detail, Errors = errors },
            ContractsJson.Default.Problem,
            ContentType,
            status);
}
