using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Console;
using Suture.Advisories;
using Suture.Compliance;
using Suture.Contracts;
using Suture.Exposure;
using Suture.Inventory;
using Suture.Platform;
using Suture.Platform.Storage;
using Suture.Remediation;
using Suture.Server.Api;
using Suture.Server.Commands;
using Suture.Server.Logging;

namespace Suture.Server;

/// <summary>Composes the server: store, loop, two ports, routes.</summary>
internal static class ServerHost
{
    /// <summary>Builds a server that is ready to start; its store is migrated.</summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="store">A store; the caller disposes it after the server.</param>
    internal static WebApplication Build(ServerOptions options, Store store)
    {
        Migrator.Migrate(store, Loop.Modules);
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        AddLog(builder, options);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Services.AddLoop(options, store);
        builder.Services.AddSingleton(options);
        builder.Services.AddApiDocument();
        builder.Services.AddOptions<KestrelServerOptions>().Configure<AgentPort>((kestrel, agents) =>
        {
            // Without TLS there is nothing to agree on HTTP/2 with.
            Listen(kestrel, options.Listen, listen => listen.Protocols = HttpProtocols.Http1);
            Listen(kestrel, options.Agents, agents.Configure);
        });
        var app = builder.Build();
        // Routing first: which port a route belongs to is decided before anybody's rights are.
        app.UseRouting();
        app.UseAgentPort();
        app.UsePlatform();
        MapApi(app);
        MapAgents(app);
        return app;
    }

    private static void AddLog(WebApplicationBuilder builder, ServerOptions options)
    {
        var gate = new ConsoleGate();
        builder.Services.AddSingleton(gate);
        builder.Logging.ClearProviders().AddSimpleConsole(console => { console.SingleLine = true; console.TimestampFormat = "HH:mm:ss "; });
        // Standard output is the page that a person reads.
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Logging.AddFilter<ConsoleLoggerProvider>((_, level) => gate.IsOpen && level >= LogLevel.Warning);
        builder.Logging.AddProvider(new LogFile(options.LogPath));
        builder.Logging.AddFilter<LogFile>((category, level) => level >= (category == LocalAgent.LogCategory ? LogLevel.Information : LogLevel.Warning));
    }

    private static void MapApi(WebApplication app)
    {
        app.MapOpenApi("/api/{documentName}/openapi.json").AllowAnonymous();
        var api = app.MapGroup("/api/v1");
        api.MapPlatformApi();
        api.MapStatusApi();
        api.MapInventoryApi();
        api.MapAdvisoriesApi();
        api.MapExposureApi();
        api.MapRemediationApi();
        api.MapComplianceApi();
    }

    private static void MapAgents(WebApplication app)
    {
        // Not for the public: their contract is between our own agents and servers.
        var agents = app.MapGroup(AgentPaths.Root).ExcludeFromDescription();
        agents.MapInventoryAgent();
        agents.MapRemediationAgent();
    }

    /// <summary>Where an address is listened on; a name is how others reach us, and which of our addresses it means is theirs to resolve.</summary>
    internal static IPEndPoint EndPointOf(Uri address) =>
        address.Host is "localhost" ? new IPEndPoint(IPAddress.Loopback, address.Port)
        : new IPEndPoint(IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) ? ip : IPAddress.Any, address.Port);

    private static void Listen(KestrelServerOptions kestrel, Uri address, Action<ListenOptions> configure)
    {
        if (address.Host is "localhost")
        {
            kestrel.ListenLocalhost(address.Port, configure);
        }
        else if (IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip))
        {
            kestrel.Listen(ip, address.Port, configure);
        }
        else
        {
            // A name is how others reach us; which of our addresses it means is theirs to resolve.
            kestrel.ListenAnyIP(address.Port, configure);
        }
    }
}
