using System.CommandLine;
using Suture.Cli.Rendering;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Knowledge.Feeds;

namespace Suture.Cli.Commands;

/// <summary><c>feeds import DIR</c> and <c>feeds status</c>.</summary>
internal static class FeedsImportCommand
{
    public static Command CreateFeeds(CliConsole console) => new("feeds", "Import feeds and show how old they are.")
    {
        CreateImport(console), FeedsStatusCommand.Create(console),
    };

    private static Command CreateImport(CliConsole console)
    {
        var directory = new Argument<string>("dir") { Description = "Folder of feeds; folders in it are looked through." };
        var json = SharedOptions.Json();
        var command = new Command("import", "Read feeds, keep the good ones, and compile them for scans. Ends with 1 when a file was refused.") { directory, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            var from = parsed.GetRequiredValue(directory);
            if (!Directory.Exists(from))
            {
                throw new CliException(Exit.Failure, $"There is no folder '{from}'; wanted is a folder of feeds.");
            }
            var import = new FeedKeep(StateFolders.Feeds(console)).Import(Path.GetFullPath(from), console.Time.GetUtcNow(), cancellation);
            foreach (var problem in import.Problems)
            {
                await console.Error.WriteLineAsync($"suture: refused {problem}");
            }
            if (!import.Files.Any(file => file.IsUsed))
            {
                throw new CliException(Exit.Failure, $"No feed was taken from '{from}'; {(import.Snapshot is null ? "none is in force" : "those in force before stay")}. See the names of feeds with 'suture feeds import --help'.");
            }
            if (parsed.GetValue(json))
            {
                await JsonOutput.WriteAsync(console.Out, new Page<FeedRow> { Items = import.Feeds }, ContractsJson.Default.PageFeedRow);
            }
            else
            {
                FeedsText.Write(console, import.Feeds, import.Files);
            }
            return import.Problems.Count > 0 ? Exit.Findings : Exit.Done;
        });
        return command;
    }
}
