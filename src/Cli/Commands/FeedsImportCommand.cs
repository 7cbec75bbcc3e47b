using System.CommandLine;
using Suture.Cli.Rendering;
using Suture.Cli.Server;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Knowledge.Feeds;
using Suture.Knowledge.Feeds.Keeping;

namespace Suture.Cli.Commands;

/// <summary><c>feeds import DIR</c>: reads feeds, and brings what is good of them into force.</summary>
internal static class FeedsImportCommand
{
    public static Command Create(CliConsole console)
    {
        var directory = new Argument<string>("dir") { Description = "Folder of feeds; folders in it are looked through. A file is known by its name: " + FeedFiles.Names };
        var accept = new Option<string[]>("--accept") { Description = "Feed whose size you have found right: it is not compared with what is in force. May be given several times." };
        var json = SharedOptions.Json();
        accept.Validators.Add(result =>
        {
            foreach (var name in result.Tokens.Select(token => token.Value).Where(name => !FeedNames.All.Contains(name)))
            {
                result.AddError($"--accept is '{name}'; wanted is one of {string.Join(", ", FeedNames.All.Order(StringComparer.Ordinal))}.");
            }
        });
        var command = new Command("import", "Read feeds and keep the good ones. Ends with 1 when something was refused; what was in force of it stays.") { directory, accept, json };
        var feeds = new FeedsOf(console, command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var from = Path.GetFullPath(parsed.GetRequiredValue(directory));
            var files = Find(from);
            var session = feeds.Session(parsed);
            var accepted = parsed.GetValue(accept) ?? [];
            var answer = session is null ? Import(console, from, accepted, cancellation) : await SendAsync(session, files, accepted, cancellation);
            foreach (var problem in answer.Problems)
            {
                await console.Error.WriteLineAsync($"suture: refused {TextLines.Plain(problem)}");
            }
            if (parsed.GetValue(json))
            {
                await JsonOutput.WriteAsync(console.Out, answer, ContractsJson.Default.FeedImportAnswer);
            }
            else
            {
                TextLines.Line(console, feeds.Heading(session));
                FeedsText.Write(console, answer.Items, answer.LeftOut);
            }
            return answer.Problems.Count > 0 ? Exit.Findings : Exit.Done;
        });
        return command;
    }

    private static IReadOnlyList<FeedFile> Find(string from)
    {
        if (!Directory.Exists(from))
        {
            throw new CliException(Exit.Failure, $"There is no folder '{from}'; wanted is a folder of feeds.");
        }
        return FeedFiles.Find(from) is { Count: > 0 } files
            ? files
            : throw new CliException(Exit.Failure, $"'{from}' holds no file with a feed's name. Names are: {FeedFiles.Names}.");
    }

    private static FeedImportAnswer Import(CliConsole console, string from, IReadOnlyCollection<string> accepted, CancellationToken cancellation)
    {
        var keep = new FeedKeep(StateFolders.Feeds(console));
        var import = keep.Import(new FeedImportOptions { From = from, Now = console.Time.GetUtcNow(), Accept = accepted }, cancellation);
        using var kept = keep.Load();
        // Without a feed that is lost its findings would read as closed: what is in force stays until it is there again.
        if (kept.Lost.Count == 0 && kept.Feeds.Count > 0)
        {
            keep.PutInForce(kept.Feeds).Dispose();
        }
        return new FeedImportAnswer
        {
            Items = keep.ReadStatus(),
            Taken = import.Taken,
            Problems = [.. import.Problems.Concat(kept.Lost).Select(problem => problem.ToString()).Distinct()],
            LeftOut = [.. import.Files.Select(file => file.LeftOut).OfType<string>()],
        };
    }

    private static async Task<FeedImportAnswer> SendAsync(ServerSession session, IReadOnlyList<FeedFile> files, IReadOnlyList<string> accepted, CancellationToken cancellation)
    {
        using var client = new ApiClient(session);
        using var archive = new FeedArchive(files);
        return await client.UploadAsync(
            Query.Of("feeds/upload", ("accept", accepted.Count > 0 ? string.Join(',', accepted) : null)), archive, ContractsJson.Default.FeedImportAnswer, cancellation);
    }
}
