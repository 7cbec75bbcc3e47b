using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Suture.Contracts;
using Suture.Inventory.Approvers;
using Suture.Inventory.Assets;
using Suture.Inventory.Certificates;
using Suture.Inventory.Enrollment;
using Suture.Inventory.Reports;
using Suture.Platform.Identity;
using Suture.Platform.Storage;
using Suture.Platform.Work;

namespace Suture.Inventory;

/// <summary>Assets, reports and asset context.</summary>
public static class InventoryModule
{
    /// <summary>Adds the module. Needs <c>AddPlatform</c>; uses <see cref="IAssetFigures"/> and <see cref="IJobSigningKeys"/>
    /// where a later stage registers them.</summary>
    /// <param name="services">Services.</param>
    /// <param name="options">What the host decides.</param>
    /// <exception cref="ArgumentException">An option is out of bounds; names all that are.</exception>
    public static IServiceCollection AddInventory(this IServiceCollection services, InventoryOptions options)
    {
        if (options.Faults() is { Count: > 0 } faults)
        {
            throw new ArgumentException($"Inventory options: {string.Join(" ", faults)}", nameof(options));
        }
        services.AddSingleton(options);
        services.TryAddSingleton<IAssetFigures, NoAssetFigures>();
        services.TryAddSingleton<IJobSigningKeys, NoJobSigningKeys>();
        services.AddSingleton<Heartbeats>();
        services.AddHostedService(provider => provider.GetRequiredService<Heartbeats>());
        services.AddSingleton(provider => new AssetDirectory(
            provider.GetRequiredService<Store>(), provider.GetRequiredService<Heartbeats>(), options, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new AgentAuthority(options, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new AgentPort(
            provider.GetRequiredService<AgentAuthority>(), provider.GetRequiredService<AgentShares>(), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<AgentPort>>()));
        services.AddSingleton<AgentShares>();
        services.AddSingleton<LimitAgents>();
        services.AddSingleton<AgentAdmission>();
        services.AddSingleton(provider => new EnrollmentTokens(
            provider.GetRequiredService<Store>(), provider.GetRequiredService<AgentAuthority>(), options, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new LocalEndpoint(provider.GetRequiredService<EnrollmentTokens>(), provider.GetRequiredService<AgentAuthority>()));
        services.AddSingleton(provider => new ApproverDirectory(
            provider.GetRequiredService<Store>(), provider.GetRequiredService<WorkQueue>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<CleanInventory>();
        services.AddHostedService(provider => provider.GetRequiredService<CleanInventory>());
        AddUseCases(services);
        return services;
    }

    /// <summary>Adds the API's routes: assets, enrolment tokens, approvers of groups.</summary>
    /// <param name="api">The group <c>/api/v1</c>.</param>
    public static IEndpointRouteBuilder MapInventoryApi(this IEndpointRouteBuilder api)
    {
        api.ServiceProvider.GetRequiredService<AssetEndpoints>().Map(api.MapGroup("").WithTags("Assets"));
        api.ServiceProvider.GetRequiredService<TokenEndpoints>().Map(api.MapGroup("").WithTags("Enrolment"));
        api.ServiceProvider.GetRequiredService<ApproverEndpoints>().Map(api.MapGroup("").WithTags("Groups"));
        return api;
    }

    /// <summary>Adds the agents' routes: enrol, renew, report.</summary>
    /// <param name="agents">The group <see cref="AgentPaths.Root"/>.</param>
    public static IEndpointRouteBuilder MapInventoryAgent(this IEndpointRouteBuilder agents)
    {
        agents.ServiceProvider.GetRequiredService<AgentEndpoints>().Map(agents);
        return agents;
    }

    private static void AddUseCases(IServiceCollection services)
    {
        services.AddSingleton<IGroupMembers, CountMembers>();
        services.AddSingleton<EnrollAgent>();
        services.AddSingleton<RenewCertificate>();
        services.AddSingleton<StoreReport>();
        services.AddSingleton<ReceiveReport>();
        services.AddSingleton<StateContext>();
        services.AddSingleton<EndAsset>();
        services.AddSingleton<AssetEndpoints>();
        services.AddSingleton<TokenEndpoints>();
        services.AddSingleton<SetApprovers>();
        services.AddSingleton<ApproverEndpoints>();
        services.AddSingleton<AgentEndpoints>();
    }
}
