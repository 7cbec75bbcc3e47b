using System.Buffers;
using System.Reflection;
using System.Text;
using Suture.Agent.Jobs;
using Suture.Agent.Platforms.Linux;
using Suture.Agent.State;

namespace Suture.Agent.Commands;

/// <summary>Puts the program and its systemd unit in place and starts it.</summary>
internal static class ServiceInstaller
{
    private const string UnitPath = "/etc/systemd/system/" + RestartService.OwnUnit;
    private const string ProgramPath = "/usr/local/bin/suture-agent";
    private const UnixFileMode ProgramMode = UnitMode
        | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private const UnixFileMode UnitMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private static readonly SearchValues<char> PathCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-");

    /// <summary>Installs and starts the service; safe to call again.</summary>
    /// <param name="state">The agent's directory.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Exit code.</returns>
    public static async Task<int> InstallAsync(StateDirectory state, CancellationToken cancellation)
    {
        if (!DetachedWork.IsPossible)
        {
            Terminal.Complain("joined, but this machine was not started by systemd; start 'suture-agent run' yourself.");
            return ExitCode.Done;
        }
        if (PlaceProgram() is not { } program)
        {
            Terminal.Complain($"joined, but the program's own path cannot stand in a unit; put it at {ProgramPath} and join anew.");
            return ExitCode.Failure;
        }
        AtomicFile.Write(UnitPath, Encoding.UTF8.GetBytes(Unit(program, state.Root)), UnitMode);
        if (await new Systemd(new ProcessRunner()).InstallAsync(RestartService.OwnUnit, cancellation) is { } fault)
        {
            Terminal.Complain($"joined, but the service did not start: {fault}");
            return ExitCode.Failure;
        }
        Terminal.Say($"The service {RestartService.OwnUnit} runs and starts with the machine.");
        return ExitCode.Done;
    }

    /// <summary>The unit with its places filled in.</summary>
    /// <param name="program">Absolute path of the agent.</param>
    /// <param name="state">Absolute path of its directory.</param>
    /// <returns>Text of the unit file.</returns>
    public static string Unit(string program, string state)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("suture-agent.service")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Replace(ProgramPath, program, StringComparison.Ordinal).Replace(StateDirectory.DefaultRoot, state, StringComparison.Ordinal);
    }

    /// <summary>Whether a path may stand in a unit file as it is.</summary>
    /// <param name="path">Any text.</param>
    /// <returns>True for an absolute path of plain characters.</returns>
    public static bool IsPlainPath(string path) => path.Length is > 1 and < 512 && path[0] == '/' && !path.AsSpan().ContainsAnyExcept(PathCharacters);

    /// <summary>A program in somebody's home cannot be reached by a hardened unit, so a single binary is copied; one with libraries beside it stays.</summary>
    private static string? PlaceProgram()
    {
        var own = Environment.ProcessPath;
        if (own is null || own == ProgramPath || own.StartsWith("/usr/", StringComparison.Ordinal))
        {
            return own;
        }
        if (File.Exists(Path.Combine(AppContext.BaseDirectory, "suture-agent.dll")))
        {
            return IsPlainPath(own) ? own : null;
        }
        AtomicFile.Write(ProgramPath, File.ReadAllBytes(own), ProgramMode);
        return ProgramPath;
    }
}
