using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Suture.Contracts.Api;
using Suture.Inventory;
using Suture.Platform.Api;
using Suture.Platform.Identity;

namespace Suture.Compliance;

/// <summary><c>GET /compliance</c>, <c>/compliance/assets</c> and <c>/compliance.csv</c>.</summary>
internal static class ComplianceApi
{
    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/compliance", SummaryAsync)
            .RequireAnyRole()
            .WithName("GetCompliance")
            .WithSummary("How well your scope keeps its deadlines, and how long remediation takes")
            .WithDescription($"windowDays says how far back remediation is looked at: 1 to {ComplianceLimits.WindowDaysMax}, {ComplianceLimits.WindowDaysDefault} when left out.")
            .Produces<ComplianceSummary>();
        api.MapGet("/compliance/assets", AssetsAsync)
            .RequireAnyRole()
            .WithName("ListCompliance")
            .WithSummary("Compliance of each asset in your scope by each rule, by name")
            .WithDescription("Pages: pass next of a page as after.")
            .Produces<Page<AssetCompliance>>();
        api.MapGet("/compliance.csv", CsvAsync)
            .RequireAnyRole()
            .WithName("ExportCompliance")
            .WithSummary("Compliance of every asset in your scope by each rule, as CSV")
            .Produces<string>(StatusCodes.Status200OK, ComplianceCsv.ContentType);
    }

    private static async Task<IResult> SummaryAsync(HttpContext http, ComplianceReader reader, CancellationToken cancellation, int? windowDays = null) =>
        windowDays is < 1 or > ComplianceLimits.WindowDaysMax
            ? Problems.BadRequest(
                "The window is out of bounds",
                $"windowDays is {windowDays}, wanted 1 to {ComplianceLimits.WindowDaysMax}. Leave it out for {ComplianceLimits.WindowDaysDefault}.")
            : TypedResults.Ok(await reader.SummaryAsync(http.GetPrincipal().Scope, windowDays ?? ComplianceLimits.WindowDaysDefault, cancellation));

    private static async Task<IResult> AssetsAsync(
        HttpContext http, ComplianceReader reader, TimeProvider time, CancellationToken cancellation, Guid? after = null, int? limit = null)
    {
        var all = await reader.LiveAsync(http.GetPrincipal().Scope, cancellation);
        var skipped = 0;
        if (after is { } last && (skipped = PlaceOf(all, last) + 1) == 0)
        {
            return Problems.BadRequest("The place in the list is not one", $"after is '{last}', which is no asset of this list (any more). Leave it out for the first page.");
        }
        var page = all.Skip(skipped).Take(limit ?? Paging.LimitDefault).ToList();
        return TypedResults.Ok(new Page<AssetCompliance>
        {
            Items = await reader.AssetsAsync(page, time.GetUtcNow(), cancellation),
            Next = skipped + page.Count < all.Count ? page[^1].Id.ToString("D") : null,
            Total = all.Count,
        });
    }

    private static async Task<IResult> CsvAsync(HttpContext http, ComplianceReader reader, TimeProvider time, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var all = await reader.LiveAsync(http.GetPrincipal().Scope, cancellation);
        return TypedResults.Stream(
            async body =>
            {
                await body.WriteAsync(Encoding.UTF8.GetBytes(ComplianceCsv.Header), cancellation);
                foreach (var batch in all.Chunk(ComplianceLimits.ExportBatchMax))
                {
                    await body.WriteAsync(Encoding.UTF8.GetBytes(ComplianceCsv.Write(await reader.AssetsAsync(batch, now, cancellation), now)), cancellation);
                }
            },
            ComplianceCsv.ContentType,
            "compliance.csv");
    }

    private static int PlaceOf(IReadOnlyList<AssetRecord> all, Guid asset)
    {
        for (var place = 0; place < all.Count; place++)
        {
            if (all[place].Id == asset)
            {
                return place;
            }
        }
        return -1;
    }
}
