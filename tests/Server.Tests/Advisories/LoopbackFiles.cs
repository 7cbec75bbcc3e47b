using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Suture.Server.Tests.Advisories;

/// <summary>A real web server on loopback whose files a test exchanges.</summary>
internal sealed class LoopbackFiles : IAsyncDisposable
{
    private readonly WebApplication _app;

    private LoopbackFiles(WebApplication app)
    {
        _app = app;
        Url = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single() + "/");
    }

    internal Uri Url { get; }

    /// <summary>Bytes by path, without the first slash.</summary>
    internal ConcurrentDictionary<string, byte[]> Files { get; } = new();

    /// <summary>Validators sent with every file, and honoured.</summary>
    internal string? ETag { get; set; }

    internal string? LastModified { get; set; }

    /// <summary>Answers in place of the files when set.</summary>
    internal RequestDelegate? Instead { get; set; }

    /// <summary>Paths asked for, with the status answered, oldest first.</summary>
    internal ConcurrentQueue<(string Path, int Status)> Asked { get; } = new();

    internal static async Task<LoopbackFiles> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        LoopbackFiles? files = null;
        app.Use((RequestDelegate _) => context => files!.AnswerAsync(context));
        await app.StartAsync();
        return files = new LoopbackFiles(app);
    }

    /// <summary>Stops listening: the address refuses connections from now on.</summary>
    internal Task StopAsync() => _app.StopAsync();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!.TrimStart('/');
        if (Instead is { } instead)
        {
            await instead(context);
        }
        else if (!Files.TryGetValue(path, out var content))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
        else if ((ETag is not null && context.Request.Headers.IfNoneMatch == ETag) || (LastModified is not null && context.Request.Headers.IfModifiedSince == LastModified))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
        }
        else
        {
            context.Response.Headers.ETag = ETag;
            context.Response.Headers.LastModified = LastModified;
            context.Response.ContentLength = content.Length;
            await context.Response.Body.WriteAsync(content);
        }
        Asked.Enqueue((path, context.Response.StatusCode));
    }
}
