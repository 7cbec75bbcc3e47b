using System.CommandLine;
using Suture.Cli.Rendering;
using Suture.Contracts;
using Suture.Contracts.Api;

namespace Suture.Cli.Commands;

/// <summary><c>groups</c> and <c>groups add NAME</c>.</summary>
internal static class GroupsCommand
{
    public static Command Create(CliConsole console)
    {
        var limit = SharedOptions.Limit();
        return new ServerCommand(console, "groups", "Groups of assets in your scope.", limit, Add(console))
            .Lists(_ => "groups", limit, ContractsJson.Default.PageGroupRow, rows => GroupsText.Write(console, rows));
    }

    private static ServerCommand Add(CliConsole console)
    {
        var name = new Argument<string>("name") { Description = "Name of the group." };
        var command = new ServerCommand(console, "add", "Make a group.", name);
        return command.Does(async (parsed, client, cancellation) => await command.PrintAsync(
            parsed,
            await client.SendAsync(
                HttpMethod.Post, "groups", new GroupRequest { Name = parsed.GetRequiredValue(name) }, ContractsJson.Default.GroupRequest, ContractsJson.Default.GroupRow, cancellation),
            ContractsJson.Default.GroupRow,
            group => TextLines.Line(console, $"Group {group.Name} is made. Let endpoints join it: {Launcher.Name} invite --group {group.Name} --environment ENVIRONMENT")));
    }
}
