using System.CommandLine;
using Suture.Cli.Rendering;
using Suture.Cli.Server;
using Suture.Contracts;

namespace Suture.Cli.Commands;

/// <summary><c>explain CVE [ASSET]</c>: the chain from the feed record to the asset, or why there is none.</summary>
internal static class ExplainCommand
{
    public static Command Create(CliConsole console)
    {
        var vulnerability = new Argument<string>("vulnerability") { Description = "CVE id." };
        var asset = new Argument<string?>("asset") { Description = "Asset id or host name; without it all assets in your scope.", Arity = ArgumentArity.ZeroOrOne };
        var command = new ServerCommand(console, "explain", "Why an asset has a vulnerability or not: records, versions compared, risk, deadline, plan, evidence.", vulnerability, asset);
        return command.Does(async (parsed, client, cancellation) =>
        {
            var path = Query.Of($"explain/{Uri.EscapeDataString(parsed.GetRequiredValue(vulnerability))}", ("asset", parsed.GetValue(asset)));
            return await command.PrintAsync(
                parsed, await client.GetAsync(path, ContractsJson.Default.Explanation, cancellation), ContractsJson.Default.Explanation,
                explanation => ExplanationText.Write(console, explanation));
        });
    }
}
