using System.Diagnostics;
using Suture.Inventory;

namespace Suture.Server.Commands;

/// <summary>The agent of the machine that the server runs on: observed only, a child of the server, ended with it.</summary>
internal static partial class LocalAgent
{
    /// <summary>Category under which the agent's own lines stand in the server's log.</summary>
    internal const string LogCategory = "Suture.LocalAgent";

    private const string Environment = "production";

    /// <summary>The agent's program, as the launcher built it; null when there is none.</summary>
    internal static string? Find() =>
        System.Environment.GetEnvironmentVariable("SUTURE_AGENT") is { Length: > 0 } program && File.Exists(program) ? program : null;

    /// <summary>Enrols it when it is not enrolled yet, and starts it.</summary>
    /// <exception cref="InvalidOperationException">It could not join; says what it said.</exception>
    internal static async Task<Process> StartAsync(IServiceProvider services, string program, ServerOptions options, string group, CancellationToken cancellation)
    {
        var state = Path.Combine(options.DataDirectory, "agent");
        if (!File.Exists(Path.Combine(state, "agent.json")))
        {
            await JoinAsync(services, program, state, options, group, cancellation);
        }
        var agent = Start(program, ["run", "--state", state]);
        LogLines(agent, services.GetRequiredService<ILoggerFactory>().CreateLogger(LogCategory));
        return agent;
    }

    // The agent writes its lines for systemd, each with its priority in front: <6>[7202] text.
    private static void LogLines(Process agent, ILogger logger)
    {
        DataReceivedEventHandler keep = (_, received) =>
        {
            if (received.Data is { Length: > 0 } line)
            {
                var (level, text) = Read(line);
                LogLine(logger, level, text);
            }
        };
        agent.OutputDataReceived += keep;
        agent.ErrorDataReceived += keep;
        agent.BeginOutputReadLine();
        agent.BeginErrorReadLine();
    }

    /// <summary>Level and text of a line of the agent; one without a priority (a crash) is an error.</summary>
    internal static (LogLevel Level, string Text) Read(string line) => line switch
    {
        ['<', >= '0' and <= '3', '>', .. var text] => (LogLevel.Error, text),
        ['<', '4', '>', .. var text] => (LogLevel.Warning, text),
        ['<', >= '5' and <= '7', '>', .. var text] => (LogLevel.Information, text),
        _ => (LogLevel.Error, line),
    };

    private static async Task JoinAsync(IServiceProvider services, string program, string state, ServerOptions options, string group, CancellationToken cancellation)
    {
        var local = services.GetRequiredService<LocalEndpoint>();
        var invitation = await local.InviteAsync(group, Environment, "server", cancellation);
        using var join = Start(
            program,
            [
                "join", "--server", options.Agents.GetLeftPart(UriPartial.Authority), "--ca-fingerprint", local.Fingerprint,
                "--token", invitation.Token, "--observe", "--state", state, "--no-service",
            ]);
        var said = await join.StandardError.ReadToEndAsync(cancellation);
        await join.WaitForExitAsync(cancellation);
        if (join.ExitCode != 0)
        {
            throw new InvalidOperationException($"The local agent could not join (exit {join.ExitCode}): {said.Trim()}");
        }
    }

    private static Process Start(string program, IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }
        return Process.Start(start)!;
    }

    [LoggerMessage(EventId = 9001, Message = "{Line}")]
    private static partial void LogLine(ILogger logger, LogLevel level, string line);
}
