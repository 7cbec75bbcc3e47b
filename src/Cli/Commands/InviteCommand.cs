using System.CommandLine;
using Suture.Cli.Rendering;
using Suture.Contracts;
using Suture.Contracts.Api;

namespace Suture.Cli.Commands;

/// <summary><c>invite</c>: the command by which an endpoint joins.</summary>
internal static class InviteCommand
{
    public static Command Create(CliConsole console)
    {
        var environment = new Option<string>("--environment") { Description = "Environment of the endpoint: production, staging, test or development.", Required = true };
        var group = new Option<string>("--group") { Description = "Group of the endpoint.", DefaultValueFactory = _ => "default" };
        var minutes = new Option<int>("--minutes") { Description = "Minutes the token holds, 1 to 60.", DefaultValueFactory = _ => 60 };
        var command = new ServerCommand(console, "invite", "Make a one-use token and print the whole command that an endpoint joins with.", environment, group, minutes);
        return command.Does(async (parsed, client, cancellation) => await command.PrintAsync(
            parsed,
            await client.SendAsync(
                HttpMethod.Post, "enrollment-tokens",
                new EnrollmentTokenRequest { Group = parsed.GetRequiredValue(group), Environment = parsed.GetRequiredValue(environment), Minutes = parsed.GetValue(minutes) },
                ContractsJson.Default.EnrollmentTokenRequest, ContractsJson.Default.EnrollmentTokenResponse, cancellation),
            ContractsJson.Default.EnrollmentTokenResponse,
            token =>
            {
                TextLines.Paragraph(console, $"Copy out/agent/suture-agent to the endpoint and run there as root, once, before {TextLines.Instant(token.ExpiresUtc)}:");
                TextLines.Line(console, $"\n{token.Command}");
            }));
    }
}
