using System.CommandLine;
using Suture.Cli.Server;

namespace Suture.Cli.Commands;

/// <summary><c>feeds</c>: of the server one is signed in on, or of this machine's own scans.</summary>
internal static class FeedsCommand
{
    public static Command Create(CliConsole console) => new("feeds", "Import feeds and show how old they are.")
    {
        FeedsImportCommand.Create(console), FeedsStatusCommand.Create(console),
    };
}

/// <summary>Whose feeds a command is about: <c>--server</c>, <c>--local</c>, or whether somebody is signed in.</summary>
internal sealed class FeedsOf
{
    private readonly CliConsole _console;
    private readonly Option<string?> _server = new("--server") { Description = "Address of the server; default is the one signed in on, and this machine's own feeds when nobody is." };
    private readonly Option<bool> _local = new("--local") { Description = "The feeds that this machine's own scans use, whoever is signed in." };

    public FeedsOf(CliConsole console, Command command)
    {
        _console = console;
        command.Add(_server);
        command.Add(_local);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_local) && result.GetValue(_server) is not null)
            {
                result.AddError("--local and --server exclude each other; give one of them.");
            }
        });
    }

    /// <summary>The server's session; null for the feeds of this machine's own scans.</summary>
    public ServerSession? Session(ParseResult parsed)
    {
        if (parsed.GetValue(_local))
        {
            return null;
        }
        var named = parsed.GetValue(_server);
        var session = ServerSession.Find(_console, named);
        return named is not null || session.Token is not null || _console.Variable("SUTURE_SERVER") is not null ? session : null;
    }

    /// <summary>Says of the feeds that follow whose they are.</summary>
    public string Heading(ServerSession? session) => session is null
        ? $"Feeds of this machine's own scans, in {StateFolders.Feeds(_console)}:"
        : $"Feeds of the server on {session.Server}:";
}
