namespace Suture.Agent.Jobs;

/// <summary>Takes a fresh full report. The report itself follows the result, as after any job.</summary>
internal sealed class ReportNow : IVerb
{
    /// <inheritdoc/>
    public Task<JobEnd> RunAsync(JobRecord job, CancellationToken cancellation) => Task.FromResult(JobEnd.Done());
}
