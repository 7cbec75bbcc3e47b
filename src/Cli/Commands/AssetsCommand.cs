using System.CommandLine;
using Suture.Cli.Rendering;
using Suture.Cli.Server;
using Suture.Contracts;

namespace Suture.Cli.Commands;

/// <summary><c>assets</c> and <c>assets show|set|retire|release|revoke ASSET</c>.</summary>
internal static class AssetsCommand
{
    public static Command Create(CliConsole console)
    {
        var limit = SharedOptions.Limit();
        return new ServerCommand(
            console, "assets", "Assets in your scope, by name.", limit, Show(console), AssetSetCommand.Create(console),
            Change(console, "retire", "Take an asset out of the fleet and revoke its certificate. It cannot be undone; the endpoint would have to enrol again.", HttpMethod.Post, "retire", "retired"),
            Change(console, "release", "End the quarantine of an asset; its next report must be whole.", HttpMethod.Post, "release", "released"),
            Change(console, "revoke", "Revoke the certificate of an asset; the endpoint must enrol again.", HttpMethod.Delete, "certificate", "without a valid certificate"))
            .Lists(_ => "assets", limit, ContractsJson.Default.PageAssetRow, rows => AssetsText.Write(console, rows));
    }

    private static ServerCommand Show(CliConsole console)
    {
        var asset = SharedOptions.AssetArgument();
        var command = new ServerCommand(console, "show", "What is known of an asset, and what is not.", asset);
        return command.Does(async (parsed, client, cancellation) =>
        {
            var row = await Find.AssetAsync(client, parsed.GetRequiredValue(asset), cancellation);
            return await command.PrintAsync(
                parsed, await client.GetAsync($"assets/{row.Id}", ContractsJson.Default.AssetDetail, cancellation), ContractsJson.Default.AssetDetail,
                detail => AssetText.Write(console, detail));
        });
    }

    private static ServerCommand Change(CliConsole console, string verb, string description, HttpMethod method, string route, string outcome)
    {
        var asset = SharedOptions.AssetArgument();
        var command = new ServerCommand(console, verb, description, asset);
        return command.Does(async (parsed, client, cancellation) =>
        {
            var row = await Find.AssetAsync(client, parsed.GetRequiredValue(asset), cancellation);
            await client.SendAsync(method, $"assets/{row.Id}/{route}", cancellation);
            return await command.SayAsync(parsed, row.Id.ToString(), outcome, row.Name);
        });
    }
}
