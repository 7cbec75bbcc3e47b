using Suture.Agent.Jobs;
using Suture.Agent.Reports;
using Suture.Agent.Transport;
using Suture.Contracts.Inventory;
using Suture.Contracts.Jobs;
using Suture.Inventory.Reports;
using Suture.Remediation.Dispatch;

namespace Suture.Simulation;

/// <summary>One life of an agent, from start to death: its own journal, runner, report sender and verifier, over the simulated network.</summary>
internal sealed class AgentLife : IJobOutlet, IReportCarrier
{
    private readonly World _world;
    private readonly SimulatedAgent _agent;
    private readonly Journal _journal;
    private readonly JobRunner _runner;
    private readonly ReportSender _reports;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _died = new();

    internal AgentLife(World world, SimulatedAgent agent)
    {
        (_world, _agent) = (world, agent);
        _journal = Journal.Open(agent.State.JournalPath, world.Time);
        _reports = new ReportSender(agent.State, agent.Machine, observedOnly: false, world.Time);
        _runner = new JobRunner(_journal, ModelVerbs.Of(agent.Machine, _journal, this), this, () => agent.Machine.BootId, world.Time);
    }

    internal bool IsDead { get; private set; }

    /// <summary>True when nothing is left to do.</summary>
    internal bool IsIdle => _journal.Open().Count == 0;

    /// <summary>Ends this life at once: no line of it runs on past its next wait.</summary>
    internal void Die(string why)
    {
        if (!IsDead)
        {
            IsDead = true;
            _world.Tell($"{_agent.Machine.Name}: the agent dies ({why})");
            _world.Counts.AgentDeaths++;
            _journal.Dispose();
            _died.SetResult();
            _stop.Cancel();
        }
    }

    /// <summary>Works until death.</summary>
    internal async Task RunAsync()
    {
        _world.Begin(async () => await _runner.RunAsync(_stop.Token));
        var isForced = true;
        while (!IsDead)
        {
            if (isForced || BuildReport.Differs(_agent.Machine.Read(), _agent.State.ReadReports()))
            {
                isForced = await _reports.SendAsync(this, isForced, isFull: false, afterJob: null, CancellationToken.None) != ReplyOutcome.Answered;
            }
            isForced |= await PollAsync();
            await OrDeathAsync(_world.Thread.Delay(_world.Dice.Milliseconds(500, 15_000)));
        }
    }

    /// <summary>A step of a job: others may come between, and the agent may die here.</summary>
    internal async Task StepAsync()
    {
        await _world.Thread.YieldAsync();
        if (_world.Dice.Hits(_world.Faults.AgentDeath))
        {
            Die("at a step of a job");
        }
        ThrowIfDead();
    }

    /// <summary>Waits for something that goes on without this agent.</summary>
    internal async Task OrDeathAsync(Task task)
    {
        await Task.WhenAny(task, _died.Task);
        ThrowIfDead();
        await task;
    }

    /// <inheritdoc/>
    public async Task DeliverAsync(JobResult result, CancellationToken cancellation)
    {
        await StepAsync();
        while (true)
        {
            var reply = await AskAsync(server => TellAsync(server, result));
            if (reply.Outcome == ReplyOutcome.Rejected)
            {
                throw new BrokenRule($"The server does not know job {_world.Name(result.JobId)} of {_agent.Machine.Name}: {reply.Detail}");
            }
            if (reply.IsAnswered)
            {
                await StepAsync();
                return;
            }
            await OrDeathAsync(_world.Thread.Delay(_world.Dice.Milliseconds(1_000, 30_000)));
        }
    }

    /// <inheritdoc/>
    public async Task ReportAfterAsync(Guid jobId, bool isFull, CancellationToken cancellation)
    {
        await StepAsync();
        while (await _reports.SendAsync(this, isForced: true, isFull, jobId, CancellationToken.None) is not (ReplyOutcome.Answered or ReplyOutcome.Rejected))
        {
            await OrDeathAsync(_world.Thread.Delay(_world.Dice.Milliseconds(1_000, 30_000)));
        }
        await StepAsync();
    }

