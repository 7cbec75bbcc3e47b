using System.ComponentModel;
using System.Diagnostics;
using Suture.Inventory;

namespace Suture.Server.Commands;

/// <summary>The agent of the machine that the server runs on: observed only, a child of the server, ended with it, and started again when it ends by itself.</summary>
internal sealed partial class LocalAgent : IAsyncDisposable
{
    /// <summary>Category under which the agent's own lines stand in the server's log.</summary>
    internal const string LogCategory = "Suture.LocalAgent";

    /// <summary>Wait before the first start after an end; it doubles with each end in a row.</summary>
    internal static readonly TimeSpan RestartWaitFirst = TimeSpan.FromSeconds(1);

    /// <summary>Longest wait before a start.</summary>
    internal static readonly TimeSpan RestartWaitMax = TimeSpan.FromMinutes(5);

    /// <summary>Life of an agent after which its end is the first again.</summary>
    internal static readonly TimeSpan Steady = TimeSpan.FromMinutes(10);

    /// <summary>How long a killed agent, and its last lines, are waited for.</summary>
    private static readonly TimeSpan KillMost = TimeSpan.FromSeconds(5);

    private const string Environment = "production";

    private readonly Func<Process> _start;
    private readonly TimeProvider _time;
    private readonly ILogger<LocalAgent> _logger;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _keeping;

    /// <summary>Starts it and keeps it running.</summary>
    /// <param name="start">Starts the process.</param>
    /// <param name="time">Clock.</param>
    /// <param name="logger">Log.</param>
    internal LocalAgent(Func<Process> start, TimeProvider time, ILogger<LocalAgent> logger)
    {
        _start = start;
        _time = time;
        _logger = logger;
        _keeping = KeepAsync(start(), _end.Token);
    }

    /// <summary>The agent's program, as the launcher built it; null when there is none.</summary>
    internal static string? Find() =>
        System.Environment.GetEnvironmentVariable("SUTURE_AGENT") is { Length: > 0 } program && File.Exists(program) ? program : null;

    /// <summary>Enrols it when it is not enrolled yet, and starts it.</summary>
    /// <exception cref="InvalidOperationException">It could not join; says what it said.</exception>
    internal static async Task<LocalAgent> StartAsync(IServiceProvider services, string program, ServerOptions options, string group, CancellationToken cancellation)
    {
        var state = Path.Combine(options.DataDirectory, "agent");
        if (!File.Exists(Path.Combine(state, "agent.json")))
        {
            await JoinAsync(services, program, state, options, group, cancellation);
        }
        var lines = services.GetRequiredService<ILoggerFactory>().CreateLogger(LogCategory);
        return new LocalAgent(() => StartLogged(program, state, lines), services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<LocalAgent>>());
    }

    /// <summary>How long to wait before the next start.</summary>
    /// <param name="ends">Ends in a row, from 1.</param>
    internal static TimeSpan WaitAfter(int ends) =>
        TimeSpan.FromSeconds(Math.Min(RestartWaitMax.TotalSeconds, RestartWaitFirst.TotalSeconds * Math.Pow(2, Math.Min(ends - 1, 30))));

    /// <summary>Ends the agent, and with it the keeping.</summary>
    internal void Stop() => _end.Cancel();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _keeping;
        _end.Dispose();
    }

    private async Task KeepAsync(Process first, CancellationToken end)
    {
        var ends = 0;
        for (Process? agent = first; ; agent = TryStart())
        {
            var began = _time.GetTimestamp();
            var how = agent is null ? "it does not start" : await EndOfAsync(agent, end);
            if (end.IsCancellationRequested)
            {
                return;
            }
            ends = _time.GetElapsedTime(began) >= Steady ? 1 : ends + 1;
            LogEnded(how, WaitAfter(ends).TotalSeconds);
            await Task.Delay(WaitAfter(ends), _time, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (end.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <summary>Waits for its end, or ends it.</summary>
    private static async Task<string> EndOfAsync(Process agent, CancellationToken end)
    {
        using (agent)
        {
            await agent.WaitForExitAsync(end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!agent.HasExited)
            {
                agent.Kill();
                using var longest = new CancellationTokenSource(KillMost);
                await agent.WaitForExitAsync(longest.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return "ended with the server";
            }
            return $"exit code {agent.ExitCode}";
        }
    }

    private Process? TryStart()
    {
        try
        {
            return _start();
        }
        catch (Exception fault) when (fault is Win32Exception or IOException)
        {
            // The program is being replaced, or the machine is short of memory: the next try is due as after any other end.
            LogNotStarted(fault);
            return null;
        }
    }

    private static Process StartLogged(string program, string state, ILogger lines)
    {
        var agent = Start(program, ["run", "--state", state]);
        LogLines(agent, lines);
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

    [LoggerMessage(9002, LogLevel.Warning, "The agent of this machine has ended ({How}): this machine is not looked at until it is started again in {WaitSeconds} s")]
    private partial void LogEnded(string how, double waitSeconds);

    [LoggerMessage(9003, LogLevel.Error, "The agent of this machine does not start")]
    private partial void LogNotStarted(Exception fault);
}
