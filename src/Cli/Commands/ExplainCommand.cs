using System.CommandLine;
using Suture.Cli.Rendering;
using Suture.Cli.Server;
using Suture.Contracts;
using Suture.Knowledge.Feeds;

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
            var given = parsed.GetRequiredValue(vulnerability);
            var id = FixRecord.ReadId(given)
                ?? throw new CliException(Exit.Usage, $"'{TextLines.Plain(given)}' is no CVE id; wanted is one like CVE-2025-0001, or the id that a finding has.");
            var path = Query.Of($"explain/{Uri.EscapeDataString(id)}", ("asset", parsed.GetValue(asset)));
            return await command.PrintAsync(
                parsed, await client.GetAsync(path, ContractsJson.Default.Explanation, cancellation), ContractsJson.Default.Explanation,
                explanation => ExplanationText.Write(console, explanation));
        });
    }
}