    /// <inheritdoc/>
    public void StartAnewIfNeeded(bool isAsked)
    {
    }

    /// <inheritdoc/>
    public async Task<Reply<ReportResponse>> ReportAsync(AssetReport report, CancellationToken cancellation)
    {
        ThrowIfDead();
        var reply = await AskAsync(async server =>
        {
            var result = await server.Get<ReceiveReport>().ReceiveAsync(_agent.Asset, report, CancellationToken.None);
            return result.Outcome switch
            {
                ReceiveReport.ReceiveOutcome.Answered => new Reply<ReportResponse>(ReplyOutcome.Answered, result.Response, ""),
                ReceiveReport.ReceiveOutcome.Busy => new Reply<ReportResponse>(ReplyOutcome.Busy, null, "busy"),
                _ => throw new BrokenRule($"The server says that a true report of {_agent.Machine.Name} lies about {result.FaultPlace}."),
            };
        });
        if (reply.Value is { Outcome: ReportOutcome.Quarantined } answer)
        {
            throw new BrokenRule($"{_agent.Machine.Name} is alone and was quarantined: {answer.Detail}");
        }
        if (reply.IsAnswered && reply.Value!.Outcome == ReportOutcome.Accepted)
        {
            _agent.Acknowledged.Add((report.BootId, report.Sequence));
        }
        return reply;
    }

    private static async Task<Reply<string>> TellAsync(ServerLife server, Guid asset, JobResult result) =>
        await server.Get<TakeResult>().HandleAsync(asset, result, CancellationToken.None) switch
        {
            ResultTaken.NotYours => new Reply<string>(ReplyOutcome.Rejected, null, "no such job"),
            ResultTaken.Busy => new Reply<string>(ReplyOutcome.Busy, null, "busy"),
            _ => new Reply<string>(ReplyOutcome.Answered, "", ""),
        };

    private Task<Reply<string>> TellAsync(ServerLife server, JobResult result) => TellAsync(server, _agent.Asset, result);

    /// <returns>True when a report is asked for.</returns>
    private async Task<bool> PollAsync()
    {
        var request = new PollRequest { BootId = _agent.Machine.BootId, LastSequence = _reports.LastSequence, WaitSeconds = 0, Working = _runner.Working() };
        var reply = await AskAsync(server => server.PollAsync(_agent.Asset, request));
        if (!reply.IsAnswered)
        {
            return false;
        }
        var judge = new JobJudge { AssetId = _agent.Asset, ObservedOnly = false, Keys = _world.Server.JobKeys, IsKnown = _journal.IsKnown };
        var isTold = reply.Value!.FullReportWanted;
        if (isTold)
        {
            _reports.WantFull();
        }
        foreach (var envelope in reply.Value.Jobs)
        {
            var verdict = JobVerifier.Verify(envelope, judge, _world.Time.GetUtcNow());
            switch (verdict.Kind)
            {
                case JobVerdictKind.Accepted:
                    _world.Tell($"{_agent.Machine.Name}: takes {_world.Name(verdict.JobId!.Value)} {verdict.Payload!.Verb}");
                    _agent.Taken.Add(verdict.Payload);
                    _runner.TryAccept(verdict.Payload);
                    break;
                case JobVerdictKind.Known when _journal.Find(verdict.JobId!.Value) is { Result: { } result }:
                    await AskAsync(server => TellAsync(server, result));
                    break;
                case JobVerdictKind.Refused:
                    throw new BrokenRule($"{_agent.Machine.Name} refuses an honest server's job: {verdict.Reason} {verdict.Detail}");
                default:
                    break; // at work on it
            }
        }
        return isTold;
    }

    private async Task<Reply<T>> AskAsync<T>(Func<ServerLife, Task<Reply<T>>> request)
        where T : class
    {
        var reply = await _world.Network.AskAsync(request);
        ThrowIfDead();
        return reply;
    }

    private void ThrowIfDead()
    {
        if (IsDead)
        {
            throw new DeadException();
        }
    }
}
