using Suture.Agent.Platforms.Linux;

namespace Suture.Agent.Jobs;

/// <summary>Reboots the machine. The job ends in the next boot, and only because that boot is another one.</summary>
internal sealed class Reboot(Systemd systemd, Journal journal, Func<string> bootId, TimeProvider time) : IVerb
{
    private const string Effect = "reboot";

    /// <inheritdoc/>
    public async Task<JobEnd> RunAsync(JobRecord job, CancellationToken cancellation)
    {
        var now = bootId();
        if (now.Length == 0)
        {
            return JobEnd.Stopped(new Check("boot-unknown", "The boot id cannot be read; a reboot could not be proven."));
        }
        if (job.Effects.FirstOrDefault(entry => entry.Effect == Effect) is { } begun)
        {
            return now != begun.Mark ? JobEnd.Done() : await WaitAsync(begun, cancellation);
        }
        journal.Append(new JournalEntry { AtUtc = default, JobId = job.JobId, Kind = JournalKind.Effect, Effect = Effect, Mark = now });
        var answer = await systemd.RebootAsync(cancellation);
        return answer.IsSuccess
            ? await WaitAsync(job.Effects[^1], cancellation)
            : JobEnd.Failed("reboot-refused", $"systemctl reboot: {answer.Error.Trim()}");
    }

    /// <summary>Waits to be ended by the shutdown. An agent that was restarted between the journal and the command does not send the command again: time shows.</summary>
    private async Task<JobEnd> WaitAsync(JournalEntry begun, CancellationToken cancellation)
    {
        var left = begun.AtUtc + JobLimits.RebootTime - time.GetUtcNow();
        await Task.Delay(left < TimeSpan.Zero ? TimeSpan.Zero : left < JobLimits.RebootTime ? left : JobLimits.RebootTime, time, cancellation);
        return JobEnd.Failed("reboot-did-not-happen", $"The machine still runs the same boot {JobLimits.RebootTime.TotalMinutes:0} minutes after the reboot was asked for.");
    }
}
