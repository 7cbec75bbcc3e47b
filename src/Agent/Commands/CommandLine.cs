using System.CommandLine;
using Suture.Agent.Platforms.Linux;
using Suture.Agent.Reports;
using Suture.Agent.State;

namespace Suture.Agent.Commands;

/// <summary>The agent's commands and their options.</summary>
internal static class CommandLine
{
    /// <summary>Runs a command line.</summary>
    /// <param name="arguments">Arguments without the program's name.</param>
    /// <returns>Exit code, see <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var root = new RootCommand("suture-agent: tells a Suture server what this machine runs, and carries out the jobs it signs.")
        {
            Join(), Run(), Report(), Status(), Checkpoints(),
        };
        var parsed = root.Parse(arguments);
        try
        {
            return parsed.Errors.Count > 0 ? Usage(parsed) : await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
        {
            Terminal.Complain($"{exception.Message}");
            return ExitCode.Failure;
        }
    }

    private static Command Join()
    {
        var server = new Option<string>("--server") { Description = "The server's port for agents, https://HOST:PORT", Required = true };
        var fingerprint = new Option<string>("--ca-fingerprint") { Description = "SHA-256 of the server's certificate authority, hex", Required = true };
        var token = new Option<string>("--token") { Description = "One-use token", Required = true };
        var approvers = new Option<string?>("--approvers") { Description = "Digest of the set of approvers whose signatures this machine shall demand; a server that hands out another is refused" };
        var observe = new Option<bool>("--observe") { Description = "Observe only: refuse every change" };
        var state = StateOption();
        var noService = new Option<bool>("--no-service") { Description = "Do not install the systemd unit" };
        var command = new Command("join", "Make this machine an endpoint of a server.") { server, fingerprint, token, approvers, observe, state, noService };
        command.SetAction((parsed, cancellation) => JoinCommand.RunAsync(
            new JoinOrder
            {
                Server = parsed.GetRequiredValue(server), AuthorityFingerprint = parsed.GetRequiredValue(fingerprint), Token = parsed.GetRequiredValue(token),
                ApproversDigest = parsed.GetValue(approvers), IsObservedOnly = parsed.GetValue(observe), State = parsed.GetRequiredValue(state), InstallService = !parsed.GetValue(noService),
            },
            TimeProvider.System, cancellation));
        return command;
    }

    private static Command Run()
    {
        var state = StateOption();
        var command = new Command("run", "Run the agent until it is told to stop.") { state };
        command.SetAction((parsed, cancellation) => RunAgentAsync(new StateDirectory(parsed.GetRequiredValue(state)), cancellation));
        return command;
    }

    private static Command Report()
    {
        var print = new Option<bool>("--print") { Description = "All facts as JSON" };
        var command = new Command("report", "Read this machine and show what would be reported; nothing is sent.") { print };
        command.SetAction(parsed => LocalCommands.Report(parsed.GetValue(print), TimeProvider.System));
        return command;
    }

    private static Command Status()
    {
        var state = StateOption();
        var json = new Option<bool>("--json") { Description = "As JSON" };
        var command = new Command("status", "Show how this machine stands with its server.") { state, json };
        command.SetAction(parsed => LocalCommands.Status(parsed.GetRequiredValue(state), parsed.GetValue(json), TimeProvider.System));
        return command;
    }

    private static Command Checkpoints()
    {
        var state = StateOption();
        var command = new Command("checkpoints", "Print what the server signed of its ledger and this machine kept, one JSON object a line, for: suture ledger verify --checkpoints FILE") { state };
        command.SetAction(parsed => LocalCommands.Checkpoints(parsed.GetRequiredValue(state)));
        return command;
    }

    private static async Task<int> RunAgentAsync(StateDirectory state, CancellationToken cancellation)
    {
        if (state.ReadConfig() is not { } config)
        {
            Terminal.Complain($"{state.Root} holds no configuration: join a server first.");
            return ExitCode.Refused;
        }
        state.Create();
        if (Native.IsRoot())
        {
            state.CreateArchives();
        }
        using var agent = new AgentLoop(state, config, new LocalMachineReader(state, TimeProvider.System), TimeProvider.System);
        await agent.RunAsync(cancellation);
        return ExitCode.Done;
    }

    private static int Usage(ParseResult parsed)
    {
        foreach (var error in parsed.Errors)
        {
            Terminal.Complain($"{error.Message}");
        }
        return ExitCode.Usage;
    }

    private static Option<string> StateOption() =>
        new("--state") { Description = "The agent's directory", DefaultValueFactory = _ => StateDirectory.DefaultRoot };
}
