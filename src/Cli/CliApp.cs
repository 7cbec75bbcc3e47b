using System.CommandLine;
using System.CommandLine.Help;
using Suture.Cli.Commands;

namespace Suture.Cli;

/// <summary>The whole command line as one function.</summary>
internal static class CliApp
{
    /// <summary>Runs one command.</summary>
    /// <param name="args">Arguments.</param>
    /// <param name="console">What it reads and writes.</param>
    /// <returns>Exit code, see <see cref="Exit"/>.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, CliConsole console)
    {
        try
        {
            return await InvokeAsync(args, console);
        }
        catch (CliException fault)
        {
            return await FailAsync(console, fault.Exit, fault.Message);
        }
        catch (Exception fault) when (fault is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            return await FailAsync(console, Exit.Failure, fault.Message);
        }
        catch (OperationCanceledException)
        {
            return await FailAsync(console, Exit.Failure, "Interrupted; nothing was changed half.");
        }
        finally
        {
            await console.Out.FlushAsync();
        }
    }

    /// <summary>Runs one command on the given streams.</summary>
    /// <param name="args">Arguments.</param>
    /// <param name="stdout">Standard output.</param>
    /// <param name="stderr">Standard error.</param>
    /// <param name="stdin">Standard input.</param>
    /// <returns>Exit code, see <see cref="Exit"/>.</returns>
    public static Task<int> RunAsync(IReadOnlyList<string> args, TextWriter stdout, TextWriter stderr, TextReader stdin) =>
        RunAsync(args, new CliConsole { Out = stdout, Error = stderr, In = stdin, IsRoot = Environment.IsPrivilegedProcess });

    private static async Task<int> InvokeAsync(IReadOnlyList<string> args, CliConsole console)
    {
        var parsed = Commands(console).Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                await console.Error.WriteLineAsync($"suture: {error.Message}");
            }
            await console.Error.WriteLineAsync($"Run {Path(parsed.CommandResult.Command)} --help for what it takes.");
            return Exit.Usage;
        }
        return await parsed.InvokeAsync(new InvocationConfiguration { Output = console.Out, Error = console.Error, EnableDefaultExceptionHandler = false });
    }

    /// <summary>All commands.</summary>
    internal static Command Commands(CliConsole console)
    {
        var root = new Command(Launcher.Name, "Suture finds vulnerabilities on Debian endpoints, ranks them by risk, and proves that they are closed.")
        {
            new HelpOption { Action = new HelpPage(console) },
            new VersionOption { Description = "Show the version." },
            ScanCommand.Create(console),
            FeedsCommand.Create(console),
            VersionCompareCommand.CreateVersion(console),
            SignInCommand.Create(console),
            SignOutCommand.Create(console),
            WhoAmICommand.Create(console),
            InviteCommand.Create(console),
            StatusCommand.Create(console),
            AssetsCommand.Create(console),
            FindingsCommand.Create(console),
            FixesCommand.Create(console),
            ExplainCommand.Create(console),
            PolicyCommands.Create(console),
            PlanCommands.Create(console),
            JobsCommand.Create(console),
            EpisodesCommand.Create(console),
            ComplianceCommand.Create(console),
            LedgerCommand.Create(console),
            UsersCommand.Create(console),
            GroupsCommand.Create(console),
            ApproversCommand.Create(console),
            TokensCommand.Create(console),
            WorkCommand.Create(console),
        };
        root.SetAction(RefuseNothing);
        return root;
    }

    private static int RefuseNothing(ParseResult parsed) => throw new CliException(Exit.Usage, $"No command is given. Run {Launcher.Name} --help to see them.");

    private static string Path(Command command)
    {
        var names = new List<string>();
        for (var at = command; at is not null; at = at.Parents.OfType<Command>().FirstOrDefault())
        {
            names.Insert(0, at.Name);
        }
        return string.Join(' ', names);
    }

    private static async Task<int> FailAsync(CliConsole console, int exit, string message)
    {
        await console.Error.WriteLineAsync($"suture: {message}");
        return exit;
    }
}
