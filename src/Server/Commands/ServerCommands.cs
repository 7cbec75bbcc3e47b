using System.CommandLine;
using System.CommandLine.Help;

namespace Suture.Server.Commands;

/// <summary>The verbs of the server's executable.</summary>
internal static class ServerCommands
{
    private const int UsageError = 2;
    private static readonly TimeSpan ShutdownMost = TimeSpan.FromSeconds(30);

    internal static async Task<int> RunAsync(string[] arguments)
    {
        // People start it through the launcher, so that is what its help calls it.
        var root = new Command("./suture", "Suture's server. The command line speaks to it.") { new HelpOption(), new VersionOption(), Up(), BackupCommands.Backup(DefaultData), BackupCommands.Restore() };
        var parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                await Console.Error.WriteLineAsync($"suture: {error.Message}");
            }
            await Console.Error.WriteLineAsync($"Next: ./suture {(parsed.CommandResult.Command.Name is "backup" or "restore" ? parsed.CommandResult.Command.Name : "up")} --help");
            return UsageError;
        }
        // The server's own shutdown ends held polls; the library must not cut it short after its two seconds.
        return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = ShutdownMost, EnableDefaultExceptionHandler = false });
    }

    private static Command Up()
    {
        var data = new Option<string>("--data") { Description = "Folder for store, keys and feeds", DefaultValueFactory = _ => DefaultData() };
        var store = new Option<string?>("--store") { Description = "PostgreSQL connection string (Host=...); default is SQLite in the data folder" };
        var listen = AddressOption("--listen", "Address of the API", "http://127.0.0.1:7780", "http");
        var agents = AddressOption("--agents", "Address of the agents' port, as agents reach it", "https://127.0.0.1:7781", "https");
        var feeds = new Option<string?>("--feeds") { Description = "Folder of feeds to read now, as a live feed would deliver them" };
        var sources = new Option<string?>("--feed-sources") { Description = "File that says where feeds and the archive are fetched from (docs/feeds.yaml shows its form); default is feeds.yaml in the data folder, else the publishers' own addresses" };
        var twoPersons = new Option<bool>("--two-persons") { Description = "Nobody may approve a plan that they asked for (the default is --solo)" };
        var solo = new Option<bool>("--solo") { Description = "One person may ask for a plan and approve it (default)" };
        var offline = new Option<bool>("--offline") { Description = "Fetch no public feed and no archive" };
        var noObserve = new Option<bool>("--no-observe") { Description = "Do not enrol this machine as an observed endpoint" };
        var command = new Command("up", "Start the server, look at this machine, and print what is wrong with it. Nothing on the machine changes.")
        {
            data, store, listen, agents, feeds, sources, solo, twoPersons, offline, noObserve,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(solo) && result.GetValue(twoPersons))
            {
                result.AddError("--solo and --two-persons exclude each other; give one of them.");
            }
        });
        command.SetAction((parsed, cancellation) => UpCommand.RunAsync(
            new ServerOptions
            {
                DataDirectory = Path.GetFullPath(parsed.GetValue(data)!),
                Store = parsed.GetValue(store),
                Listen = parsed.GetValue(listen)!,
                Agents = parsed.GetValue(agents)!,
                FeedsDirectory = parsed.GetValue(feeds) is { } folder ? Path.GetFullPath(folder) : null,
                FeedSources = parsed.GetValue(sources) is { } file ? Path.GetFullPath(file) : null,
                IsSolo = !parsed.GetValue(twoPersons),
                FetchesFeeds = !parsed.GetValue(offline),
                ObservesThisMachine = !parsed.GetValue(noObserve),
            },
            cancellation));
        return command;
    }

    private static Option<Uri> AddressOption(string name, string description, string standard, string scheme) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => new Uri(standard),
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme == scheme && address.AbsolutePath == "/")
            {
                return address;
            }
            result.AddError($"{name} is '{text}'; wanted is {scheme}://HOST:PORT.");
            return null;
        },
    };

    private static string DefaultData() => Environment.IsPrivilegedProcess
        ? "/var/lib/suture"
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "suture");
}
