using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Suture.Platform.Api;
using Suture.Platform.Identity;
using Suture.Platform.Ledger;
using Suture.Platform.Storage;
using Suture.Platform.Work;

namespace Suture.Platform;

/// <summary>How the host takes the platform in.</summary>
public static class PlatformModule
{
    /// <summary>Adds store, work queue and loop, the sealed ledger, sign-in, rights of routes (none stated: nobody), problem details and JSON of the API.</summary>
    /// <param name="services">Services of the host.</param>
    /// <param name="store">A store that is migrated before the host starts; the caller disposes it.</param>
    /// <param name="dataFolder">The server's data folder: the key that signs checkpoints of the ledger, and their file, lie there.</param>
    /// <param name="configure">Sets options; null keeps the defaults.</param>
    public static IServiceCollection AddPlatform(this IServiceCollection services, Store store, string dataFolder, Action<PlatformOptions>? configure = null)
    {
        services.AddOptions<PlatformOptions>().Configure(options => configure?.Invoke(options)).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(store);
        services.AddSingleton<WorkQueue>();
        services.AddSingleton<WorkLoop>();
        services.AddHostedService(provider => provider.GetRequiredService<WorkLoop>());
        AddLedger(services, dataFolder);
        AddIdentity(services);
        AddApi(services);
        return services;
    }

    /// <summary>Puts the platform into the request pipeline: problem details, routes, sign-in, rights, rules on queries. Before any endpoint is mapped.</summary>
    /// <param name="app">The application.</param>
    public static IApplicationBuilder UsePlatform(this IApplicationBuilder app)
    {
        app.UseExceptionHandler(_ => { });
        app.UseStatusCodePages(StatusProblems.WriteAsync);
        app.UseRouting();
        app.UseAuthentication();
        app.UseAuthorization();
        app.Use(QueryRules.CheckAsync);
        return app;
    }

    /// <summary>Maps the platform's routes: <c>/auth</c>, <c>/tokens</c>, <c>/users</c>, <c>/groups</c>, <c>/ledger</c>, <c>/work</c>.</summary>
    /// <param name="api">Group of <c>/api/v1</c>.</param>
    public static IEndpointRouteBuilder MapPlatformApi(this IEndpointRouteBuilder api)
    {
        api.MapIdentityApi();
        api.MapLedgerApi();
        api.MapWorkApi();
        return api;
    }

    private static void AddLedger(IServiceCollection services, string dataFolder)
    {
        services.AddSingleton(_ => CheckpointLog.Open(Path.Combine(Path.GetFullPath(dataFolder), "ledger", "checkpoints.jsonl")));
        services.AddSingleton(_ => new CheckpointSigner(SecretsFolder.Open(dataFolder)));
        services.AddSingleton(provider => new LedgerWitness(
            provider.GetRequiredService<Store>(), provider.GetRequiredService<CheckpointLog>(), provider.GetRequiredService<CheckpointSigner>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<LedgerSealer>();
        services.AddHostedService(provider => provider.GetRequiredService<LedgerSealer>());
    }

    private static void AddIdentity(IServiceCollection services)
    {
        services.AddSingleton<TokenAuthority>();
        services.AddSingleton<Passwords>();
        services.AddSingleton<SignInGate>();
        services.AddSingleton<SignIn>();
        services.AddSingleton<ManageUsers>();
        services.AddSingleton<ManageTokens>();
        services.AddSingleton<ManageGroups>();
        // AddAuthentication would bring data protection along, which keeps keys in the home folder and which nothing here uses.
        services.AddAuthenticationCore(options => options.DefaultScheme = BearerHandler.SchemeName).AddWebEncoders();
        new AuthenticationBuilder(services).AddScheme<AuthenticationSchemeOptions, BearerHandler>(BearerHandler.SchemeName, null);
        services.AddSingleton<IAuthorizationHandler, RouteRequirementHandler>();
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, RouteResultHandler>();
        var policy = new AuthorizationPolicyBuilder(BearerHandler.SchemeName).AddRequirements(new RouteRequirement()).Build();
        services.AddAuthorizationBuilder().SetDefaultPolicy(policy).SetFallbackPolicy(policy);
    }

    private static void AddApi(IServiceCollection services)
    {
        services.AddExceptionHandler<ProblemHandler>();
        services.ConfigureHttpJsonOptions(ApiJson.Configure);
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.AddOptions<KestrelServerOptions>().Configure<IOptions<PlatformOptions>>((kestrel, platform) =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = platform.Value.BodyBytesMax;
        });
    }
}
