using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Suture.Contracts.Api;
using Suture.Platform.Api;
using Suture.Platform.Identity;

namespace Suture.Remediation.Dispatch;

/// <summary><c>POST /assets/{id}/report-now</c>.</summary>
internal static class ReportNowApi
{
    public static void Map(IEndpointRouteBuilder api) =>
        api.MapPost("/assets/{id:guid}/report-now", AskAsync).RequireRole(Role.Operator).WithName("AskForReport")
            .WithSummary("Asks an endpoint for a fresh full report. Doing it twice while one waits is one job.")
            .Produces<JobRow>(StatusCodes.Status202Accepted).Refuses(StatusCodes.Status404NotFound, StatusCodes.Status409Conflict);

    private static async Task<IResult> AskAsync(Guid id, HttpContext context, AskForReport ask, CancellationToken cancellation)
    {
        var (outcome, job) = await ask.HandleAsync(context.GetPrincipal(), id, cancellation);
        return outcome switch
        {
            ReportAsked.Asked => Results.Accepted($"/api/v1/jobs?asset={id}", job),
            ReportAsked.NotFound => Problems.NotFound("No such asset", $"There is no asset {id:D} in your scope; list yours with GET /api/v1/assets."),
            ReportAsked.NotActive => Problems.Conflict(
                "The asset takes no jobs", "It is retired, or quarantined because two hold its identity. Release it first: that asks for a full report by itself."),
            _ => throw new InvalidOperationException($"Outcome {outcome} is not known."),
        };
    }
}
