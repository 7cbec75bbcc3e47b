using System.CommandLine;
using Suture.Cli.Rendering;
using Suture.Contracts;
using Suture.Contracts.Api;

namespace Suture.Cli.Commands;

/// <summary><c>fixes</c>: the queue that both teams share, one row a fix.</summary>
internal static class FixesCommand
{
    public static Command Create(CliConsole console)
    {
        var limit = SharedOptions.Limit();
        var environment = new Option<string?>("--environment") { Description = "Only where assets of this environment are concerned." };
        var kev = new Option<bool>("--kev") { Description = "Only those that close a CVE of CISA's KEV catalogue." };
        var unknown = new Option<bool>("--unknown") { Description = "Also show what cannot be known, and how old the feeds are." };
        var command = new ServerCommand(console, "fixes", "What is wrong, as fixes ranked by risk, with what each closes and why.", environment, kev, unknown, limit);
        return command.Does(async (parsed, client, cancellation) =>
        {
            var path = Query.Of("fixes", ("environment", parsed.GetValue(environment)), ("kev", parsed.GetValue(kev) ? "true" : null));
            var rows = await client.ListAsync(path, ContractsJson.Default.PageFixRow, parsed.GetValue(limit), cancellation);
            await command.PrintAsync(parsed, new Page<FixRow> { Items = rows }, ContractsJson.Default.PageFixRow, page => FixesText.Write(console, page.Items));
            if (parsed.GetValue(unknown))
            {
                await WriteUnknownAsync(console, client, cancellation);
            }
            return rows.Count > 0 ? Exit.Findings : Exit.Done;
        });
    }

    private static async Task WriteUnknownAsync(CliConsole console, Server.ApiClient client, CancellationToken cancellation)
    {
        foreach (var asset in await client.ListAsync("assets", ContractsJson.Default.PageAssetRow, FixesText.AssetsMax, cancellation))
        {
            var detail = await client.GetAsync($"assets/{asset.Id}", ContractsJson.Default.AssetDetail, cancellation);
            UnknownText.Write(console, asset.Name, detail.Unknown);
        }
        var feeds = await client.GetAsync("feeds", ContractsJson.Default.PageFeedRow, cancellation);
        FeedsText.Write(console, feeds.Items, []);
    }
}
