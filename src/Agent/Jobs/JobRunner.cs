using System.Threading.Channels;
using Suture.Agent.State;
using Suture.Contracts.Jobs;

namespace Suture.Agent.Jobs;

/// <summary>What a job needs of the rest of the agent to be over: its result taken, a fresh report taken, perhaps a fresh process.</summary>
internal interface IJobOutlet
{
    /// <summary>Brings a result to the server; returns only when the server has it or refuses it for good.</summary>
    /// <param name="result">The result.</param>
    /// <param name="cancellation">Shutdown.</param>
    /// <returns>When it is there.</returns>
    Task DeliverAsync(JobResult result, CancellationToken cancellation);

    /// <summary>Takes a report after a job and brings it to the server; returns only when the server has it.</summary>
    /// <param name="jobId">The job.</param>
    /// <param name="isFull">True: everything.</param>
    /// <param name="cancellation">Shutdown.</param>
    /// <returns>When it is there.</returns>
    Task ReportAfterAsync(Guid jobId, bool isFull, CancellationToken cancellation);

    /// <summary>Starts the agent anew when it runs replaced code itself, or when a job asked for it; does not return then.</summary>
    /// <param name="isAsked">A job asked for it.</param>
    void StartAnewIfNeeded(bool isAsked);
}

/// <summary>Carries jobs out, one at a time, in the order they came, from wherever the journal says each stands.</summary>
/// <remarks>
/// A job's life, each step durable before the next: accepted, began, effects, ended, result sent, fresh report sent. The result goes first, because the
/// report is the proof: the server then checks the job against a report that names it (<c>afterJob</c>). Between the two the agent starts itself anew when
/// the change replaced code it runs, so that the report does not find the agent itself outdated.
/// </remarks>
internal sealed class JobRunner(Journal journal, IReadOnlyDictionary<JobVerb, IVerb> verbs, IJobOutlet outlet, Func<string> bootId, TimeProvider time)
{
    private readonly Channel<Guid> _waiting = Channel.CreateUnbounded<Guid>(new UnboundedChannelOptions { SingleReader = true });

    /// <summary>Jobs that are not over, for the poll: their leases go on.</summary>
    /// <returns>Ids, at most <see cref="JobLimits.WaitingMax"/>.</returns>
    public IReadOnlyList<Guid> Working() => [.. journal.Open().Where(job => job.Result is null).Take(JobLimits.WaitingMax).Select(job => job.JobId)];

    /// <summary>Takes a verified job on: from here on it survives a crash.</summary>
    /// <param name="payload">The job.</param>
    /// <returns>False when too many wait; the server offers it again.</returns>
    public bool TryAccept(JobPayload payload)
    {
        if (journal.Open().Count >= JobLimits.WaitingMax)
        {
            return false;
        }
        journal.Append(new JournalEntry { AtUtc = default, JobId = payload.JobId, Kind = JournalKind.Accepted, Payload = payload });
        return _waiting.Writer.TryWrite(payload.JobId);
    }

    /// <summary>Resumes what an earlier life left, then carries out what comes, until shutdown.</summary>
    /// <param name="cancellation">Shutdown.</param>
    /// <returns>Never, but by shutdown.</returns>
    public async Task RunAsync(CancellationToken cancellation)
    {
        foreach (var job in journal.Open())
        {
            await CarryOutAsync(job, cancellation);
        }
        while (await _waiting.Reader.WaitToReadAsync(cancellation))
        {
            while (_waiting.Reader.TryRead(out var jobId))
            {
                if (journal.Find(jobId) is { IsClosed: false } job)
                {
                    await CarryOutAsync(job, cancellation);
                }
            }
        }
    }

    private async Task CarryOutAsync(JobRecord job, CancellationToken cancellation)
    {
        if (job.Payload is null)
        {
            journal.Append(job.JobId, JournalKind.Closed); // its line was damaged; what it was cannot be told, so it is not run
            return;
        }
        if (job.Result is null)
        {
            End(job, await WorkAsync(job, job.Payload, cancellation));
        }
        if (!job.IsSent)
        {
            await outlet.DeliverAsync(job.Result!, cancellation);
            journal.Append(job.JobId, JournalKind.Sent);
            outlet.StartAnewIfNeeded(job.Payload.Verb == JobVerb.RestartService && job.Payload.Units.Contains(RestartService.OwnUnit) && job.Result!.Outcome == JobOutcome.Done);
        }
        await outlet.ReportAfterAsync(job.JobId, job.Payload.Verb == JobVerb.ReportNow, cancellation);
        journal.Append(job.JobId, JournalKind.Reported);
    }

    private async Task<JobEnd> WorkAsync(JobRecord job, JobPayload payload, CancellationToken cancellation)
    {
        if (job.Effects.Count == 0 && time.GetUtcNow() >= payload.ExpiresUtc)
        {
            return new JobEnd(JobOutcome.Refused, "expired", $"The job ended at {payload.ExpiresUtc:O} before it could begin.", []);
        }
        if (!verbs.TryGetValue(payload.Verb, out var verb))
        {
            return new JobEnd(JobOutcome.Refused, "verb-unknown", "This agent does not know the verb.", []);
        }
        if (job.BeganUtc is null)
        {
            journal.Append(new JournalEntry { AtUtc = default, JobId = job.JobId, Kind = JournalKind.Began, BootId = bootId() });
            AgentLog.Information(7302, $"Job {job.JobId} ({payload.Verb}) begins");
        }
        else
        {
            AgentLog.Warning(7303, $"Job {job.JobId} ({payload.Verb}) was cut off after {job.Effects.Count} effects; looking at what is true");
        }
        try
        {
            return await verb.RunAsync(job, cancellation);
        }
        // Whatever a verb throws ends this job, and not the agent: it would start again, take the job up again and fall over it again.
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            AgentLog.Error(7304, $"Job {job.JobId} ({payload.Verb}): {exception.Message}");
            return JobEnd.Failed("agent-error", exception.Message);
        }
    }

    private void End(JobRecord job, JobEnd end)
    {
        var now = time.GetUtcNow();
        var began = job.BeganUtc ?? now;
        var result = new JobResult
        {
            JobId = job.JobId,
            Outcome = end.Outcome,
            Reason = end.Reason,
            Detail = end.Detail is { Length: > JobLimits.DetailLengthMax } ? end.Detail[..JobLimits.DetailLengthMax] : end.Detail,
            StartedUtc = began,
            EndedUtc = now > began ? now : began, // a clock may be set back meanwhile, after a reboot above all
            Changes = end.Changes,
            Unapproved = end.Unapproved,
        };
        journal.Append(new JournalEntry { AtUtc = default, JobId = job.JobId, Kind = JournalKind.Ended, Result = result });
        AgentLog.Information(7305, $"Job {job.JobId} ended: {end.Outcome} {end.Reason}");
    }
}
