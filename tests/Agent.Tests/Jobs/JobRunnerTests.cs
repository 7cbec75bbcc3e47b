using Microsoft.Extensions.Time.Testing;
using Suture.Agent.Jobs;
using Suture.Agent.Platforms.Linux;
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
        var verbs = new Dictionary<JobVerb, IVerb> { [JobVerb.EnsurePackage] = new Verb(_ => throw new FormatException("no number")), [JobVerb.ReportNow] = new ReportNow() };
        var runner = new JobRunner(journal, verbs, outlet, () => "boot", _time);
        Assert.True(runner.TryAccept(Given.Payload()));
        Assert.True(runner.TryAccept(Given.Payload(JobVerb.ReportNow, 2)));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => runner.RunAsync(stop.Token));

        Assert.Equal([(JobOutcome.Failed, "agent-error", "no number"), (JobOutcome.Done, null, null)], outlet.Delivered.Select(result => (result.Outcome, result.Reason, result.Detail)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // and so when a first attempt was cut off
    public async Task Run_AptWouldUpgradeMore_TellsTheServerWhichPackagesTheNextPlanMustName(bool wasCutOff)
    {
        using var journal = Journal.Open(Path.Combine(_directory, "journal.jsonl"), _time);
        using var stop = new CancellationTokenSource();
        var payload = Given.Payload();
        var outlet = new Outlet(stop, lastJob: payload.JobId);
        PackageChange[] more = [new() { Package = "curl", From = "1", To = "2" }];
        var check = new Check("unapproved-upgrade", "apt would also upgrade curl 2, which the job does not name.") { Unapproved = more };
        var verb = new Verb(job =>
        {
            if (wasCutOff)
            {
                journal.Append(new JournalEntry { AtUtc = default, JobId = job.JobId, Kind = JournalKind.Effect, Effect = "install" });
            }
            return JobEnd.Stopped(journal.Open().Single(), check, new Dictionary<string, DpkgPackage>());
        });
        var runner = new JobRunner(journal, new Dictionary<JobVerb, IVerb> { [JobVerb.EnsurePackage] = verb }, outlet, () => "boot", _time);
        Assert.True(runner.TryAccept(payload));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => runner.RunAsync(stop.Token));

        var result = Assert.Single(outlet.Delivered);
        Assert.Equal((wasCutOff ? JobOutcome.Failed : JobOutcome.PreflightFailed, "unapproved-upgrade"), (result.Outcome, result.Reason));
        Assert.Equal(more, result.Unapproved);
    }

    [Fact]
    public async Task Run_ClockGoesBackMeanwhile_TheResultDoesNotEndBeforeItBegan()
    {
        using var journal = Journal.Open(Path.Combine(_directory, "journal.jsonl"), _time);
        using var stop = new CancellationTokenSource();
        var payload = Given.Payload();
        var outlet = new Outlet(stop, lastJob: payload.JobId);
        var verb = new Verb(_ =>
        {
            _time.AdjustTime(Given.Now - TimeSpan.FromMinutes(10));
            return JobEnd.Failed("apt-failed", "no");
        });
        var runner = new JobRunner(journal, new Dictionary<JobVerb, IVerb> { [JobVerb.EnsurePackage] = verb }, outlet, () => "boot", _time);
        Assert.True(runner.TryAccept(payload));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => runner.RunAsync(stop.Token));

        var result = Assert.Single(outlet.Delivered);
        Assert.Equal((Given.Now, Given.Now), (result.StartedUtc, result.EndedUtc)); // the server refuses one that ends before it began
    }

    [Fact]
    public async Task Run_ShutDownWhileAVerbWaits_LeavesTheJobOpenForTheNextLife()
    {
        using var journal = Journal.Open(Path.Combine(_directory, "journal.jsonl"), _time);
        using var stop = new CancellationTokenSource();
        var outlet = new Outlet(stop, lastJob: default);
        var verb = new Verb(_ =>
        {
            stop.Cancel();
            stop.Token.ThrowIfCancellationRequested();
            throw new InvalidOperationException("The wait did not end.");
        });
        var runner = new JobRunner(journal, new Dictionary<JobVerb, IVerb> { [JobVerb.EnsurePackage] = verb }, outlet, () => "boot", _time);
        Assert.True(runner.TryAccept(Given.Payload()));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => runner.RunAsync(stop.Token));

        Assert.Empty(outlet.Delivered);
        Assert.Null(Assert.Single(journal.Open()).Result);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private sealed class Verb(Func<JobRecord, JobEnd> run) : IVerb
    {
        public Task<JobEnd> RunAsync(JobRecord job, CancellationToken cancellation) => Task.FromResult(run(job));
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
