using System.CommandLine;
using Suture.Cli.Rendering;
using Suture.Cli.Server;
using Suture.Contracts;
using Suture.Contracts.Api;

namespace Suture.Cli.Commands;

/// <summary><c>assets set ASSET</c>: states what an asset is for, or moves it to another group. A stated value wins over an observed one.</summary>
internal static class AssetSetCommand
{
    public static Command Create(CliConsole console)
    {
        var asset = SharedOptions.AssetArgument();
        List<Option<string?>> keys =
        [
            new("--environment") { Description = "production, staging, test or development." },
            new("--group") { Description = "Group to move it to." },
            new("--criticality") { Description = "What the business loses with it, 1 to 5." },
            new("--sensitivity") { Description = "How sensitive its data are, 1 to 5." },
            new("--internet-facing") { Description = "yes or no." },
            new("--owner") { Description = "Who answers for it." },
            new("--service") { Description = "The service it is part of." },
        ];
        var command = new ServerCommand(console, "set", "State what an asset is for; each value is kept with who said it and when.", [asset, .. keys]);
        return command.Does(async (parsed, client, cancellation) =>
        {
            var stated = keys.Where(key => parsed.GetValue(key) is not null).ToList();
            if (stated.Count == 0)
            {
                throw new CliException(Exit.Usage, $"Nothing is stated; give at least one of {string.Join(", ", keys.Select(key => key.Name))}.");
            }
            var row = await Find.AssetAsync(client, parsed.GetRequiredValue(asset), cancellation);
            AssetDetail? detail = null;
            foreach (var key in stated)
            {
                detail = await client.SendAsync(
                    HttpMethod.Put, $"assets/{row.Id}/context", new ContextRequest { Key = key.Name.TrimStart('-'), Value = parsed.GetRequiredValue(key)! },
                    ContractsJson.Default.ContextRequest, ContractsJson.Default.AssetDetail, cancellation);
            }
            return await command.PrintAsync(parsed, detail!, ContractsJson.Default.AssetDetail, changed => AssetText.WriteContext(console, changed));
        });
    }
}
