using Suture.Agent.Platforms.Linux;
using Suture.Contracts.Jobs;

namespace Suture.Agent.Jobs;

/// <summary>Restarts services one by one, each only while it runs, and looks whether it came back. The agent itself is left to the end of the job.</summary>
internal sealed class RestartService(Systemd systemd, Journal journal, TimeProvider time) : IVerb
{
    /// <summary>The agent's own unit: the agent replaces itself once the result is with the server (<see cref="JobRunner"/>).</summary>
    public const string OwnUnit = "suture-agent.service";

    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public async Task<JobEnd> RunAsync(JobRecord job, CancellationToken cancellation)
    {
        var states = new Dictionary<string, UnitState>();
        foreach (var unit in job.Payload!.Units.Distinct())
        {
            if (await systemd.ShowAsync(unit, cancellation) is not { } state)
            {
                return JobEnd.Stopped(new Check("systemd-silent", "systemctl does not answer."));
            }
            states.Add(unit, state);
        }
        // A unit that is gone or stopped runs no old code: nothing to do for it.
        var running = states.Where(pair => pair.Value.IsActive && pair.Key != OwnUnit).ToList();
        var own = states.ContainsKey(OwnUnit);
        if (running.Count == 0 && !own && job.Effects.Count == 0)
        {
            return new JobEnd(JobOutcome.AlreadySo, "not-running", $"None of these units runs: {string.Join(", ", states.Keys)}.", []);
        }
        foreach (var (unit, state) in running)
        {
            if (await RestartAsync(job, unit, state, cancellation) is { } failure)
            {
                return failure;
            }
        }
        return JobEnd.Done();
    }

    private async Task<JobEnd?> RestartAsync(JobRecord job, string unit, UnitState before, CancellationToken cancellation)
    {
        var effect = $"restart {unit}";
        var begun = job.Effects.FirstOrDefault(entry => entry.Effect == effect);
        if (begun is not null && before.Invocation != begun.Mark)
        {
            return null; // restarted by an earlier life of this agent
        }
        if (begun is null)
        {
            journal.Append(new JournalEntry { AtUtc = default, JobId = job.JobId, Kind = JournalKind.Effect, Effect = effect, Mark = before.Invocation });
        }
        var answer = await systemd.RestartAsync(unit, cancellation);
        if (answer.IsSuccess)
        {
            await Task.Delay(Settle, time, cancellation); // a service that dies at once is not back
        }
        var after = await systemd.ShowAsync(unit, cancellation);
        return answer.IsSuccess && after is { IsActive: true }
            ? null
            : JobEnd.Failed("unit-not-active", $"{unit} is {after?.ActiveState ?? "unknown"} after its restart. {answer.Error.Trim()}");
    }
}
