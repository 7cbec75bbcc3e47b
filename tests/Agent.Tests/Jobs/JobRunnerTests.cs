using Microsoft.Extensions.Time.Testing;
using Suture.Agent.Jobs;
using Suture.Contracts.Jobs;

namespace Suture.Agent.Tests.Jobs;

public sealed class JobRunnerTests : IDisposable
{
    private readonly string _directory = Given.TemporaryDirectory();
    private readonly FakeTimeProvider _time = new(Given.Now);

    [Fact]
    public async Task Run_VerbFallsOverSomethingUnforeseen_EndsThatJobAsFailedAndCarriesOutTheNext()
    {
        using var journal = Journal.Open(Path.Combine(_directory, "journal.jsonl"), _time);
        using var stop = new CancellationTokenSource();
        var outlet = new Outlet(stop, lastJob: Given.Payload(JobVerb.ReportNow, 2).JobId);
        var verbs = new Dictionary<JobVerb, IVerb> { [JobVerb.EnsurePackage] = new Verb(() => throw new FormatException("no number")), [JobVerb.ReportNow] = new ReportNow() };
        var runner = new JobRunner(journal, verbs, outlet, () => "boot", _time);
        Assert.True(runner.TryAccept(Given.Payload()));
        Assert.True(runner.TryAccept(Given.Payload(JobVerb.ReportNow, 2)));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => runner.RunAsync(stop.Token));

        Assert.Equal([(JobOutcome.Failed, "agent-error", "no number"), (JobOutcome.Done, null, null)], outlet.Delivered.Select(result => (result.Outcome, result.Reason, result.Detail)));
    }

    [Fact]
    public async Task Run_ShutDownWhileAVerbWaits_LeavesTheJobOpenForTheNextLife()
    {
        using var journal = Journal.Open(Path.Combine(_directory, "journal.jsonl"), _time);
        using var stop = new CancellationTokenSource();
        var outlet = new Outlet(stop, lastJob: default);
        var verb = new Verb(() =>
        {
            stop.Cancel();
            stop.Token.ThrowIfCancellationRequested();
        });
        var runner = new JobRunner(journal, new Dictionary<JobVerb, IVerb> { [JobVerb.EnsurePackage] = verb }, outlet, () => "boot", _time);
        Assert.True(runner.TryAccept(Given.Payload()));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => runner.RunAsync(stop.Token));

        Assert.Empty(outlet.Delivered);
        Assert.Null(Assert.Single(journal.Open()).Result);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private sealed class Verb(Action run) : IVerb
    {
        public Task<JobEnd> RunAsync(JobRecord job, CancellationToken cancellation)
        {
            run();
            return Task.FromResult(JobEnd.Failed("unexpected", "the action returned"));
        }
    }

    /// <summary>Takes results; shuts down after the report of the last job.</summary>
    private sealed class Outlet(CancellationTokenSource stop, Guid lastJob) : IJobOutlet
    {
        public List<JobResult> Delivered { get; } = [];

        public Task DeliverAsync(JobResult result, CancellationToken cancellation)
        {
            Delivered.Add(result);
            return Task.CompletedTask;
        }

        public Task ReportAfterAsync(Guid jobId, bool isFull, CancellationToken cancellation)
        {
            if (jobId == lastJob)
            {
                stop.Cancel();
            }
            return Task.CompletedTask;
        }

        public void StartAnewIfNeeded(bool isAsked)
        {
        }
    }
}
