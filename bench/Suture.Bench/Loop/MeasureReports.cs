using System.Collections.Concurrent;
using System.Threading.Channels;
using Suture.Contracts;

namespace Suture.Bench.Loop;

/// <summary>Times reports until their findings are readable.</summary>
/// <remarks>
/// 1. The agents take turns; so many reports as stated are on their way at once, and the next is sent when one is done (a closed loop).
/// 2. Each report tells that the agent's one changing source was upgraded, or that it was set back; so its findings vanish or appear.
/// 3. The clock starts when the report, packed and ready, is handed to the connection. It stops when <c>GET /findings</c> shows exactly as many
///    findings of the source as the matcher says; the looks are <see cref="LoopLimits.FindingsPoll"/> apart and the last one is in the time.
/// </remarks>
internal sealed class MeasureReports(ServerUnderTest server, TimeProvider time)
{
    private readonly ConcurrentBag<TimeSpan> _visible = [];
    private readonly ConcurrentBag<TimeSpan> _answered = [];
    private readonly ErrorList _errors = new();

    /// <summary>Measures.</summary>
    /// <param name="agents">Agents that have reported everything.</param>
    /// <param name="reports">Reports to time.</param>
    /// <param name="atOnce">Reports on their way at the same time.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<ReportFigures> RunAsync(IReadOnlyList<BenchAgent> agents, int reports, int atOnce, CancellationToken cancellation)
    {
        var turns = Channel.CreateBounded<BenchAgent>(agents.Count);
        foreach (var agent in agents)
        {
            await turns.Writer.WriteAsync(agent, cancellation);
        }
        var left = reports;
        var cpuBefore = server.ProcessorTime;
        await Task.WhenAll(Enumerable.Range(0, atOnce).Select(_ => WorkAsync()));
        await server.WaitForIdleAsync(cancellation);
        return new ReportFigures
        {
            Seconds = Distribution.Of(_visible),
            AnsweredSeconds = Distribution.Of(_answered),
            ServerCpuSecondsEach = (server.ProcessorTime - cpuBefore).TotalSeconds / reports,
            Errors = _errors.Count,
            ErrorTexts = _errors.Texts,
            BarSeconds = LoopLimits.ReportBar.TotalSeconds,
        };

        async Task WorkAsync()
        {
            while (Interlocked.Decrement(ref left) >= 0)
            {
                var agent = await turns.Reader.ReadAsync(cancellation);
                await TurnAsync(agent, cancellation);
                await turns.Writer.WriteAsync(agent, cancellation);
            }
        }
    }

    /// <summary>Brings an agent's endpoint to a state, and waits until its findings show.</summary>
    /// <returns>When the report was answered and when the findings showed, counted from the begin of the request.</returns>
    /// <exception cref="BenchException">The report was refused, or the findings do not come.</exception>
    public async Task<(TimeSpan Answered, TimeSpan Visible)> ReportAsync(BenchAgent agent, bool isUpgraded, CancellationToken cancellation)
    {
        var report = agent.Prepare(isUpgraded);
        var started = time.GetTimestamp();
        await agent.SendAsync(report, isUpgraded, cancellation);
        var answered = time.GetElapsedTime(started);
        while (true)
        {
            var seen = await CountAsync(agent, cancellation);
            var elapsed = time.GetElapsedTime(started);
            if (seen == agent.FindingsExpected)
            {
                return (answered, elapsed);
            }
            if (elapsed > LoopLimits.ReportWait)
            {
                throw new BenchException(
                    $"{agent.Facts.Name} shows {seen} findings of {agent.Facts.Change.Upgrade.Source} after {elapsed.TotalSeconds:F0} s, wanted {agent.FindingsExpected}");
            }
            await Task.Delay(LoopLimits.FindingsPoll, time, cancellation);
        }
    }

    private async Task TurnAsync(BenchAgent agent, CancellationToken cancellation)
    {
        try
        {
            var (answered, visible) = await ReportAsync(agent, !agent.IsUpgraded, cancellation);
            _answered.Add(answered);
            _visible.Add(visible);
        }
        catch (Exception fault) when (ErrorList.Counts(fault, cancellation))
        {
            _errors.Add(fault);
        }
    }

    private async Task<int?> CountAsync(BenchAgent agent, CancellationToken cancellation)
    {
        var path = $"findings?asset={agent.Asset}&source={Uri.EscapeDataString(agent.Facts.Change.Upgrade.Source)}&limit=1";
        return (await server.Api.GetAsync(path, ContractsJson.Default.PageFinding, cancellation)).Total;
    }
}
