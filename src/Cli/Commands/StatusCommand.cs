using System.CommandLine;
using Suture.Cli.Rendering;
using Suture.Cli.Server;
using Suture.Contracts;
using Suture.Contracts.Api;

namespace Suture.Cli.Commands;

/// <summary><c>status</c>: what the server says of itself, and how old its feeds are.</summary>
internal static class StatusCommand
{
    public static Command Create(CliConsole console)
    {
        var command = new ServerCommand(console, "status", "The server: version, clock, work that waits, and how old its feeds are.");
        return command.Does(async (parsed, client, cancellation) =>
        {
            var status = await client.GetAsync("status", ContractsJson.Default.ServerStatus, cancellation);
            if (command.IsJson(parsed))
            {
                return await command.PrintAsync(parsed, status, ContractsJson.Default.ServerStatus, _ => { });
            }
            StatusText.Write(console, client.Server, status);
            FeedsText.Write(console, await FeedsAsync(client, cancellation), []);
            return Exit.Done;
        });
    }

    /// <summary>The server's feeds.</summary>
    internal static async Task<IReadOnlyList<FeedRow>> FeedsAsync(ApiClient client, CancellationToken cancellation) =>
        (await client.GetAsync("feeds", ContractsJson.Default.PageFeedRow, cancellation)).Items;
}
