using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Suture.Advisories.Archive;
using Suture.Advisories.Fetching;
using Suture.Contracts.Api;
using Suture.Platform.Api;
using Suture.Platform.Identity;
using Suture.Platform.Ledger;
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
        services.AddSingleton(provider => new ArchiveClient(provider.GetRequiredService<FeedHttp>(), archive));
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
        var feeds = api.MapGroup("/feeds").WithTags("Feeds");
        feeds.MapGet("", ListAsync).RequireAnyRole().WithName("ListFeeds").WithSummary("Feeds in force: age, records, and why the last try was refused");
        feeds.MapPost("/import", ImportAsync).RequireRole(Role.Admin).RequireAllGroups("The state of the feeds").WithName("ImportFeeds").Produces<Page<FeedRow>>()
            .WithSummary("Read feeds from a folder of the server's own machine");
        return api;
    }

    private static async Task<Page<FeedRow>> ListAsync(FeedLibrary library, CancellationToken cancellation) =>
        new() { Items = [.. (await library.ListStatesAsync(cancellation)).Select(Row)] };

    private static async Task<IResult> ImportAsync(
        FeedImportRequest request, HttpContext context, FeedLibrary library, Store store, TimeProvider time, CancellationToken cancellation)
    {
        if (!Path.IsPathFullyQualified(request.Directory) || !Directory.Exists(request.Directory))
        {
            return Problems.BadRequest("No such folder", $"'{request.Directory}' is not a folder on the server; give a full path.");
        }
        var import = await library.ImportAsync(request.Directory, cancellation);
        await store.WriteAsync(
            session => session.AppendLedgerAsync(
                time.GetUtcNow(), context.GetPrincipal().Actor, "feeds.imported", "feeds", new { request.Directory, import.Taken, import.Problems },
                LedgerScope.Installation),
            cancellation);
        return import.Taken.Count == 0
            ? Problems.BadRequest("No feed was taken", import.Problems.Count == 0 ? $"'{request.Directory}' holds no feed file." : string.Join("\n", import.Problems))
            : Results.Ok(await ListAsync(library, cancellation));
    }

    private static FeedRow Row(FeedState state) => new()
    {
        Feed = state.Name,
        Url = state.Url,
        Records = state.Records,
        ContentDate = state.ContentDay is null ? null : DateOnly.ParseExact(state.ContentDay, "O", CultureInfo.InvariantCulture),
        LastSuccessUtc = state.SucceededUs,
        LastAttemptUtc = state.AttemptedUs,
        Problem = state.Problem,
        IsUnreachable = state.IsUnreachable,
        Version = state.SignedUtc is null ? state.ContentVersion : null,
    };
}
