using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Suture.Agent.Jobs;
using Suture.Agent.Platforms.Linux;
using Suture.Agent.Reports;
using Suture.Agent.State;
using Suture.Agent.Transport;
using Suture.Contracts.Approvals;
using Suture.Contracts.Enrollment;
using Suture.Contracts.Jobs;

namespace Suture.Agent;

/// <summary>The running agent: polls for jobs, carries them out, watches the machine, reports, renews its certificate. Three loops over one connection.</summary>
internal sealed class AgentLoop : IJobOutlet, IDisposable
{
    private static readonly TimeSpan SettleBeforeStartingAnew = TimeSpan.FromMinutes(1);

    private readonly StateDirectory _state;
    private readonly TimeProvider _time;
    private readonly Journal _journal;
    private readonly ReportSender _reports;
    private readonly JobRunner _jobs;
    private readonly CheckpointKeeper _checkpoints;
    private readonly ApproverKeeper _approvers;
    private readonly IMachineReader _reader;
    private readonly string _bootId;
    private readonly long _started;
    private readonly SemaphoreSlim _reportAsked = new(0, 1);
    private readonly AgentConfig _config;
    private AgentClient _client;
    private AgentClient? _retired;
    private (DateTimeOffset FromUtc, DateTimeOffset UntilUtc) _life;

    /// <summary>Makes the agent from what lies in its directory.</summary>
    /// <param name="state">The directory; the machine has joined.</param>
    /// <param name="config">Its configuration.</param>
    /// <param name="reader">Reads this machine.</param>
    /// <param name="time">Clock.</param>
    public AgentLoop(StateDirectory state, AgentConfig config, IMachineReader reader, TimeProvider time)
    {
        (_state, _config, _time, _started) = (state, config, time, time.GetTimestamp());
        _bootId = reader.Read().BootId;
        _journal = Journal.Open(state.JournalPath, time);
        _reports = new ReportSender(state, reader, config.ObservedOnly, time);
        _jobs = new JobRunner(_journal, Verbs(state, reader), this, () => _bootId, time);
        _checkpoints = new CheckpointKeeper(state, time);
        _approvers = new ApproverKeeper(state);
        _reader = reader;
        _client = Connect();
    }

    /// <summary>Runs until shutdown.</summary>
    /// <param name="cancellation">Shutdown.</param>
    /// <returns>When it was shut down, or when one of the loops failed for good (its exception comes out).</returns>
    public async Task RunAsync(CancellationToken cancellation)
    {
        AgentLog.Information(7001, $"suture-agent {AgentVersion.Text} for asset {_config.AssetId} at {_config.ServerUrl}, observed only: {_config.ObservedOnly}");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task[] loops = [PollAsync(stop.Token), WatchAsync(stop.Token), _jobs.RunAsync(stop.Token)];
        var first = await Task.WhenAny(loops);
        await stop.CancelAsync();
        try
        {
            await Task.WhenAll(loops);
        }
        catch (OperationCanceledException) when (!first.IsFaulted)
        {
            AgentLog.Information(7002, $"Shut down");
        }
    }

    /// <inheritdoc/>
    public async Task DeliverAsync(JobResult result, CancellationToken cancellation)
    {
        var backoff = new Backoff();
        while (true)
        {
            var reply = await TellAsync(result, cancellation);
            if (reply.Outcome is ReplyOutcome.Answered or ReplyOutcome.Rejected)
            {
                if (!reply.IsAnswered)
                {
                    AgentLog.Error(7101, $"The result of job {result.JobId} was not taken and will not be sent again: {reply.Detail}");
                }
                return;
            }
            AgentLog.Warning(7102, $"The result of job {result.JobId} waits: {reply.Detail}");
            await Task.Delay(backoff.Next(reply.RetryAfter), _time, cancellation);
        }
    }

    /// <inheritdoc/>
    public async Task ReportAfterAsync(Guid jobId, bool isFull, CancellationToken cancellation)
    {
        var backoff = new Backoff();
        while (await ReportAsync(isForced: true, isFull, jobId, cancellation) is not (ReplyOutcome.Answered or ReplyOutcome.Rejected))
        {
            await Task.Delay(backoff.Next(_reports.RetryAfter), _time, cancellation);
        }
    }

