using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Suture.Contracts.Api;
using Suture.Knowledge.Feeds;
using Suture.Platform.Api;
using Suture.Platform.Identity;

namespace Suture.Advisories;

/// <summary><c>/feeds</c>: what is in force, and imports.</summary>
internal static class FeedsApi
{
    private const string Subject = "The state of the feeds";

    internal static void Map(IEndpointRouteBuilder api)
    {
        var feeds = api.MapGroup("/feeds").WithTags("Feeds");
        feeds.MapGet("", ListAsync).RequireAnyRole().WithName("ListFeeds").WithSummary("Feeds in force: age, records, and why the last try was refused");
        feeds.MapPost("/import", ImportAsync).RequireRole(Role.Admin).RequireAllGroups(Subject).WithName("ImportFeeds")
            .WithSummary("Read feeds from a folder of the server's own machine")
            .Produces<FeedImportAnswer>().Produces<Problem>(StatusCodes.Status400BadRequest, Problems.ContentType);
        feeds.MapPost("/upload", UploadAsync).RequireRole(Role.Admin).RequireAllGroups(Subject).WithName("UploadFeeds")
            .WithSummary("Read feeds that are sent: a zip archive of feed files, each known by its name")
            .Accepts<Stream>(ReceiveFeeds.ContentType)
            .Produces<FeedImportAnswer>().Produces<Problem>(StatusCodes.Status400BadRequest, Problems.ContentType)
            .Produces<Problem>(StatusCodes.Status413PayloadTooLarge, Problems.ContentType);
    }

    private static async Task<Page<FeedRow>> ListAsync(FeedLibrary library, CancellationToken cancellation) =>
        new() { Items = [.. (await library.ListStatesAsync(cancellation)).Select(state => state.ToRow())] };

    private static async Task<IResult> ImportAsync(FeedImportRequest request, HttpContext context, FeedLibrary library, CancellationToken cancellation)
    {
        if (!Path.IsPathFullyQualified(request.Directory) || !Directory.Exists(request.Directory))
        {
            return Problems.BadRequest("No such folder", $"'{request.Directory}' is not a folder on the server; give a full path.");
        }
        return await TakeAsync(request.Directory, request.Accept, context, library, cancellation);
    }

    private static async Task<IResult> UploadAsync(HttpContext context, FeedLibrary library, CancellationToken cancellation, string? accept = null)
    {
        using var folder = library.CreateIncoming();
        return await ReceiveFeeds.ReceiveAsync(context, folder.Path, cancellation)
            ?? await TakeAsync(folder.Path, accept?.Split(',', StringSplitOptions.RemoveEmptyEntries) ?? [], context, library, cancellation);
    }

    // What is refused of it is part of the answer; a folder without a feed is the caller's mistake.
    private static async Task<IResult> TakeAsync(
        string directory, IReadOnlyList<string> accept, HttpContext context, FeedLibrary library, CancellationToken cancellation)
    {
        if (accept.FirstOrDefault(name => !FeedNames.All.Contains(name)) is { } wrong)
        {
            return Problems.BadRequest("No such feed", $"'accept' is '{wrong}'; wanted are names of {string.Join(", ", FeedNames.All.Order(StringComparer.Ordinal))}.");
        }
        try
        {
            if (FeedFiles.Find(directory).Count == 0)
            {
                return Problems.BadRequest("No feed was found", $"'{directory}' holds no feed file. Names are: {FeedFiles.Names}.");
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return Problems.BadRequest("The folder cannot be read", fault.Message);
        }
        return Results.Ok(await library.ImportAsync(directory, context.GetPrincipal().Actor, accept, cancellation));
    }
}
