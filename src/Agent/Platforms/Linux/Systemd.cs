using Suture.Agent.Jobs;

namespace Suture.Agent.Platforms.Linux;

/// <summary>What systemd says of a unit.</summary>
/// <param name="LoadState"><c>loaded</c>, <c>not-found</c>, <c>masked</c>.</param>
/// <param name="ActiveState"><c>active</c>, <c>inactive</c>, <c>failed</c>.</param>
/// <param name="Invocation">Id of this run of the unit; another one after each start.</param>
internal sealed record UnitState(string LoadState, string ActiveState, string Invocation)
{
    /// <summary>It runs.</summary>
    public bool IsActive => ActiveState is "active" or "reloading";
}

/// <summary>Asks systemd, and tells it to restart.</summary>
/// <param name="runner">Starts programs.</param>
internal sealed class Systemd(ProcessRunner runner)
{
    private const string Systemctl = "/bin/systemctl";

    /// <summary>What systemd knows of a unit.</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Null when systemd does not answer.</returns>
    public async Task<UnitState?> ShowAsync(string unit, CancellationToken cancellation)
    {
        var answer = await runner.AskAsync(
            Systemctl, ["show", "--property=LoadState,ActiveState,InvocationID", "--", unit], JobLimits.QueryTime, cancellation);
        if (!answer.IsSuccess)
        {
            return null;
        }
        var fields = answer.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('=', 2)).Where(pair => pair.Length == 2)
            .ToDictionary(pair => pair[0], pair => pair[1]);
        return new UnitState(fields.GetValueOrDefault("LoadState", ""), fields.GetValueOrDefault("ActiveState", ""), fields.GetValueOrDefault("InvocationID", ""));
    }

    /// <summary>Restarts a unit and waits for it.</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="cancellation">Stops waiting; systemd goes on.</param>
    /// <returns>What systemctl said.</returns>
    public Task<ProcessAnswer> RestartAsync(string unit, CancellationToken cancellation) =>
        runner.AskAsync(Systemctl, unit == ArgumentGrammar.SystemdItself ? ["daemon-reexec"] : ["restart", "--", unit], JobLimits.RestartTime, cancellation);

    /// <summary>Begins a reboot and returns.</summary>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>What systemctl said.</returns>
    public Task<ProcessAnswer> RebootAsync(CancellationToken cancellation) =>
        runner.AskAsync(Systemctl, ["reboot", "--no-wall"], JobLimits.QueryTime, cancellation);

    /// <summary>Reads all unit files anew, then enables and starts a unit (or restarts the one that runs).</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Null when it worked, else what systemctl said.</returns>
    public async Task<string?> InstallAsync(string unit, CancellationToken cancellation)
    {
        foreach (var arguments in (string[][])[["daemon-reload"], ["enable", "--quiet", unit], ["restart", unit]])
        {
            var answer = await runner.AskAsync(Systemctl, arguments, JobLimits.RestartTime, cancellation);
            if (!answer.IsSuccess)
            {
                return $"systemctl {string.Join(' ', arguments)}: {answer.Error.Trim()}";
            }
        }
        return null;
    }
}
