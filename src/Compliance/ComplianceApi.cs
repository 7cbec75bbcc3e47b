using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Suture.Contracts.Api;
using Suture.Platform.Identity;

namespace Suture.Compliance;

/// <summary><c>GET /compliance</c> and <c>GET /compliance.csv</c>.</summary>
internal static class ComplianceApi
{
    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/compliance", SummaryAsync)
            .RequireAnyRole()
            .WithName("GetCompliance")
            .WithSummary("How well your scope keeps its deadlines, and how long remediation takes")
            .Produces<ComplianceSummary>();
        api.MapGet("/compliance.csv", CsvAsync)
            .RequireAnyRole()
            .WithName("ExportCompliance")
            .WithSummary("Compliance of every asset in your scope, as CSV")
            .Produces<string>(StatusCodes.Status200OK, ComplianceCsv.ContentType);
    }

    private static async Task<IResult> SummaryAsync(HttpContext http, ComplianceReader reader, CancellationToken cancellation) =>
        TypedResults.Ok(await reader.SummaryAsync(http.GetPrincipal().Scope, cancellation));

    private static async Task<IResult> CsvAsync(HttpContext http, ComplianceReader reader, CancellationToken cancellation)
    {
        var text = ComplianceCsv.Write(await reader.AssetsAsync(http.GetPrincipal().Scope, cancellation));
        return TypedResults.File(Encoding.UTF8.GetBytes(text), ComplianceCsv.ContentType, "compliance.csv");
    }
}