    /// <inheritdoc/>
    public void StartAnewIfNeeded(bool isAsked)
    {
        var replaced = OwnImage.FindReplacedFile();
        if (isAsked || replaced is not null)
        {
            AgentLog.Information(7003, $"Starting anew: {(isAsked ? "a job asked for it" : $"{replaced} was replaced")}");
            AgentLog.Error(7004, $"Starting anew failed (errno {OwnImage.StartAnew()}); going on as before");
        }
    }

    private async Task PollAsync(CancellationToken cancellation)
    {
        var backoff = new Backoff();
        while (true)
        {
            if (!await RenewIfNeededAsync(cancellation))
            {
                await Task.Delay(backoff.Next(), _time, cancellation);
                continue;
            }
            var request = new PollRequest
            {
                BootId = _bootId,
                LastSequence = _reports.LastSequence,
                WaitSeconds = RandomNumberGenerator.GetInt32(TransportLimits.PollSecondsMin, TransportLimits.PollSecondsMax + 1),
                Working = _jobs.Working(),
                Checkpoint = _checkpoints.Newest,
                Approvers = _approvers.Digest,
            };
            var reply = await _client.PollAsync(request, cancellation);
            if (!reply.IsAnswered)
            {
                AgentLog.Warning(7103, $"Poll: {reply.Detail}");
                await Task.Delay(backoff.Next(reply.RetryAfter), _time, cancellation);
                continue;
            }
            backoff.Reset();
            _checkpoints.Take(reply.Value!.Checkpoint);
            TakeApprovers(reply.Value!.Approvers);
            await DigestAsync(reply.Value!, cancellation);
        }
    }

    private async Task DigestAsync(PollResponse response, CancellationToken cancellation)
    {
        if (response.FullReportWanted)
        {
            _reports.WantFull();
            AskForReport();
        }
        var judge = new JobJudge
        {
            AssetId = _config.AssetId, ObservedOnly = _config.ObservedOnly, Keys = _config.JobSigningKeys, IsKnown = _journal.IsKnown,
            Demand = _approvers.Set is { } set ? new ApprovalDemand { Set = set, Taken = _approvers.Taken, OutdatedUnits = OutdatedUnits } : null,
        };
        var taken = 0;
        foreach (var envelope in response.Jobs.Take(JobLimits.WaitingMax))
        {
            var now = _time.GetUtcNow();
            var verdict = JobVerifier.Verify(envelope, judge, now);
            if (verdict.Kind == JobVerdictKind.Accepted)
            {
                taken += TryAccept(verdict.Payload!, now) ? 1 : 0;
            }
            else if (verdict.Kind == JobVerdictKind.Refused)
            {
                await RefuseAsync(verdict, now, cancellation);
            }
            else if (_journal.Find(verdict.JobId!.Value) is { } known)
            {
                await AnswerAgainAsync(known, now, cancellation);
            }
        }
        if (response.Jobs.Count > taken || response.FullReportWanted)
        {
            await Task.Delay(Backoff.First, _time, cancellation); // whatever the server offers again and again must not become a busy loop
        }
    }

