using System.CommandLine;
using Suture.Cli.Rendering;
using Suture.Cli.Server;
using Suture.Contracts;
using Suture.Contracts.Api;

namespace Suture.Cli.Commands;

/// <summary><c>fixes assign FIX</c>: who shall see to a fix.</summary>
internal static class FixAssignCommand
{
    public static Command Create(CliConsole console)
    {
        var fix = SharedOptions.FixArgument();
        var team = new Option<string?>("--team") { Description = "Team that shall see to it." };
        var person = new Option<string?>("--person") { Description = "Person who shall see to it." };
        var nobody = new Option<bool>("--nobody") { Description = "Take team and person off it." };
        var command = new ServerCommand(console, "assign", "Say which team and person shall see to a fix; what is not given stays.", fix, team, person, nobody);
        return command.Does(async (parsed, client, cancellation) =>
        {
            var (toTeam, toPerson, isCleared) = (parsed.GetValue(team), parsed.GetValue(person), parsed.GetValue(nobody));
            if (isCleared == (toTeam is not null || toPerson is not null))
            {
                throw new CliException(Exit.Usage, "Give --team, --person or both; or --nobody alone.");
            }
            var path = FixShowCommand.Path(await Find.FixKeyAsync(client, parsed.GetRequiredValue(fix), cancellation));
            var known = (await client.GetAsync(path, ContractsJson.Default.FixDetail, cancellation)).Fix;
            var wanted = isCleared ? new FixAssignment() : new FixAssignment { Team = toTeam ?? known.Team, Person = toPerson ?? known.Person };
            var detail = await client.SendAsync(
                HttpMethod.Put, $"{path}/assignment", wanted, ContractsJson.Default.FixAssignment, ContractsJson.Default.FixDetail, cancellation);
            return await command.PrintAsync(
                parsed, detail, ContractsJson.Default.FixDetail, shown => TextLines.Line(console, $"{shown.Fix.Key}: {FixesText.People(shown.Fix) ?? "nobody is assigned"}"));
        });
    }
}
