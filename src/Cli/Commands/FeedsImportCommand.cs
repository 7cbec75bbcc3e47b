using System.CommandLine;
using Suture.Cli.Rendering;
using Suture.Cli.Server;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Knowledge.Feeds;

namespace Suture.Cli.Commands;

/// <summary><c>feeds import DIR</c> and <c>feeds status</c>.</summary>
internal static class FeedsImportCommand
{
    public static Command CreateFeeds(CliConsole console) => new("feeds", "Feeds of this machine's scans; those of the server: status.")
    {
        CreateImport(console), FeedsStatusCommand.Create(console),
    };

    private static Command CreateImport(CliConsole console)
    {
        var directory = new Argument<string>("dir")
        {
            Description = "Folder of feeds; folders in it are looked through. Files are known by their publisher's names: DSA/list, DLA/list, known_exploited_vulnerabilities*.json or .csv, "
                + "epss*.csv.gz, cve*.zip, CVE-*.json, vulnrichment*.csv, nuclei*.txt, poc-index*.csv.",
        };
        var onServer = new Option<bool>("--on-server") { Description = "Let the server read the folder, which lies on its machine, instead of keeping the feeds for scans here." };
        var (server, json) = (SharedOptions.Server(), SharedOptions.Json());
        var command = new Command("import", "Read feeds, keep the good ones, and compile them for scans. Ends with 1 when a file was refused.") { directory, onServer, server, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            var (from, isJson) = (parsed.GetRequiredValue(directory), parsed.GetValue(json));
            if (!parsed.GetValue(onServer))
            {
                return await ImportHereAsync(console, from, isJson, cancellation);
            }
            using var client = new ApiClient(ServerSession.Find(console, parsed.GetValue(server)));
            var feeds = await client.SendAsync(
                HttpMethod.Post, "feeds/import", new FeedImportRequest { Directory = Path.GetFullPath(from) }, ContractsJson.Default.FeedImportRequest, ContractsJson.Default.PageFeedRow,
                cancellation);
            return await ShowAsync(console, feeds.Items, [], isJson);
        });
        return command;
    }

    private static async Task<int> ImportHereAsync(CliConsole console, string from, bool isJson, CancellationToken cancellation)
    {
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
            var inForce = import.Snapshot is null ? "none is in force" : "those in force before stay";
            throw new CliException(Exit.Failure, $"No feed was taken from '{from}'; {inForce}. See how feeds are named with {Launcher.Name} feeds import --help.");
        }
        await ShowAsync(console, import.Feeds, import.Files, isJson);
        return import.Problems.Count > 0 ? Exit.Findings : Exit.Done;
    }

    /// <summary>Prints feeds; gives 1 when the last try of one was refused.</summary>
    internal static async Task<int> ShowAsync(CliConsole console, IReadOnlyList<FeedRow> feeds, IReadOnlyList<FeedFileOutcome> files, bool isJson)
    {
        if (isJson)
        {
            await JsonOutput.WriteAsync(console.Out, new Page<FeedRow> { Items = feeds }, ContractsJson.Default.PageFeedRow);
        }
        else
        {
            FeedsText.Write(console, feeds, files);
        }
        return feeds.Any(row => row.Problem is not null) ? Exit.Findings : Exit.Done;
    }
}
