using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Suture.Server.Commands;

namespace Suture.Server.Tests.Commands;

/// <summary>The keeping of the local agent, with real processes and a clock of the test's own.</summary>
public sealed class LocalAgentTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly Channel<(int Id, DateTimeOffset AtUtc)> _starts = Channel.CreateUnbounded<(int, DateTimeOffset)>();
    private readonly Lines _log = new();

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(5, 16)]
    [InlineData(9, 256)]
    [InlineData(10, 300)]
    [InlineData(1000, 300)]
    public void WaitAfter_EndsInARow_DoublesUpToTheBound(int ends, double seconds) => Assert.Equal(TimeSpan.FromSeconds(seconds), LocalAgent.WaitAfter(ends));

    [Fact]
    public async Task Keep_AgentThatDies_IsStartedAgainLaterEachTimeAndSaysSo()
    {
        await using var agent = new LocalAgent(() => Start("exit 7"), _time, _log);

        var began = new List<DateTimeOffset>();
        for (var start = 1; start <= 3; start++)
        {
            began.Add((await NextStartAsync()).AtUtc);
        }

        Assert.True(began[1] - began[0] >= TimeSpan.FromSeconds(1), $"{began[1] - began[0]}");
        Assert.True(began[2] - began[1] >= TimeSpan.FromSeconds(2), $"{began[2] - began[1]}");
        Assert.StartsWith("The agent of this machine has ended (exit code 7): this machine is not looked at until it is started again in 1 s", _log.First, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stop_AgentThatRuns_EndsItAndStartsNoOther()
    {
        int id;
        await using (var agent = new LocalAgent(() => Start("read line"), _time, _log))
        {
            id = (await NextStartAsync()).Id;
            agent.Stop();
        }

        Assert.Throws<ArgumentException>(() => Process.GetProcessById(id));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.False(_starts.Reader.TryRead(out _));
        Assert.Null(_log.First);
    }

    [Fact]
    public async Task Keep_ProgramThatIsGone_IsTriedAgain()
    {
        var isGone = false;
        await using var agent = new LocalAgent(
            () =>
            {
                var process = Start(isGone ? throw new System.ComponentModel.Win32Exception(2) : "exit 0");
                isGone = true;
                return process;
            },
            _time,
            _log);

        while (_log.Count < 4)
        {
            _time.Advance(TimeSpan.FromMilliseconds(200));
            await Task.Yield();
        }

        Assert.Contains(_log.All, line => line.Contains("does not start", StringComparison.Ordinal));
    }

    // Moves the clock until the next process is there.
    private async Task<(int Id, DateTimeOffset AtUtc)> NextStartAsync()
    {
        (int, DateTimeOffset) start;
        while (!_starts.Reader.TryRead(out start))
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }
        return start;
    }

    private Process Start(string script)
    {
        var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", script]) { RedirectStandardInput = true })!;
        _starts.Writer.TryWrite((process.Id, _time.GetUtcNow()));
        return process;
    }

    private sealed class Lines : ILogger<LocalAgent>
    {
        private readonly ConcurrentQueue<string> _lines = new();

        public string? First => _lines.TryPeek(out var line) ? line : null;

        public int Count => _lines.Count;

        public IReadOnlyCollection<string> All => _lines;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _lines.Enqueue(formatter(state, exception));
    }
}
