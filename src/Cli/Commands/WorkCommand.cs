using System.CommandLine;
using Suture.Cli.Rendering;
using Suture.Contracts;

namespace Suture.Cli.Commands;

/// <summary><c>work</c> and <c>work retry ID</c>: work of the server that failed for good.</summary>
internal static class WorkCommand
{
    public static Command Create(CliConsole console)
    {
        var limit = SharedOptions.Limit();
        return new ServerCommand(console, "work", "Work of the server that failed for good and waits for a person, oldest first.", limit, Retry(console))
            .Lists(_ => "work/failed", limit, ContractsJson.Default.PageWorkRow, rows => WorkText.Write(console, rows));
    }

    private static ServerCommand Retry(CliConsole console)
    {
        var id = new Argument<Guid>("id") { Description = "Id of the work." };
        var command = new ServerCommand(console, "retry", "Have failed work tried again from the start.", id);
        return command.Does(async (parsed, client, cancellation) =>
        {
            await client.SendAsync(HttpMethod.Post, $"work/failed/{parsed.GetValue(id)}/retry", cancellation);
            return await command.SayAsync(parsed, parsed.GetValue(id).ToString(), "tried again");
        });
    }
}
