using System.CommandLine;
using Suture.Cli.Rendering;
using Suture.Contracts;
using Suture.Contracts.Api;

namespace Suture.Cli.Commands;

/// <summary><c>users</c> and <c>users add|set|disable|enable|code NAME</c>.</summary>
internal static class UsersCommand
{
    public static Command Create(CliConsole console)
    {
        var limit = SharedOptions.Limit();
        return new ServerCommand(
            console, "users", "Users in your scope.", limit, Add(console), Set(console), Switch(console, "disable", "Disable a user; its sessions and tokens end at once."),
            Switch(console, "enable", "Let a disabled user sign in again."), Code(console))
            .Lists(_ => "users", limit, ContractsJson.Default.PageUserRow, rows => UsersText.Write(console, rows));
    }

    private static ServerCommand Add(CliConsole console)
    {
        var (name, roles, groups) = (Name(), SharedOptions.Roles(), SharedOptions.Groups());
        var command = new ServerCommand(console, "add", "Make a user, and print the one-time code that it signs in with.", name, roles, groups);
        return command.Does(async (parsed, client, cancellation) => await command.PrintAsync(
            parsed,
            await client.SendAsync(
                HttpMethod.Post, "users",
                new UserRequest { Name = parsed.GetRequiredValue(name), Roles = parsed.GetRequiredValue(roles), Groups = SharedOptions.GivenGroups(parsed.GetValue(groups)) },
                ContractsJson.Default.UserRequest, ContractsJson.Default.SignInCodeResponse, cancellation),
            ContractsJson.Default.SignInCodeResponse, answer => UsersText.WriteCode(console, client.Server, answer)));
    }

    private static ServerCommand Set(CliConsole console)
    {
        var (name, roles, groups) = (Name(), SharedOptions.Roles(), SharedOptions.Groups());
        var command = new ServerCommand(console, "set", "Say which roles and groups a user has from now on.", name, roles, groups);
        return command.Does(async (parsed, client, cancellation) => await command.PrintAsync(
            parsed,
            await client.SendAsync(
                HttpMethod.Put, Path(parsed.GetRequiredValue(name)),
                new UserRightsRequest { Roles = parsed.GetRequiredValue(roles), Groups = SharedOptions.GivenGroups(parsed.GetValue(groups)) },
                ContractsJson.Default.UserRightsRequest, ContractsJson.Default.UserRow, cancellation),
            ContractsJson.Default.UserRow, user => TextLines.Line(console, UsersText.Describe(user))));
    }

    private static ServerCommand Switch(CliConsole console, string verb, string description)
    {
        var name = Name();
        var command = new ServerCommand(console, verb, description, name);
        return command.Does(async (parsed, client, cancellation) => await command.PrintAsync(
            parsed, await client.SendAsync(HttpMethod.Post, $"{Path(parsed.GetRequiredValue(name))}/{verb}", ContractsJson.Default.UserRow, cancellation),
            ContractsJson.Default.UserRow, user => TextLines.Line(console, UsersText.Describe(user))));
    }

    private static ServerCommand Code(CliConsole console)
    {
        var name = Name();
        var command = new ServerCommand(console, "code", "Print a new one-time sign-in code for a user who has no password or forgot it.", name);
        return command.Does(async (parsed, client, cancellation) => await command.PrintAsync(
            parsed, await client.SendAsync(HttpMethod.Post, $"{Path(parsed.GetRequiredValue(name))}/code", ContractsJson.Default.SignInCodeResponse, cancellation),
            ContractsJson.Default.SignInCodeResponse, answer => UsersText.WriteCode(console, client.Server, answer)));
    }

    private static Argument<string> Name() => new("name") { Description = "Name of the user." };

    private static string Path(string name) => $"users/{Uri.EscapeDataString(name)}";
}
