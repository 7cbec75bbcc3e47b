using System.Collections.Concurrent;
using System.Globalization;
using Suture.Bench.Loop;
using Suture.Contracts;
using Suture.Contracts.Inventory;
using Suture.Contracts.Jobs;

namespace Suture.Bench.Hostile;

/// <summary>Agents that do what the real one does on an endpoint on which nothing happens, more often: each waits in a poll and sends a small report at a fixed rate.</summary>
/// <remarks>The time of a report runs from the moment at which it is due, so that a late start, because the one before was slow, is in it.</remarks>
internal sealed class HonestAgents : IAsyncDisposable
{
    private readonly List<HonestAgent> _agents = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly TimeProvider _time;
    private readonly TimeSpan _every;
    private readonly List<Task> _loops = [];
    private volatile Round _round = new();

    /// <param name="every">Time between two reports of one agent.</param>
    /// <param name="time">Clock.</param>
    public HonestAgents(TimeSpan every, TimeProvider time) => (_every, _time) = (every, time);

    /// <summary>What was seen in one phase.</summary>
    internal sealed class Round
    {
        /// <summary>Times until reports were answered.</summary>
        public ConcurrentBag<TimeSpan> Times { get; } = [];

        /// <summary>What went wrong.</summary>
        public ErrorList Errors { get; } = new();

        /// <summary>Adds what was seen in another.</summary>
        public void Add(Round other)
        {
            foreach (var seen in other.Times)
            {
                Times.Add(seen);
            }
            Errors.Add(other.Errors);
        }
    }

    /// <summary>Assets of them.</summary>
    public IReadOnlyList<Guid> Assets => [.. _agents.Select(agent => agent.Asset)];

    /// <summary>Boot of the first.</summary>
    public string FirstBoot => _agents[0].BootId;

    /// <summary>Adds one; owned from here on.</summary>
    public void Add(HonestAgent agent) => _agents.Add(agent);

    /// <summary>Has each report everything once, then lets them go on until disposal.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        foreach (var agent in _agents)
        {
            await agent.ReportAsync(isFull: true, cancellation);
        }
        var number = 0;
        foreach (var agent in _agents)
        {
            var first = _every * (++number / (double)_agents.Count);
            _loops.Add(Task.Run(() => ReportsAsync(agent, first), CancellationToken.None));
            _loops.Add(Task.Run(() => PollsAsync(agent), CancellationToken.None));
        }
    }

    /// <summary>Ends a phase and begins the next.</summary>
    /// <returns>What was seen in the one that ended.</returns>
    public Round Next() => Interlocked.Exchange(ref _round, new Round());

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_loops);
        _agents.ForEach(agent => agent.Dispose());
        _stop.Dispose();
    }

    private async Task ReportsAsync(HonestAgent agent, TimeSpan first)
    {
        var started = _time.GetTimestamp();
        for (var due = first; !_stop.IsCancellationRequested; due += _every)
        {
            try
            {
                var wait = due - _time.GetElapsedTime(started);
                if (wait > TimeSpan.Zero)
                {
                    await Task.Delay(wait, _time, _stop.Token);
                }
                // A timer comes late; only what the report before delayed counts.
                var late = wait > TimeSpan.Zero ? TimeSpan.Zero : -wait;
                var round = _round;
                var sent = _time.GetTimestamp();
                await agent.ReportAsync(isFull: false, _stop.Token);
                round.Times.Add(_time.GetElapsedTime(sent) + late);
            }
            catch (Exception fault) when (ErrorList.Counts(fault, _stop.Token))
            {
                _round.Errors.Add(fault);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task PollsAsync(HonestAgent agent)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await agent.PollAsync(_stop.Token);
            }
            catch (Exception fault) when (ErrorList.Counts(fault, _stop.Token))
            {
                _round.Errors.Add(fault);
                await Task.Delay(HostileLimits.SettlePoll, _time, CancellationToken.None);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
        }
    }
}

/// <summary>One of them.</summary>
internal sealed class HonestAgent(Joined joined, string name, ReportContent facts, Uri server, TimeProvider time) : IDisposable
{
    private readonly AgentConnection _connection = new(server, joined.Authority, joined.Identity);
    private readonly string _bootId = string.Create(CultureInfo.InvariantCulture, $"boot-of-{name}");
    private long _sequence;

    /// <summary>Its asset.</summary>
    public Guid Asset => joined.Asset;

    /// <summary>Its boot.</summary>
    public string BootId => _bootId;

    /// <summary>Reports.</summary>
    /// <exception cref="BenchException">It was refused, or not stored.</exception>
    public async Task ReportAsync(bool isFull, CancellationToken cancellation)
    {
        var report = HostileBodies.Report(name, _bootId, ++_sequence, facts, time.GetUtcNow());
        using var content = AgentConnection.Pack(isFull ? report : report with { Software = null, State = null }, ContractsJson.Default.AssetReport);
        var answer = await _connection.SendAsync("report", content, ContractsJson.Default.ReportResponse, cancellation);
        if (answer.Outcome != ReportOutcome.Accepted)
        {
            throw new BenchException($"a report of {name} was answered with {answer.Outcome}: {answer.Detail}");
        }
    }

    /// <summary>Waits for work.</summary>
    public async Task PollAsync(CancellationToken cancellation)
    {
        using var content = AgentConnection.Plain(
            new PollRequest { BootId = _bootId, LastSequence = Volatile.Read(ref _sequence), WaitSeconds = HostileLimits.PollWaitSeconds }, ContractsJson.Default.PollRequest);
        await _connection.SendAsync("poll", content, ContractsJson.Default.PollResponse, cancellation);
    }

    public void Dispose() => _connection.Dispose();
}
