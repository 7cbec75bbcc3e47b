using System.CommandLine;
using Suture.Cli.Rendering;
using Suture.Contracts;

namespace Suture.Cli.Commands;

/// <summary><c>whoami</c>: as whom commands are sent.</summary>
internal static class WhoAmICommand
{
    public static Command Create(CliConsole console)
    {
        var command = new ServerCommand(console, "whoami", "As whom you are signed in, with the roles and groups that hold.");
        return command.Does(async (parsed, client, cancellation) => await command.PrintAsync(
            parsed, await client.GetAsync("auth/me", ContractsJson.Default.UserRow, cancellation), ContractsJson.Default.UserRow,
            user => TextLines.Line(console, $"{UsersText.Describe(user)}, on {client.Server}")));
    }
}
