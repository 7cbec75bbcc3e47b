using System.Globalization;

namespace Suture.Agent.Platforms.Linux;

/// <summary>A program that changes this machine, run as a systemd unit of its own.</summary>
internal sealed record DetachedOrder
{
    /// <summary>Unit, <c>suture-JOB-install.service</c>. systemd lets a name live only once, so the same step never runs twice at a time.</summary>
    public required string Unit { get; init; }

    /// <summary>Absolute path.</summary>
    public required string Program { get; init; }

    /// <summary>Arguments, each as it is.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>Longest time; then systemd interrupts it.</summary>
    public required TimeSpan Time { get; init; }

    /// <summary>Directory it runs in.</summary>
    public string WorkingDirectory { get; init; } = "/";
}

/// <summary>How a detached program ended.</summary>
/// <param name="IsSuccess">It ended with 0. After an agent's restart this can be unknown and is then false: look at the machine.</param>
/// <param name="Output">The end of its output.</param>
internal sealed record DetachedEnd(bool IsSuccess, string Output);

/// <summary>Runs what changes the machine outside the agent: an agent that is killed, upgraded or restarted does not take apt with it.</summary>
/// <remarks>
/// Why a transient unit and not a child: (1) a child's pipes break when the agent dies, and apt then stops in the middle; (2) the agent's own unit can stay
/// shut tight (read-only system, few capabilities, little memory), since what maintainer scripts need is given to that unit alone; (3) the name of the unit
/// is the job's, so that the next start finds it and waits. No bus daemon is needed, and a systemd that re-executes itself meanwhile does no harm.
/// </remarks>
/// <param name="runner">Starts programs.</param>
/// <param name="outputDirectory">Where output goes; 0700, the agent's.</param>
/// <param name="time">Clock.</param>
internal sealed class DetachedWork(ProcessRunner runner, string outputDirectory, TimeProvider time)
{
    private const string SystemdRun = "/usr/bin/systemd-run";
    private const string Systemctl = "/bin/systemctl";
    private const int OutputTailBytes = 16 * 1024;
    private const string Gone = "inactive";
    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(30);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(300);

    /// <summary>True when systemd is this machine's init; without it nothing is changed.</summary>
    public static bool IsPossible => Directory.Exists("/run/systemd/system");

    /// <summary>Runs to the end; when a unit of that name still runs from before, waits for that one instead.</summary>
    /// <param name="order">What to run.</param>
    /// <param name="cancellation">Stops waiting; the work goes on.</param>
    /// <returns>How it ended.</returns>
    public async Task<DetachedEnd> RunAsync(DetachedOrder order, CancellationToken cancellation)
    {
        var before = await StateAsync(order.Unit, cancellation);
        if (!IsAtWork(before))
        {
            File.Delete(OutputOf(order.Unit));
            await ForgetAsync(order.Unit, before, cancellation);
            var started = await runner.AskAsync(SystemdRun, ArgumentsFor(order), TimeSpan.FromSeconds(90), cancellation);
            if (!started.IsSuccess && !IsAtWork(await StateAsync(order.Unit, cancellation)))
            {
                return new DetachedEnd(false, $"systemd did not start {order.Unit}: {started.Error.Trim()}");
            }
        }
        return await WaitAsync(order.Unit, cancellation);
    }

    /// <summary>Waits until a unit has ended.</summary>
    /// <param name="unit">The unit; one that does not run has ended.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <returns>How it ended.</returns>
    public async Task<DetachedEnd> WaitAsync(string unit, CancellationToken cancellation)
    {
        var wait = FirstLook;
        string state;
        while (IsAtWork(state = await StateAsync(unit, cancellation)))
        {
            await Task.Delay(wait, time, cancellation);
            wait = wait * 2 < LookEvery ? wait * 2 : LookEvery;
        }
        await ForgetAsync(unit, state, cancellation);
        return new DetachedEnd(state == Gone, TailOf(OutputOf(unit)));
    }

    /// <summary>systemd's word for a unit's state; empty when systemd could not be asked.</summary>
    private async Task<string> StateAsync(string unit, CancellationToken cancellation)
    {
        var answer = await runner.AskAsync(Systemctl, ["show", "--property=ActiveState", "--value", unit], TimeSpan.FromSeconds(30), cancellation);
        return answer.IsSuccess ? answer.Output.Trim() : "";
    }

    /// <summary>A unit that ended well is forgotten at once; one that failed stays until it is told to go.</summary>
    private async Task ForgetAsync(string unit, string state, CancellationToken cancellation)
    {
        if (state != Gone)
        {
            await runner.AskAsync(Systemctl, ["reset-failed", unit], TimeSpan.FromSeconds(30), cancellation);
        }
    }

    /// <summary>Whether a unit runs. True also when systemd could not be asked: better to wait than to run twice.</summary>
    private static bool IsAtWork(string state) => state is "" or "active" or "activating" or "deactivating" or "reloading";

    private List<string> ArgumentsFor(DetachedOrder order)
    {
        var output = OutputOf(order.Unit);
        var seconds = ((long)order.Time.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        List<string> arguments =
        [
            $"--unit={order.Unit}", "--quiet", "--description=Suture: change on this machine",
            "--property=Type=exec", "--property=StandardInput=null", $"--property=StandardOutput=append:{output}", $"--property=StandardError=append:{output}",
            $"--property=RuntimeMaxSec={seconds}",
            // What a maintainer script left running outside systemd is not ours to end.
            "--property=KillMode=process", "--property=OOMPolicy=continue", $"--property=WorkingDirectory={order.WorkingDirectory}",
        ];
        arguments.AddRange(ProcessRunner.CleanEnvironment.Select(pair => $"--setenv={pair.Key}={pair.Value}"));
        arguments.Add("--");
        arguments.Add(order.Program);
        arguments.AddRange(order.Arguments);
        return arguments;
    }

    private string OutputOf(string unit) => Path.Combine(outputDirectory, Path.GetFileName(unit) + ".log");

    private static string TailOf(string path)
    {
        if (!File.Exists(path))
        {
            return "";
        }
        using var file = File.OpenRead(path);
        file.Seek(-Math.Min(OutputTailBytes, file.Length), SeekOrigin.End);
        using var reader = new StreamReader(file);
        return reader.ReadToEnd();
    }
}
