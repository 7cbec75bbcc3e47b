using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Suture.Cli.Rendering;

namespace Suture.Cli;

/// <summary>Help: of the whole as one page by what people want to do, of a command as the library writes it.</summary>
internal sealed class HelpPage(CliConsole console) : SynchronousCommandLineAction
{
    private const int NameColumn = 14;

    // What the launcher does itself; the rest describes itself.
    private static readonly Dictionary<string, string> launched = new(StringComparer.Ordinal)
    {
        ["up"] = "Start the server, look at this machine, and print what is wrong with it. Nothing on the machine changes.",
        ["backup"] = "Copy store, keys, checkpoints and feeds of a server into a folder, while it works.",
        ["restore"] = "Make a server's data folder of a backup. Every byte is compared first.",
        ["test"] = "Run every test suite.",
        ["bench"] = "Run a benchmark.",
        ["sbom"] = "Write what server, agent and command line are made of (CycloneDX) to out/sbom.",
        ["build"] = "Build server, command line and agent into out/.",
    };

    private static readonly (string Title, string[] Names)[] sections =
    [
        ("Begin", ["up", "sign-in", "sign-out", "whoami", "invite"]),
        ("See what is wrong", ["fixes", "findings", "explain", "assets", "status"]),
        ("Have it fixed", ["plan", "jobs", "policy"]),
        ("Account for it", ["compliance", "episodes", "ledger"]),
        ("Without a server", ["scan", "feeds", "version"]),
        ("Administer", ["users", "groups", "approvers", "tokens", "work", "backup", "restore", "build", "sbom", "test", "bench"]),
    ];

    /// <summary>Help is wanted most by who does not know the arguments yet.</summary>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        if (parseResult.CommandResult.Parent is not null)
        {
            return new HelpAction { MaxWidth = console.Width }.Invoke(parseResult);
        }
        var root = parseResult.CommandResult.Command;
        var described = root.Subcommands.ToDictionary(command => command.Name, command => command.Description ?? "", StringComparer.Ordinal);
        TextLines.Paragraph(console, $"{root.Description}\n\nUsage: {Launcher.Name} COMMAND [OPTIONS]; each COMMAND has --help, nearly all have --json.");
        foreach (var (title, names) in sections)
        {
            TextLines.Line(console, $"\n{title}");
            foreach (var name in names)
            {
                TextLines.Field(console, $"  {name}", launched.GetValueOrDefault(name) ?? described[name], NameColumn);
            }
        }
        TextLines.Line(console, "\nEnds with 0 (done), 1 (findings, or a refusal), 2 (wrong usage) or 3 (failure).");
        return Exit.Done;
    }
}
