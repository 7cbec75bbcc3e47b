using System.CommandLine;
using Suture.Cli.Rendering;
using Suture.Cli.Server;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Knowledge.Feeds.Keeping;

namespace Suture.Cli.Commands;

/// <summary><c>feeds status</c>: which feeds are in force and how old they are.</summary>
internal static class FeedsStatusCommand
{
    public static Command Create(CliConsole console)
    {
        var json = SharedOptions.Json();
        var command = new Command("status", "Show the feeds in force and how old they are. Ends with 1 when the last try of one was refused.") { json };
        var feeds = new FeedsOf(console, command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var session = feeds.Session(parsed);
            var rows = session is null ? new FeedKeep(StateFolders.Feeds(console)).ReadStatus() : await AskAsync(session, cancellation);
            if (rows.Count == 0)
            {
                throw new CliException(Exit.Failure, $"{feeds.Heading(session).TrimEnd(':')}: none yet; run {Launcher.Name} feeds import DIR.");
            }
            if (parsed.GetValue(json))
            {
                await JsonOutput.WriteAsync(console.Out, new Page<FeedRow> { Items = rows }, ContractsJson.Default.PageFeedRow);
            }
            else
            {
                TextLines.Line(console, feeds.Heading(session));
                FeedsText.Write(console, rows, []);
            }
            return rows.Any(row => row.Problem is not null) ? Exit.Findings : Exit.Done;
        });
        return command;
    }

    private static async Task<IReadOnlyList<FeedRow>> AskAsync(ServerSession session, CancellationToken cancellation)
    {
        using var client = new ApiClient(session);
        return (await client.GetAsync("feeds", ContractsJson.Default.PageFeedRow, cancellation)).Items;
    }
}
