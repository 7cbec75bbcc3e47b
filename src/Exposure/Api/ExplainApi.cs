using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Suture.Advisories;
using Suture.Contracts.Api;
using Suture.Exposure.Explaining;
using Suture.Exposure.Findings;
using Suture.Inventory;
using Suture.Knowledge.Feeds;
using Suture.Platform.Api;
using Suture.Platform.Identity;
using Suture.Platform.Storage;

namespace Suture.Exposure.Api;

/// <summary><c>GET /explain/{vulnerability}</c>.</summary>
internal static class ExplainApi
{
    internal static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/explain/{vulnerability}", ExplainAsync)
            .RequireAnyRole()
            .WithName("Explain")
            .WithSummary("The chain from the feed's record to the asset, or why there is none")
            .WithDescription("Without asset: what the feeds say of the vulnerability, and which assets in your scope have it.")
            .Produces<Explanation>()
            .Refuses(404);

    private static async Task<IResult> ExplainAsync(
        HttpContext http, string vulnerability, AssetDirectory assets, Store store, ExposureIndex index, FeedsInForce feeds,
        IEnumerable<IExplainMore> more, TimeProvider time, CancellationToken cancellation, string? asset = null)
    {
        var scope = http.GetPrincipal().Scope;
        if (Arguments.Fault(("vulnerability", vulnerability), ("asset", asset)) is { } fault)
        {
            return fault;
        }
        if (FixRecord.ReadId(vulnerability) is not { } id)
        {
            return Problems.BadRequest("No id of a vulnerability", $"'{vulnerability}' is no CVE id; wanted is one like CVE-2025-0001, or the id that a finding has (UNRATED-..., UNREAD-...).");
        }
        if (asset is null)
        {
            return TypedResults.Ok(ExplainFleet.Compose(id, [.. index.All(scope)], feeds.Current));
        }
        var (found, refusal) = await Arguments.FindAssetAsync(assets, scope, asset, cancellation);
        if (found is null)
        {
            return refusal!;
        }
        var episodes = await store.ReadAsync(session => EpisodeStore.ReadOfAsync(session, found.Id, id), cancellation);
        var explanation = ExplainAsset.Compose(new ExplainInput
        {
            Vulnerability = id,
            Asset = found,
            Exposure = index.Of(scope, found.Id),
            Episodes = episodes,
            Feeds = feeds.Current,
            Now = time.GetUtcNow(),
        });
        var steps = explanation.Steps.ToList();
        foreach (var stage in more)
        {
            steps.AddRange(await stage.StepsAsync(found.Id, id, cancellation));
        }
        return TypedResults.Ok(explanation with { Steps = steps });
    }
}
