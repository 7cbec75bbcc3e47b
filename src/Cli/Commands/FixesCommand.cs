using System.CommandLine;
using Suture.Cli.Rendering;
using Suture.Cli.Server;
using Suture.Contracts;
using Suture.Contracts.Api;

namespace Suture.Cli.Commands;

/// <summary><c>fixes</c>: the queue that both teams share, one row a fix.</summary>
internal static class FixesCommand
{
    private const string Route = "fixes";

    /// <summary>Fixes that are read for the sums above the table.</summary>
    private const int ReadMax = 500;

    /// <summary>Assets whose unknowns are shown beside the queue.</summary>
    private const int AssetsMax = 5;

    public static Command Create(CliConsole console)
    {
        var limit = SharedOptions.Limit();
        var environment = SharedOptions.Environment();
        var state = new Option<string?>("--state") { Description = "Only in this state of the work: open, planned, waiting_approval, running, verifying, blocked." };
        var source = new Option<string?>("--source") { Description = "Only of this source package." };
        var kev = SharedOptions.Kev();
        var critical = SharedOptions.Critical();
        var unknown = new Option<bool>("--unknown") { Description = "Also show what cannot be known, and how old the feeds are." };
        var command = new ServerCommand(
            console, "fixes", "What is wrong, as fixes ranked by risk, with what each closes and why.", environment, state, source, kev, critical, unknown, limit,
            FixShowCommand.Create(console), FixAssignCommand.Create(console), FixCommentCommand.Create(console));
        return command.Does(async (parsed, client, cancellation) =>
        {
            var path = Query.Of(
                Route, ("environment", parsed.GetValue(environment)), ("state", parsed.GetValue(state)), ("source", parsed.GetValue(source)),
                ("kev", parsed.GetValue(kev) ? "true" : null), ("critical", parsed.GetValue(critical) ? "true" : null));
            var most = parsed.GetValue(limit);
            var page = await client.ListAsync(path, ContractsJson.Default.PageFixRow, command.IsJson(parsed) ? most : Math.Max(most, ReadMax), cancellation);
            var queue = new FixQueue
            {
                Items = page.Items,
                Next = page.Next,
                Total = page.Total,
                Unknown = parsed.GetValue(unknown) ? await UnknownAsync(client, cancellation) : null,
                Feeds = parsed.GetValue(unknown) || !command.IsJson(parsed) ? await StatusCommand.FeedsAsync(client, cancellation) : null,
            };
            await command.PrintAsync(parsed, queue, CliJson.Default.FixQueue, shown => FixesText.Write(console, shown, most, isWhole: path == Route));
            return queue.Items.Count > 0 ? Exit.Findings : Exit.Done;
        });
    }

    private static async Task<IReadOnlyList<AssetUnknown>> UnknownAsync(ApiClient client, CancellationToken cancellation)
    {
        var unknown = new List<AssetUnknown>();
        foreach (var asset in (await client.ListAsync("assets", ContractsJson.Default.PageAssetRow, AssetsMax, cancellation)).Items)
        {
            var detail = await client.GetAsync($"assets/{asset.Id}", ContractsJson.Default.AssetDetail, cancellation);
            unknown.Add(new AssetUnknown { Asset = asset.Id, Name = asset.Name, Items = detail.Unknown });
        }
        return unknown;
    }
}

/// <summary>What <c>fixes</c> shows: a page of the queue, and with <c>--unknown</c> what it leaves open.</summary>
internal sealed record FixQueue
{
    /// <summary>Fixes, highest risk first.</summary>
    public required IReadOnlyList<FixRow> Items { get; init; }

    /// <summary>Key of the next page; null on the last.</summary>
    public string? Next { get; init; }

    /// <summary>Fixes in all.</summary>
    public int? Total { get; init; }

    /// <summary>What cannot be known, by asset; null when not asked for.</summary>
    public IReadOnlyList<AssetUnknown>? Unknown { get; init; }

    /// <summary>The server's feeds; null when not asked for.</summary>
    public IReadOnlyList<FeedRow>? Feeds { get; init; }
}

/// <summary>What cannot be known of one asset.</summary>
internal sealed record AssetUnknown
{
    /// <summary>Asset.</summary>
    public required Guid Asset { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>What is unknown; may be empty.</summary>
    public required IReadOnlyList<UnknownItem> Items { get; init; }
}
