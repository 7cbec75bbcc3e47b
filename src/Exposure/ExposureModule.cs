using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Suture.Exposure.Api;
using Suture.Exposure.Findings;
using Suture.Exposure.FleetIndex;
using Suture.Inventory;
using Suture.Platform.Work;

namespace Suture.Exposure;

/// <summary>Who has what, findings, episodes, ranking.</summary>
public static class ExposureModule
{
    /// <summary>Adds the module. Needs the platform, the inventory and the advisories; feeds must be in force before the host starts its services, because the
    /// indexes are rebuilt first of all. Uses every <see cref="IExplainMore"/> that a later stage registers.</summary>
    /// <param name="services">Services.</param>
    public static IServiceCollection AddExposure(this IServiceCollection services)
    {
        services.AddSingleton<ExposureIndex>();
        services.AddSingleton<IFleetIndex, PlainFleetIndex>();
        services.AddSingleton<ChangedSources>();
        services.AddSingleton<ExposureUpdate>();
        services.AddSingleton<IWorkHandler, MatchAsset>();
        services.AddSingleton<IWorkHandler, RematchAsset>();
        services.AddSingleton<IWorkHandler, RematchFleet>();
        services.AddSingleton<RebuildExposure>();
        services.AddHostedService(provider => provider.GetRequiredService<RebuildExposure>());
        services.Replace(ServiceDescriptor.Singleton<IAssetFigures, AssetFigures>());
        return services;
    }

    /// <summary>Adds the API's routes: findings, explanations, episodes, vulnerabilities.</summary>
    /// <param name="api">The group <c>/api/v1</c>.</param>
    public static IEndpointRouteBuilder MapExposureApi(this IEndpointRouteBuilder api)
    {
        var findings = api.MapGroup("").WithTags("Findings");
        FindingsApi.Map(findings);
        EpisodesApi.Map(findings);
        ExplainApi.Map(findings);
        VulnerabilitiesApi.Map(findings);
        return api;
    }
}
