using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Suture.Contracts.Api;
using Suture.Exposure.Findings;
using Suture.Inventory;
using Suture.Knowledge.Feeds;
using Suture.Knowledge.Versions;
using Suture.Platform.Api;
using Suture.Platform.Identity;

namespace Suture.Exposure.Api;

/// <summary><c>GET /findings</c>.</summary>
internal static class FindingsApi
{
    internal static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/findings", ListAsync)
            .RequireAnyRole()
            .WithName("ListFindings")
            .WithSummary("Open findings in your scope, highest risk first")
            .WithDescription("Filters: asset (id or name), status, vulnerability, package (name or package URL), source, environment, kev, critical. Pages: pass next of a page as after.")
            .Produces<Page<Finding>>()
            .Refuses(404);

    private static async Task<IResult> ListAsync(
        HttpContext http, ExposureIndex index, AssetDirectory assets, [AsParameters] FindingsQuery query, CancellationToken cancellation)
    {
        var scope = http.GetPrincipal().Scope;
        if (query.Fault() is { } fault)
        {
            return fault;
        }
        var after = query.After is null ? null : FindingsPage.FindingPlace.TryParse(query.After);
        if (query.After is not null && after is null)
        {
            return Problems.BadRequest("The place after is none of ours", $"after is '{query.After}', wanted the value of next from a page before. Leave it out for the first page.");
        }
        if (!TryReadStatus(query.Status, out var status))
        {
            return Problems.BadRequest("No such status", $"status is '{query.Status}', wanted affected, pending_effect or unknown.");
        }
        Purl? purl = null;
        if (query.Package is ['p', 'k', 'g', ':', ..] && !Purl.TryParse(query.Package, out purl, out var problem))
        {
            return Problems.BadRequest("No package URL", problem);
        }
        Guid? assetId = null;
        if (query.Asset is { } text)
        {
            var (asset, refusal) = await Arguments.FindAssetAsync(assets, scope, text, cancellation);
            if (asset is null)
            {
                return refusal!;
            }
            assetId = asset.Id;
        }
        var exposures = assetId is { } id ? index.Of(scope, id) is { } one ? [one] : [] : index.All(scope);
        var page = FindingsPage.Cut(exposures, query.ToFilter(assetId, status, purl), after, query.Limit ?? Paging.LimitDefault);
        var silent = await assets.SilentAsync(scope, cancellation);
        return TypedResults.Ok(page with { Items = [.. page.Items.Select(finding => finding with { SilentSinceUtc = SilentSince(silent, finding.Asset!.Value) })] });
    }

    private static DateTimeOffset? SilentSince(IReadOnlyDictionary<Guid, DateTimeOffset> silent, Guid asset) => silent.TryGetValue(asset, out var since) ? since : null;

    private static bool TryReadStatus(string? text, out FindingStatus? status)
    {
        status = text switch
        {
            "affected" => FindingStatus.Affected,
            "pending_effect" => FindingStatus.PendingEffect,
            "unknown" => FindingStatus.Unknown,
            _ => null,
        };
        return text is null || status is not null;
    }
}

/// <summary>Arguments of <c>GET /findings</c>.</summary>
internal sealed record FindingsQuery
{
    [FromQuery(Name = "asset")]
    public string? Asset { get; init; }

    [FromQuery(Name = "status")]
    public string? Status { get; init; }

    [FromQuery(Name = "vulnerability")]
    public string? Vulnerability { get; init; }

    [FromQuery(Name = "package")]
    public string? Package { get; init; }

    [FromQuery(Name = "source")]
    public string? Source { get; init; }

    [FromQuery(Name = "environment")]
    public string? Environment { get; init; }

    [FromQuery(Name = "kev")]
    public bool? Kev { get; init; }

    [FromQuery(Name = "critical")]
    public bool? Critical { get; init; }

    [FromQuery(Name = "after")]
    public string? After { get; init; }

    [FromQuery(Name = "limit")]
    public int? Limit { get; init; }

    internal IResult? Fault() => Arguments.Fault(
        ("asset", Asset), ("status", Status), ("vulnerability", Vulnerability), ("package", Package), ("source", Source), ("environment", Environment), ("after", After));

    internal FindingFilter ToFilter(Guid? asset, FindingStatus? status, Purl? purl) => new()
    {
        Asset = asset,
        Status = status,
        Vulnerability = Vulnerability is null ? null : FixRecord.ReadId(Vulnerability) ?? Vulnerability,
        Package = purl?.Name ?? Package,
        Purl = purl,
        Source = Source,
        Environment = Environment,
        Kev = Kev,
        Critical = Critical,
    };
}
