using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Suture.Advisories;
using Suture.Contracts.Api;
using Suture.Exposure.Findings;
using Suture.Knowledge.Feeds;
using Suture.Platform.Api;
using Suture.Platform.Identity;

namespace Suture.Exposure.Api;

/// <summary><c>GET /vulnerabilities/{id}</c>.</summary>
internal static class VulnerabilitiesApi
{
    internal static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/vulnerabilities/{id}", Get)
            .RequireAnyRole()
            .WithName("GetVulnerability")
            .WithSummary("What is known of a vulnerability, and where it is in your scope")
            .Produces<VulnerabilityDetail>()
            .Refuses(404);

    private static IResult Get(HttpContext http, string id, ExposureIndex index, FeedsInForce feeds)
    {
        if (Arguments.Fault(("id", id)) is { } fault)
        {
            return fault;
        }
        id = FixRecord.ReadId(id) ?? id;
        var current = feeds.Current;
        var exposures = index.All(http.GetPrincipal().Scope).ToList();
        var releases = ReleasesOf(exposures, current);
        var fixes = FixesOf(id, releases, current);
        var signals = SignalTexts.Of(current.Find(id));
        var open = exposures
            .Select(exposure => (exposure.Asset.Name, Findings: exposure.Findings.Where(finding => finding.Vulnerability == id).ToList()))
            .Where(asset => asset.Findings.Count > 0).ToList();
        if (fixes.Count == 0 && signals.Count == 0 && open.Count == 0)
        {
            return Problems.NotFound("No feed speaks of it", $"No feed in force names '{id}' for a release in your scope. Check its spelling (CVE-2025-0001), or look at the feeds' age with GET /api/v1/feeds.");
        }
        return TypedResults.Ok(new VulnerabilityDetail
        {
            Id = id,
            Description = current.Find(id).Description,
            Signals = signals,
            Fixes = fixes,
            Feeds = UsedFeeds.Of(signals, Published(id, releases, current).SelectMany(published => published.Fix.Records), current.Feeds),
            Findings = AssetFigures.CountByStatus(open.SelectMany(asset => asset.Findings)),
            Assets = [.. open.Select(asset => asset.Name).Order(StringComparer.Ordinal).Take(ExposureLimits.NamedAssetsMax)],
            AssetCount = open.Count,
        });
    }

    /// <summary>Releases of the assets in a scope, ordered; without any, every release that a feed speaks of. Never the fleet's: which releases others have is
    /// theirs to know.</summary>
    internal static IReadOnlyList<string> ReleasesOf(IReadOnlyList<AssetExposure> exposures, FeedSnapshot feeds) =>
        exposures.Count == 0 ? feeds.Releases : [.. exposures.Select(exposure => exposure.Release).OfType<string>().Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Published fixes of a vulnerability, ordered by release then source.</summary>
    internal static List<VulnerabilityFix> FixesOf(string vulnerability, IEnumerable<string> releases, FeedSnapshot feeds) =>
        [.. Published(vulnerability, releases, feeds).Select(published => new VulnerabilityFix
        {
            Release = published.Release,
            Source = published.Source,
            FixedVersion = published.Fix.FixedVersion,
            Records = [.. published.Fix.Records.Select(record => record.Record).Distinct()],
        })];

    private static IEnumerable<(string Release, string Source, SourceFix Fix)> Published(string vulnerability, IEnumerable<string> releases, FeedSnapshot feeds) =>
        from release in releases
        from source in feeds.SourcesOf(release)
        from fix in feeds.FixesOf(release, source)
        where fix.Vulnerability == vulnerability
        select (release, source, fix);
}
