using Suture.Advisories;
using Suture.Advisories.Fetching;
using Suture.Platform.Storage;

namespace Suture.Server.Commands;

/// <summary>Starts the server, signs the first user's way in, and looks at this machine.</summary>
internal static class UpCommand
{
    private const int Failure = 3;

    internal static async Task<int> RunAsync(ServerOptions options, CancellationToken cancellation)
    {
        try
        {
            Directory.CreateDirectory(options.DataDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            await using var store = Store.Open(options.StoreLocation);
            await using var server = ServerHost.Build(options, store);
            // What was in force before is in force again before anything looks at it.
            await server.Services.GetRequiredService<FeedLibrary>().LoadAsync(cancellation);
            await server.StartAsync(cancellation);
            using var agent = await FirstLook.RunAsync(server.Services, options, cancellation);
            // The agent first: its held poll would keep the server from stopping.
            using var ending = server.Lifetime.ApplicationStopping.Register(() => agent?.Kill());
            using var cancelled = cancellation.Register(() => agent?.Kill());
            await server.WaitForShutdownAsync(cancellation);
            return 0;
        }
        // The one place of this entry point that catches everything: what went wrong is said in a sentence, the rest is for the log.
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            await Console.Error.WriteLineAsync($"suture up: {Explain(fault, options)}");
            return Failure;
        }
    }

    private static string Explain(Exception fault, ServerOptions options) => fault switch
    {
        IOException { InnerException: Microsoft.AspNetCore.Connections.AddressInUseException } =>
            $"{fault.Message} Is another server running? Give other addresses with --listen and --agents.",
        FeedSourcesException or FileNotFoundException => fault.Message,
        UnauthorizedAccessException => $"{fault.Message} The data folder is {options.DataDirectory}; give another with --data, or run as its owner.",
        _ => fault.ToString(),
    };
}