    private void TakeApprovers(IReadOnlyList<SignedApproverSet> offered)
    {
        try
        {
            if (_approvers.Take(offered) is { } refused)
            {
                AgentLog.Warning(7116, $"{refused}");
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            AgentLog.Warning(7117, $"A set of approvers could not be written; the one before is in force, and the server offers it again: {fault.Message}");
        }
    }

    // What cannot be noted is not begun: a reboot that nobody remembers could be asked for once more.
    private bool TryAccept(JobPayload job, DateTimeOffset now)
    {
        try
        {
            _approvers.Note(job, now);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            AgentLog.Warning(7118, $"Job {job.JobId} is not taken on, for that cannot be written; the server offers it again: {fault.Message}");
            return false;
        }
        return _jobs.TryAccept(job);
    }

    private HashSet<string> OutdatedUnits() => _reader.Read().State.KnownOutdated.Select(process => process.Unit).OfType<string>().ToHashSet(StringComparer.Ordinal);

    // The server lost, or never had, how a job ended: its lease ran out although it has. Taking a result twice changes nothing.
    private async Task AnswerAgainAsync(JobRecord job, DateTimeOffset now, CancellationToken cancellation)
    {
        var result = job.Result ?? (job.IsClosed ? NotRemembered(job.JobId, now) : null);
        if (result is null)
        {
            return; // at work on it
        }
        await TellAsync(result, cancellation);
        if (job.Result is null)
        {
            AskForReport(); // it alone can tell now
        }
    }

    // A result that the server refuses for good is told once more in words that nothing can be wrong with: it would wait for it until the job's time is over, and give
    // this machine no other job meanwhile.
    private async Task<Reply<string>> TellAsync(JobResult result, CancellationToken cancellation)
    {
        var reply = await _client.ResultAsync(result, cancellation);
        if (reply.Outcome != ReplyOutcome.Rejected)
        {
            return reply;
        }
        AgentLog.Warning(7109, $"The result of job {result.JobId} was refused, and is told without its details: {reply.Detail}");
        return await _client.ResultAsync(Plain(result), cancellation);
    }

    private static JobResult Plain(JobResult result) => new()
    {
        JobId = result.JobId, Outcome = result.Outcome, Reason = result.Outcome == JobOutcome.Done ? null : "result-refused", StartedUtc = result.EndedUtc, EndedUtc = result.EndedUtc,
        Detail = "The server refused the result as it was; why stands in the agent's log.",
    };

    private static JobResult NotRemembered(Guid jobId, DateTimeOffset now) => new()
    {
        JobId = jobId, Outcome = JobOutcome.Failed, Reason = "end-not-remembered", StartedUtc = now, EndedUtc = now,
        Detail = "The agent is done with this job and does not remember how it ended: its journal was damaged there, or compacted since. The next report shows what is true.",
    };

    private async Task RefuseAsync(JobVerdict verdict, DateTimeOffset now, CancellationToken cancellation)
    {
        AgentLog.Warning(7104, $"Job {verdict.JobId} refused: {verdict.Reason}. {verdict.Detail}");
        if (verdict.JobId is { } jobId)
        {
            await _client.ResultAsync(
                new JobResult { JobId = jobId, Outcome = JobOutcome.Refused, Reason = verdict.Reason, Detail = verdict.Detail, StartedUtc = now, EndedUtc = now },
                cancellation);
        }
    }

    /// <returns>False when nothing but renewal is allowed and it did not work.</returns>
    private async Task<bool> RenewIfNeededAsync(CancellationToken cancellation)
    {
        var need = AgentIdentity.Renewal(_life.FromUtc, _life.UntilUtc, _time.GetUtcNow());
        if (need == RenewalNeed.None)
        {
            return true;
        }
        if (need == RenewalNeed.TooLate)
        {
            AgentLog.Error(7105, $"The certificate ended at {_life.UntilUtc:O}, too long ago to be renewed. Join this machine anew (the clock says {_time.GetUtcNow():O}).");
            return false;
        }
        var (key, request) = AgentIdentity.CreateRequest();
        var reply = await _client.RenewAsync(new RenewRequest { CertificateRequest = request }, cancellation);
        if (!reply.IsAnswered)
        {
            AgentLog.Warning(7106, $"The certificate was not renewed: {reply.Detail}");
            return need == RenewalNeed.Due;
        }
        TakeOver(key, reply.Value!);
        return true;
    }

    private void TakeOver(string key, RenewResponse renewed)
    {
        try
        {
            _state.WriteIdentity(AgentIdentity.Join(key, renewed.Certificate));
        }
        catch (CryptographicException exception)
        {
            AgentLog.Error(7107, $"The server issued a certificate that does not fit the key: {exception.Message}");
            return;
        }
        // The authority and the keys that may sign jobs stay those of the day this machine joined: a server cannot exchange them by itself.
        _retired?.Dispose();
        _retired = _client; // exchanges over it may still go on; it goes with the next renewal
        _client = Connect();
        AgentLog.Information(7108, $"Certificate renewed, valid until {_life.UntilUtc:O}");
    }

    private async Task<ReplyOutcome> ReportAsync(bool isForced, bool isFull, Guid? afterJob, CancellationToken cancellation)
    {
        try
        {
            return await _reports.SendAsync(_client, isForced, isFull, afterJob, cancellation);
        }
        finally
        {
            GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true); // reading a machine is the peak; give the memory back
            OwnImage.ReturnCodePages();
        }
    }

