using System.Data.Common;
using System.Net.Sockets;
using Suture.Advisories;
using Suture.Platform.Storage;
using Suture.Server.Logging;

namespace Suture.Server.Commands;

/// <summary>Starts the server, signs the first user's way in, and looks at this machine.</summary>
internal static class UpCommand
{
    private const int Failure = 3;

    internal static async Task<int> RunAsync(ServerOptions options, CancellationToken cancellation)
    {
        try
        {
            OwnerOnly.EnsureFolder(options.DataDirectory);
            if (ListenFaults.Of(options) is { } fault)
            {
                await Console.Error.WriteLineAsync($"suture up: {fault}");
                return Failure;
            }
            await using var store = Store.Open(options.StoreLocation);
            await using var server = ServerHost.Build(options, store);
            // What was in force before is in force again before anything looks at it.
            await server.Services.GetRequiredService<FeedLibrary>().LoadAsync(cancellation);
            await FirstLook.ImportAsync(server.Services, options, cancellation);
            await server.StartAsync(cancellation);
            await LookAndWaitAsync(server, options, cancellation);
            return 0;
        }
        // The one place of this entry point that catches everything: what went wrong is said in a sentence, the rest is for the log.
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            await Console.Error.WriteLineAsync($"suture up: {Explain(fault, options)}");
            return Failure;
        }
    }

    private static async Task LookAndWaitAsync(WebApplication server, ServerOptions options, CancellationToken cancellation)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation, server.Lifetime.ApplicationStopping);
        try
        {
            await using var agent = await FirstLook.RunAsync(server.Services, options, ending.Token);
            server.Services.GetRequiredService<ConsoleGate>().Open();
            // The agent first: its held poll would keep the server from stopping.
            using var agentEnd = ending.Token.Register(() => agent?.Stop());
            await server.WaitForShutdownAsync(cancellation);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // Ended during the first look; nobody waits for the rest of it.
            await server.StopAsync(CancellationToken.None);
        }
    }

    /// <summary>What went wrong, in a sentence with the next step; what nobody foresaw, with its place.</summary>
    internal static string Explain(Exception fault, ServerOptions options) => fault switch
    {
        UnauthorizedAccessException => $"{fault.Message} The data folder is {options.DataDirectory}; give another with --data, or run as its owner.",
        IOException { InnerException: Microsoft.AspNetCore.Connections.AddressInUseException } =>
            $"{fault.Message} Is another server running? Give other addresses with --listen and --agents.",
        DbException or SocketException => $"{Store.Describe(options.StoreLocation)} cannot be used: {FirstLine(fault)}. {StoreRemedy(options)}",
        // Our own sentences.
        InvalidOperationException => fault.Message,
        _ => fault.ToString(),
    };

    private static string FirstLine(Exception fault)
    {
        var said = fault.Message.Split('\n')[0].Trim().TrimEnd('.');
        return fault.InnerException is { } inner && !said.Contains(inner.Message, StringComparison.Ordinal) ? $"{said}: {FirstLine(inner)}" : said;
    }

    private static string StoreRemedy(ServerOptions options) => Store.IsPostgreSql(options.StoreLocation)
        ? "Check that PostgreSQL runs there, and that --store names its host, port, database and user; the password may stand in ~/.pgpass."
        : "Check that the folder is there and the disk has room, or give another file with --store.";
}
