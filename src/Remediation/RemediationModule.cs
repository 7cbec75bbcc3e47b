using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Suture.Contracts;
using Suture.Exposure;
using Suture.Inventory;
using Suture.Platform.Storage;
using Suture.Platform.Work;
using Suture.Remediation.Approvals;
using Suture.Remediation.Dispatch;
using Suture.Remediation.Fixes;
using Suture.Remediation.Planning;
using Suture.Remediation.Policies;
using Suture.Remediation.Verification;

namespace Suture.Remediation;

/// <summary>Policies, plans, approvals, dispatch, verification.</summary>
public static class RemediationModule
{
    /// <summary>Adds the module. Needs the platform, the inventory and the exposure; tells agents, through the inventory, which key signs jobs.</summary>
    /// <param name="services">Services.</param>
    /// <param name="secrets">Where the key that signs jobs lies; made there at first start.</param>
    /// <param name="options">What the host decides; null keeps the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of bounds; names all that are.</exception>
    public static IServiceCollection AddRemediation(this IServiceCollection services, SecretsFolder secrets, RemediationOptions? options = null)
    {
        options ??= new RemediationOptions();
        if (options.Faults() is { Count: > 0 } faults)
        {
            throw new ArgumentException($"Remediation options: {string.Join(" ", faults)}", nameof(options));
        }
        services.AddSingleton(options);
        services.AddSingleton(_ => new JobSigner(secrets));
        services.Replace(ServiceDescriptor.Singleton<IJobSigningKeys>(provider => provider.GetRequiredService<JobSigner>()));
        services.AddSingleton<PolicyStore>();
        services.AddSingleton(provider => new PolicyRules(provider.GetRequiredService<PolicyStore>()));
        services.AddSingleton<JobStore>();
        services.AddSingleton<JobSignal>();
        services.AddSingleton<OfferJobs>();
        services.AddSingleton<AskForReport>();
        services.AddSingleton<TakeResult>();
        services.AddSingleton<EndPlan>();
        services.AddSingleton<WithdrawJobs>();
        services.AddSingleton<ProveJobs>();
        services.AddSingleton<PlanSigners>();
        services.AddSingleton<DecideOnPlan>();
        services.AddSingleton<WithdrawPlan>();
        services.AddSingleton<RequestPlan>();
        services.AddSingleton(provider => new PlanDirectory(
            provider.GetRequiredService<Store>(), provider.GetRequiredService<AssetDirectory>(), provider.GetRequiredService<PlanSigners>()));
        services.AddSingleton<FixBoard>();
        services.AddSingleton<SpeakOfFix>();
        services.AddSingleton<IExplainMore, ExplainWork>();
        services.AddSingleton<IWorkHandler, VerifyAsset>();
        services.AddSingleton<IWorkHandler, VerifyResult>();
        services.AddSingleton<IWorkHandler, PlanAsset>();
        services.AddSingleton<IWorkHandler, ReplanFleet>();
        services.AddSingleton<IWorkHandler, SignJobs>();
        services.AddSingleton<IWorkHandler, ExpireJobs>();
        services.AddHostedService<JobWatch>();
        return services;
    }

    /// <summary>Adds the API's routes: fixes, plans, jobs, policy, and the wish for a report.</summary>
    /// <param name="api">The group <c>/api/v1</c>.</param>
    public static IEndpointRouteBuilder MapRemediationApi(this IEndpointRouteBuilder api)
    {
        FixApi.Map(api.MapGroup("").WithTags("Fixes"));
        PlanApi.Map(api);
        ReportNowApi.Map(api.MapGroup("").WithTags("Assets"));
        PolicyApi.Map(api.MapGroup("").WithTags("Policy"));
        return api;
    }

    /// <summary>Adds the agents' routes: poll and result.</summary>
    /// <param name="agents">The group <see cref="AgentPaths.Root"/>.</param>
    public static IEndpointRouteBuilder MapRemediationAgent(this IEndpointRouteBuilder agents)
    {
        AgentApi.Map(agents);
        return agents;
    }
}
