using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Suture.Compliance;

/// <summary>Deadlines, status, time to remediate.</summary>
public static class ComplianceModule
{
    /// <summary>Adds the module. Needs every stage before it.</summary>
    /// <param name="services">Services.</param>
    public static IServiceCollection AddCompliance(this IServiceCollection services)
    {
        services.AddSingleton<ComplianceReader>();
        return services;
    }

    /// <summary>Adds the API's routes: the summary, its assets page by page, and all of them as CSV.</summary>
    /// <param name="api">The group <c>/api/v1</c>.</param>
    public static IEndpointRouteBuilder MapComplianceApi(this IEndpointRouteBuilder api)
    {
        ComplianceApi.Map(api.MapGroup("").WithTags("Compliance"));
        return api;
    }
}