    private async Task WatchAsync(CancellationToken cancellation)
    {
        var watcher = new ChangeWatcher(ChangeWatcher.DefaultPaths);
        var backoff = new Backoff();
        var looked = _time.GetTimestamp();
        var isForced = true; // one report at start, whatever is known
        while (true)
        {
            var changed = watcher.HasChanged();
            if (isForced || changed || _time.GetElapsedTime(looked) >= ChangeWatcher.Look)
            {
                looked = _time.GetTimestamp();
                if (await ReportAsync(isForced, isFull: false, afterJob: null, cancellation) != ReplyOutcome.Answered)
                {
                    isForced = true;
                    await Task.Delay(backoff.Next(_reports.RetryAfter), _time, cancellation);
                    continue;
                }
                backoff.Reset();
                isForced = false;
                if (_time.GetElapsedTime(_started) > SettleBeforeStartingAnew && _jobs.Working().Count == 0)
                {
                    StartAnewIfNeeded(isAsked: false); // somebody else upgraded a library the agent runs
                }
            }
            isForced = await WaitAsync(cancellation);
        }
    }

    /// <returns>True when a report was asked for meanwhile.</returns>
    private async Task<bool> WaitAsync(CancellationToken cancellation)
    {
        using var glance = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var timer = Task.Delay(ChangeWatcher.Glance, _time, glance.Token);
        var asked = _reportAsked.WaitAsync(glance.Token);
        await Task.WhenAny(timer, asked);
        await glance.CancelAsync();
        cancellation.ThrowIfCancellationRequested();
        return asked.IsCompletedSuccessfully;
    }

    private void AskForReport()
    {
        if (_reportAsked.CurrentCount == 0)
        {
            _reportAsked.Release();
        }
    }

    private AgentClient Connect()
    {
        var identity = AgentIdentity.FromPem(_state.ReadIdentity()
            ?? throw new InvalidDataException($"The state directory {_state.Root} has a configuration but no identity. Join this machine anew."));
        _life = (identity.FromUtc, identity.UntilUtc);
        return new AgentClient(new Uri(_config.ServerUrl), X509Certificate2.CreateFromPem(_config.CertificateAuthority), identity);
    }

    private Dictionary<JobVerb, IVerb> Verbs(StateDirectory state, IMachineReader reader)
    {
        var runner = new ProcessRunner();
        var detached = new DetachedWork(runner, state.WorkDirectory, _time);
        var apt = new Apt(runner, state.ArchivesDirectory);
        var keeper = new PackageKeeper(state, _journal, apt, detached, _time);
        var tools = new PackageTools(new Dpkg(runner), apt, detached, _journal, keeper, new PackageLocks(_time), _time);
        var systemd = new Systemd(runner);
        return new Dictionary<JobVerb, IVerb>
        {
            [JobVerb.EnsurePackage] = new EnsurePackage(tools, reader),
            [JobVerb.RestorePackage] = new RestorePackage(tools, reader),
            [JobVerb.RestartService] = new RestartService(systemd, _journal, _time),
            [JobVerb.Reboot] = new Reboot(systemd, _journal, () => _bootId, _time),
            [JobVerb.ReportNow] = new ReportNow(),
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _client.Dispose();
        _retired?.Dispose();
        _reports.Dispose();
        _journal.Dispose();
        _reportAsked.Dispose();
    }
}
