using System.CommandLine;
using System.Text.Json.Serialization.Metadata;
using Suture.Cli.Rendering;
using Suture.Cli.Server;
using Suture.Contracts.Api;

namespace Suture.Cli.Commands;

/// <summary>What every command that asks a server has: <c>--server</c>, <c>--json</c>, a client.</summary>
internal sealed class ServerCommand : Command
{
    private readonly CliConsole _console;
    private readonly Option<string?> _server = SharedOptions.Server();
    private readonly Option<bool> _json = SharedOptions.Json();

    public ServerCommand(CliConsole console, string name, string description, params IReadOnlyList<Symbol> symbols)
        : base(name, description)
    {
        _console = console;
        foreach (var symbol in symbols)
        {
            switch (symbol)
            {
                case Argument argument:
                    Add(argument);
                    break;
                case Command command:
                    Add(command);
                    break;
                default:
                    Add((Option)symbol);
                    break;
            }
        }
        Add(_server);
        Add(_json);
    }

    /// <summary>True when a program reads the answer.</summary>
    public bool IsJson(ParseResult parsed) => parsed.GetValue(_json);

    /// <summary>What the command does.</summary>
    /// <param name="run">Asks the server and prints; gives the exit code.</param>
    public ServerCommand Does(Func<ParseResult, ApiClient, CancellationToken, Task<int>> run)
    {
        SetAction(async (parsed, cancellation) =>
        {
            using var client = new ApiClient(ServerSession.Find(_console, parsed.GetValue(_server)));
            return await run(parsed, client, cancellation);
        });
        return this;
    }

    /// <summary>Asks for a list and prints it.</summary>
    /// <param name="path">Path with its query.</param>
    /// <param name="limit">Its <c>--limit</c>.</param>
    /// <param name="type">Page.</param>
    /// <param name="print">Prints rows for people.</param>
    public ServerCommand Lists<T>(Func<ParseResult, string> path, Option<int> limit, JsonTypeInfo<Page<T>> type, Action<IReadOnlyList<T>> print) =>
        Lists((parsed, _, _) => Task.FromResult(path(parsed)), limit, type, print);

    /// <summary>Asks for a list whose path must be found first, and prints it.</summary>
    public ServerCommand Lists<T>(
        Func<ParseResult, ApiClient, CancellationToken, Task<string>> path, Option<int> limit, JsonTypeInfo<Page<T>> type, Action<IReadOnlyList<T>> print) =>
        Does(async (parsed, client, cancellation) =>
        {
            var page = await client.ListAsync(await path(parsed, client, cancellation), type, parsed.GetValue(limit), cancellation);
            return await PrintAsync(parsed, page, type, shown =>
            {
                print(shown.Items);
                TextLines.More(_console, shown.Items.Count, shown.Total, shown.Next is not null);
            });
        });

    /// <summary>Says that something was done which has no answer of its own.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="id">What it was done to.</param>
    /// <param name="outcome">What it is now, after "is".</param>
    /// <param name="name">How people call it; null for its id.</param>
    public Task<int> SayAsync(ParseResult parsed, string id, string outcome, string? name = null) =>
        PrintAsync(parsed, new Outcome { Id = id, Is = outcome }, CliJson.Default.Outcome, done => TextLines.Line(_console, $"{TextLines.Plain(name ?? id)} is {done.Is}."));

    /// <summary>Prints one thing.</summary>
    public async Task<int> PrintAsync<T>(ParseResult parsed, T value, JsonTypeInfo<T> type, Action<T> print)
    {
        if (IsJson(parsed))
        {
            await JsonOutput.WriteAsync(_console.Out, value, type);
        }
        else
        {
            print(value);
        }
        return Exit.Done;
    }
}
