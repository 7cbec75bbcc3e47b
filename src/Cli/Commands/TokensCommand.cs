using System.CommandLine;
using Suture.Cli.Rendering;
using Suture.Cli.Server;
using Suture.Contracts;
using Suture.Contracts.Api;

namespace Suture.Cli.Commands;

/// <summary><c>tokens</c> and <c>tokens create|revoke</c>: how programs call the API.</summary>
internal static class TokensCommand
{
    public static Command Create(CliConsole console)
    {
        var limit = SharedOptions.Limit();
        var user = new Option<string?>("--user") { Description = "Those of this user instead of your own; for admins." };
        return new ServerCommand(console, "tokens", "Your API tokens, newest first; never their secrets.", user, limit, Make(console), Revoke(console)).Lists(
            parsed => Query.Of("tokens", ("user", parsed.GetValue(user))), limit, ContractsJson.Default.PageTokenRow, rows => TokensText.Write(console, rows));
    }

    private static ServerCommand Make(CliConsole console)
    {
        var name = new Argument<string>("name") { Description = "What the token is for." };
        var (roles, groups) = (SharedOptions.Roles(), SharedOptions.Groups());
        var days = new Option<int>("--days") { Description = "Days until it ends, 1 to 365.", DefaultValueFactory = _ => 90 };
        var command = new ServerCommand(console, "create", "Make an API token with a part of your rights, and print it; it is never shown again.", name, roles, groups, days);
        return command.Does(async (parsed, client, cancellation) => await command.PrintAsync(
            parsed,
            await client.SendAsync(
                HttpMethod.Post, "tokens",
                new TokenRequest
                {
                    Name = parsed.GetRequiredValue(name), Roles = parsed.GetRequiredValue(roles), Groups = SharedOptions.GivenGroups(parsed.GetValue(groups)),
                    Days = parsed.GetValue(days),
                },
                ContractsJson.Default.TokenRequest, ContractsJson.Default.TokenResponse, cancellation),
            ContractsJson.Default.TokenResponse, token => TokensText.WriteSecret(console, token)));
    }

    private static ServerCommand Revoke(CliConsole console)
    {
        var id = new Argument<Guid>("id") { Description = "Id of the token." };
        var command = new ServerCommand(console, "revoke", "Revoke an API token. It is refused from the next call on.", id);
        return command.Does(async (parsed, client, cancellation) =>
        {
            await client.SendAsync(HttpMethod.Delete, $"tokens/{parsed.GetValue(id)}", cancellation);
            return await command.SayAsync(parsed, parsed.GetValue(id).ToString(), "revoked");
        });
    }
}
