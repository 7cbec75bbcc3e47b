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
            if (symbol is Argument argument)
            {
                Add(argument);
            }
            else
            {
                Add((Option)symbol);
            }
        }
        Add(_server);
        Add(_json);
    }

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
        Does(async (parsed, client, cancellation) =>
        {
            var rows = await client.ListAsync(path(parsed), type, parsed.GetValue(limit), cancellation);
            if (parsed.GetValue(_json))
            {
                await JsonOutput.WriteAsync(_console.Out, new Page<T> { Items = rows }, type);
            }
            else
            {
                print(rows);
            }
            return Exit.Done;
        });

    /// <summary>Prints one thing.</summary>
    public async Task<int> PrintAsync<T>(ParseResult parsed, T value, JsonTypeInfo<T> type, Action<T> print)
    {
        if (parsed.GetValue(_json))
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
