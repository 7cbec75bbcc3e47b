using System.Globalization;
using Suture.Agent.Jobs;
using Suture.Contracts.Jobs;

namespace Suture.Simulation;

/// <summary>The verbs on the model of a machine. They keep the journal's order as the real ones do; between any two steps the agent may die.</summary>
internal static class ModelVerbs
{
    internal static Dictionary<JobVerb, IVerb> Of(Endpoint machine, Journal journal, AgentLife life) => new()
    {
        [JobVerb.EnsurePackage] = new Ensure(machine, journal, life),
        [JobVerb.RestartService] = new Restart(machine, journal, life),
        [JobVerb.Reboot] = new Reboot(machine, journal, life),
        [JobVerb.ReportNow] = new ReportNow(),
    };

    private static void Begin(Journal journal, Guid job, string effect, string? mark = null) =>
        journal.Append(new JournalEntry { AtUtc = default, JobId = job, Kind = JournalKind.Effect, Effect = effect, Mark = mark });

    private sealed class Ensure(Endpoint machine, Journal journal, AgentLife life) : IVerb
    {
        public async Task<JobEnd> RunAsync(JobRecord job, CancellationToken cancellation)
        {
            await life.StepAsync();
            var missing = EnsureDecision.Missing(job.Payload!.Packages, machine.Dpkg());
            if (missing.Count == 0)
            {
                return job.Effects.Count > 0 ? JobEnd.Done() : new JobEnd(JobOutcome.AlreadySo, null, null, []);
            }
            if (EnsureDecision.MayChange(missing, machine.Dpkg()) is { IsPassed: false } check)
            {
                return JobEnd.Stopped(check);
            }
            await life.StepAsync();
            if (job.Effects.Count == 0)
            {
                Begin(journal, job.JobId, "install");
            }
            await life.StepAsync();
            var change = machine.UpgradeAsync(PackageTools.UnitOf(job.JobId, "install"), missing, job.JobId);
            await life.OrDeathAsync(change);
            await life.StepAsync();
            var still = EnsureDecision.Missing(job.Payload.Packages, machine.Dpkg());
            return still.Count == 0 ? JobEnd.Done() : JobEnd.Failed("apt-failed", $"{still[0].Name} is not at {still[0].Version}");
        }
    }

    private sealed class Restart(Endpoint machine, Journal journal, AgentLife life) : IVerb
    {
        public async Task<JobEnd> RunAsync(JobRecord job, CancellationToken cancellation)
        {
            var mark = machine.Invocation.ToString(CultureInfo.InvariantCulture);
            if (job.Effects.FirstOrDefault() is { } begun && begun.Mark != mark)
            {
                return JobEnd.Done();
            }
            if (job.Effects.Count == 0)
            {
                Begin(journal, job.JobId, $"restart {Endpoint.Unit}", mark);
            }
            await life.StepAsync();
            machine.Restart(job.JobId);
            await life.StepAsync();
            return JobEnd.Done();
        }
    }

    private sealed class Reboot(Endpoint machine, Journal journal, AgentLife life) : IVerb
    {
        public async Task<JobEnd> RunAsync(JobRecord job, CancellationToken cancellation)
        {
            if (job.Effects.FirstOrDefault() is { } begun)
            {
                return begun.Mark != machine.BootId ? JobEnd.Done() : JobEnd.Failed("reboot-did-not-happen", "The agent died before it asked for the reboot.");
            }
            Begin(journal, job.JobId, "reboot", machine.BootId);
            await life.StepAsync();
            machine.Reboot(job.JobId);
            life.Die("reboot");
            throw new DeadException();
        }
    }
}
