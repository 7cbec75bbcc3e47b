using System.CommandLine;
using Suture.Knowledge.Feeds;

namespace Suture.Cli.Commands;

/// <summary><c>feeds status</c>: which feeds are in force and how old they are.</summary>
internal static class FeedsStatusCommand
{
    public static Command Create(CliConsole console)
    {
        var json = SharedOptions.Json();
        var command = new Command("status", "Show the imported feeds and how old they are. Ends with 1 when the last import refused one.") { json };
        command.SetAction(async (parsed, _) =>
        {
            var keep = new FeedKeep(StateFolders.Feeds(console));
            if (keep.Open() is { Fault: { } fault })
            {
                throw new CliException(Exit.Failure, fault.Reason);
            }
            return await FeedsImportCommand.ShowAsync(console, keep.ReadStatus(), [], parsed.GetValue(json));
        });
        return command;
    }
}
