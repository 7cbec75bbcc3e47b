using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Suture.Bench.Loop;

namespace Suture.Bench.Hostile;

/// <summary>Carries one attack out, over several connections at the same time, for a stated time.</summary>
/// <remarks>The attacker's threads have the lowest priority of the machine: it stands for a machine of its own, whose processor the server has not to share.</remarks>
internal sealed class RunAttack(Uri server, Joined attacker, int connections, int answersASecond, TimeProvider time)
{
    private const int LowestPriority = 19;
    private static readonly TimeSpan PaceGrain = TimeSpan.FromMilliseconds(2);

    private readonly ConcurrentDictionary<int, int> _statuses = new();
    private readonly ConcurrentDictionary<string, bool> _looked = new();
    private readonly ErrorList _faults = new();
    private long _answers;
    private long _slowestTicks;
    private int _cut;

    /// <summary>Answers by status.</summary>
    public IReadOnlyDictionary<int, int> Statuses => _statuses;

    /// <summary>What was wrong with answers.</summary>
    public ErrorList Faults => _faults;

    /// <summary>Answers.</summary>
    public long Answers => _answers;

    /// <summary>Connections that ended without an answer.</summary>
    public int Cut => _cut;

    /// <summary>The slowest answer.</summary>
    public TimeSpan Slowest => TimeSpan.FromTicks(_slowestTicks);

    /// <summary>Attacks.</summary>
    /// <param name="messages">Messages, sent in turn.</param>
    /// <param name="pipelined">Messages written at once.</param>
    /// <param name="length">For how long.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task RunAsync(IReadOnlyList<HostileMessage> messages, int pipelined, TimeSpan length, CancellationToken cancellation)
    {
        var bytes = messages.Select(message => message.Request.ToBytes()).ToList();
        var started = time.GetTimestamp();
        var threads = Enumerable.Range(0, connections).Select(number => OnThreadAsync(() => Attack(messages, bytes, number, pipelined, started, length, cancellation))).ToList();
        await Task.WhenAll(threads);
    }

    /// <summary>Sends what was answered with "too many" alone again, at the pace that the server asks for: it must be refused for what it is, too.</summary>
    public async Task ProbeAsync(IReadOnlyList<HostileMessage> messages, CancellationToken cancellation)
    {
        foreach (var message in messages.Where(message => !_looked.ContainsKey(message.Name)))
        {
            await ProbeAsync(message, message.Request.ToBytes(), cancellation);
        }
    }

    private void Attack(IReadOnlyList<HostileMessage> messages, List<byte[]> bytes, int number, int pipelined, long started, TimeSpan length, CancellationToken cancellation)
    {
        RawConnection? connection = null;
        var (at, sent) = (number, 0L);
        while (time.GetElapsedTime(started) < length && !cancellation.IsCancellationRequested)
        {
            // At the pace that was asked for; a server that is slower sets its own.
            var ahead = TimeSpan.FromSeconds(sent * (double)connections / answersASecond) - time.GetElapsedTime(started);
            if (ahead > PaceGrain)
            {
                cancellation.WaitHandle.WaitOne(ahead);
                continue;
            }
            sent += pipelined;
            try
            {
                connection ??= RawConnection.Open(server, attacker);
                var isLast = pipelined == 1
                    ? Exchange(connection, messages[at % messages.Count], bytes[at % messages.Count])
                    : Pipeline(connection, messages[at % messages.Count], bytes[at % messages.Count], pipelined);
                at++;
                if (isLast)
                {
                    connection.Dispose();
                    connection = null;
                }
            }
            catch (Exception fault) when (fault is IOException or System.Security.Authentication.AuthenticationException)
            {
                Interlocked.Increment(ref _cut);
                connection?.Dispose();
                connection = null;
            }
        }
        connection?.Dispose();
    }

    private bool Exchange(RawConnection connection, HostileMessage message, byte[] bytes)
    {
        var sent = time.GetTimestamp();
        var answer = connection.Exchange(bytes);
        Note(message, answer, time.GetElapsedTime(sent));
        return answer.IsLast;
    }

    private bool Pipeline(RawConnection connection, HostileMessage message, byte[] bytes, int pipelined)
    {
        var all = new byte[bytes.Length * pipelined];
        for (var copy = 0; copy < pipelined; copy++)
        {
            bytes.CopyTo(all, copy * bytes.Length);
        }
        var sent = time.GetTimestamp();
        connection.Write(all);
        for (var copy = 0; copy < pipelined; copy++)
        {
            var answer = connection.Read();
            Note(message, answer, time.GetElapsedTime(sent));
            if (answer.IsLast)
            {
                return true;
            }
        }
        return false;
    }

    private void Note(HostileMessage message, RawAnswer answer, TimeSpan elapsed)
    {
        Interlocked.Increment(ref _answers);
        _statuses.AddOrUpdate(answer.Status, 1, (_, before) => before + 1);
        long slowest;
        while (elapsed.Ticks > (slowest = Interlocked.Read(ref _slowestTicks)) && Interlocked.CompareExchange(ref _slowestTicks, elapsed.Ticks, slowest) != slowest)
        {
        }
        if (answer.Status != 429)
        {
            _looked.TryAdd(message.Name, true);
        }
        if (JudgeAnswer.Fault(message, answer, elapsed) is { } fault)
        {
            _faults.Add(new BenchException(fault));
        }
    }

    private async Task ProbeAsync(HostileMessage message, byte[] bytes, CancellationToken cancellation)
    {
        for (var attempt = 0; attempt < HostileLimits.ProbesMax; attempt++)
        {
            RawAnswer answer;
            try
            {
                answer = await Task.Run(
                    () =>
                    {
                        using var connection = RawConnection.Open(server, attacker);
                        var sent = time.GetTimestamp();
                        var answer = connection.Exchange(bytes);
                        Note(message, answer, time.GetElapsedTime(sent));
                        return answer;
                    },
                    cancellation);
            }
            catch (IOException)
            {
                Interlocked.Increment(ref _cut);
                continue;
            }
            if (answer.Status != 429)
            {
                return;
            }
            var wait = TimeSpan.FromSeconds(int.TryParse(answer.RetryAfter, out var seconds) ? seconds : 1);
            await Task.Delay(wait < HostileLimits.ProbeWaitMax ? wait : HostileLimits.ProbeWaitMax, time, cancellation);
        }
        _faults.Add(new BenchException($"{message.Name}: was never looked at"));
    }

    private static Task OnThreadAsync(Action work)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                // Of the calling thread alone: Linux keeps this by thread.
                _ = SetPriority(0, 0, LowestPriority);
                work();
                done.SetResult();
            }
            catch (Exception fault)
            {
                done.SetException(fault);
            }
        })
        { IsBackground = true, Name = "attacker" }.Start();
        return done.Task;
    }

    [DllImport("libc", EntryPoint = "setpriority")]
    private static extern int SetPriority(int which, uint who, int priority);
}
