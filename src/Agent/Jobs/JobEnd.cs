using Suture.Agent.Platforms.Linux;
using Suture.Contracts.Jobs;

namespace Suture.Agent.Jobs;

/// <summary>How a verb ended, before it becomes a result with its times.</summary>
/// <param name="Outcome">How.</param>
/// <param name="Reason">Short reason for programs; null when done.</param>
/// <param name="Detail">One sentence; null when there is nothing to say.</param>
/// <param name="Changes">Versions before and after.</param>
internal sealed record JobEnd(JobOutcome Outcome, string? Reason, string? Detail, IReadOnlyList<PackageChange> Changes)
{
    /// <summary>Packages that the next plan must name as well; see <see cref="JobResult.Unapproved"/>.</summary>
    public IReadOnlyList<PackageChange> Unapproved { get; init; } = [];

    /// <summary>Carried out.</summary>
    /// <param name="detail">One sentence; null when there is nothing to say.</param>
    /// <param name="changes">What changed.</param>
    /// <returns>The end.</returns>
    public static JobEnd Done(string? detail = null, IReadOnlyList<PackageChange>? changes = null) => new(JobOutcome.Done, null, detail, changes ?? []);

    /// <summary>A check said no before anything was changed.</summary>
    /// <param name="check">The check.</param>
    /// <returns>The end.</returns>
    public static JobEnd Stopped(Check check) => new(JobOutcome.PreflightFailed, check.Reason, check.Detail, []) { Unapproved = check.Unapproved };

    /// <summary>A check said no. After an attempt that was cut off that is no preflight any more: something may have changed.</summary>
    /// <param name="job">The job.</param>
    /// <param name="check">The check.</param>
    /// <param name="installed">Packages now.</param>
    /// <returns>The end.</returns>
    public static JobEnd Stopped(JobRecord job, Check check, IReadOnlyDictionary<string, DpkgPackage> installed) =>
        job.Effects.Count == 0
            ? Stopped(check)
            : Failed(check.Reason!, $"The change was cut off and cannot be finished: {check.Detail}", EnsureDecision.ChangesSince(job, installed)) with { Unapproved = check.Unapproved };

    /// <summary>Tried, and did not end well.</summary>
    /// <param name="reason">Short reason.</param>
    /// <param name="detail">One sentence.</param>
    /// <param name="changes">What changed all the same.</param>
    /// <returns>The end.</returns>
    public static JobEnd Failed(string reason, string detail, IReadOnlyList<PackageChange>? changes = null) => new(JobOutcome.Failed, reason, detail, changes ?? []);
}

/// <summary>One verb: carries out a job from wherever the journal says it stands.</summary>
internal interface IVerb
{
    /// <summary>Carries out a job. Called again for the same job after a crash: it must look at what is true first.</summary>
    /// <param name="job">What the journal says of it; its payload is verified.</param>
    /// <param name="cancellation">Shutdown: stop waiting; work handed to systemd goes on.</param>
    /// <returns>How it ended.</returns>
    Task<JobEnd> RunAsync(JobRecord job, CancellationToken cancellation);
}
