using System.CommandLine;
using Suture.Cli.Rendering;
using Suture.Cli.Server;
using Suture.Contracts;

namespace Suture.Cli.Commands;

/// <summary><c>jobs</c>: what runs on endpoints, and what proved it.</summary>
internal static class JobsCommand
{
    public static Command Create(CliConsole console)
    {
        var limit = SharedOptions.Limit();
        var state = new Option<string?>("--state") { Description = "Only in this state: waiting, ready, leased, unproven, verified, pending_effect, failed, expired." };
        var asset = SharedOptions.Asset();
        var plan = new Option<Guid?>("--plan") { Description = "Only of this plan (id)." };
        return new ServerCommand(console, "jobs", "Jobs, newest first, each with what proved it.", state, asset, plan, limit).Lists(
            async (parsed, client, cancellation) => Query.Of(
                "jobs", ("state", parsed.GetValue(state)), ("asset", await SharedOptions.AssetIdAsync(client, parsed.GetValue(asset), cancellation)),
                ("plan", parsed.GetValue(plan)?.ToString())),
            limit, ContractsJson.Default.PageJobRow, rows => JobsText.Write(console, rows));
    }
}
