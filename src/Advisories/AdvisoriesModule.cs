using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Suture.Advisories.Archive;
using Suture.Advisories.Fetching;
using Suture.Platform.Storage;
using Suture.Platform.Work;

namespace Suture.Advisories;

/// <summary>Feeds: fetched, verified, validated, with their last known good in force.</summary>
public static class AdvisoriesModule
{
    /// <summary>Adds the module. Needs the platform and Inventory.</summary>
    /// <param name="services">Services.</param>
    /// <param name="feeds">How feeds are fetched and kept.</param>
    /// <param name="archive">How the distribution's archive is read.</param>
    public static IServiceCollection AddAdvisories(this IServiceCollection services, FeedOptions feeds, ArchiveOptions archive)
    {
        services.AddSingleton(feeds).AddSingleton(archive);
        services.AddSingleton<FeedsInForce>();
        services.AddSingleton(provider => new FeedLibrary(
            provider.GetRequiredService<Store>(), provider.GetRequiredService<WorkQueue>(), provider.GetRequiredService<FeedsInForce>(), feeds,
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<FeedLibrary>>()));
        services.AddSingleton(_ => new FeedHttp(new HttpClient { Timeout = TimeSpan.FromMinutes(5) }));
        services.AddSingleton(provider => new ArchiveClient(
            provider.GetRequiredService<FeedHttp>(), new Gpgv(provider.GetRequiredService<TimeProvider>()), archive));
        services.AddSingleton<ReadChangelogs>();
        services.AddSingleton<ReadArchive>();
        services.AddSingleton<IWorkHandler>(provider => provider.GetRequiredService<ReadArchive>());
        services.AddSingleton<IWorkHandler, ReadArchiveDue>();
        services.AddSingleton<FeedFetcher>();
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<FeedFetcher>());
        return services;
    }

    /// <summary>Adds the API's routes: feeds and imports.</summary>
    /// <param name="api">The group <c>/api/v1</c>.</param>
    public static IEndpointRouteBuilder MapAdvisoriesApi(this IEndpointRouteBuilder api)
    {
        FeedsApi.Map(api);
        return api;
    }
}
