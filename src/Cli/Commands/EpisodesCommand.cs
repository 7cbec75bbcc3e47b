using System.CommandLine;
using Suture.Cli.Rendering;
using Suture.Cli.Server;
using Suture.Contracts;

namespace Suture.Cli.Commands;

/// <summary><c>episodes</c>: how long each finding was open, with its clocks.</summary>
internal static class EpisodesCommand
{
    /// <summary>Assets whose names are looked up; those beyond are shown by their ids.</summary>
    private const int NamesMax = 500;

    public static Command Create(CliConsole console)
    {
        var limit = SharedOptions.Limit();
        var asset = SharedOptions.Asset();
        var open = new Option<bool>("--open") { Description = "Only those that are open." };
        var closed = new Option<bool>("--closed") { Description = "Only those that are closed." };
        var command = new ServerCommand(
            console, "episodes", "Findings in time, latest detected first: detected, planned, approved, dispatched, installed, verified.", asset, open, closed, limit);
        command.Validators.Add(result =>
        {
            if (result.GetValue(open) && result.GetValue(closed))
            {
                result.AddError("--open and --closed exclude each other; leave both out for all.");
            }
        });
        return command.Does(async (parsed, client, cancellation) =>
        {
            var path = Query.Of("episodes", ("asset", parsed.GetValue(asset)), ("open", parsed.GetValue(open) ? "true" : parsed.GetValue(closed) ? "false" : null));
            var page = await client.ListAsync(path, ContractsJson.Default.PageEpisodeRow, parsed.GetValue(limit), cancellation);
            var assets = command.IsJson(parsed) ? [] : (await client.ListAsync("assets", ContractsJson.Default.PageAssetRow, NamesMax, cancellation)).Items;
            return await command.PrintAsync(parsed, page, ContractsJson.Default.PageEpisodeRow, shown =>
            {
                EpisodesText.Write(console, shown.Items, assets.ToDictionary(row => row.Id, row => row.Name));
                TextLines.More(console, shown.Items.Count, shown.Total, shown.Next is not null);
            });
        });
    }
}
