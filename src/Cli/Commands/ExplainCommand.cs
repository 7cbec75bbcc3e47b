using System.CommandLine;
using Suture.Cli.Rendering;
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
            var id = parsed.GetValue(asset) is { } given ? await AssetIdAsync(client, given, cancellation) : null;
            var path = Query.Of($"explain/{Uri.EscapeDataString(parsed.GetRequiredValue(vulnerability))}", ("asset", id));
            return await command.PrintAsync(
                parsed, await client.GetAsync(path, ContractsJson.Default.Explanation, cancellation), ContractsJson.Default.Explanation,
                explanation => ExplanationText.Write(console, explanation));
        });
    }

    private static async Task<string> AssetIdAsync(Server.ApiClient client, string given, CancellationToken cancellation)
    {
        if (Guid.TryParse(given, out _))
        {
            return given;
        }
        var named = (await client.ListAsync("assets", ContractsJson.Default.PageAssetRow, Server.ApiClient.RowsMax, cancellation)).Where(row => row.Name == given).ToList();
        return named switch
        {
            [var one] => one.Id.ToString(),
            [] => throw new CliException(Exit.Failure, $"No asset in your scope is called '{given}'. See 'suture assets'."),
            _ => throw new CliException(Exit.Usage, $"{named.Count} assets are called '{given}'; give the id: {string.Join(", ", named.Select(row => row.Id))}."),
        };
    }
}
