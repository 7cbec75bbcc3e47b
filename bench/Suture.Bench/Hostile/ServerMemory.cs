using System.Globalization;

namespace Suture.Bench.Hostile;

/// <summary>Resident memory of the server's process, as the kernel counts it.</summary>
internal sealed class ServerMemory(int process, TimeProvider time)
{
    /// <summary>Bytes resident now.</summary>
    public long Now => Read("VmRSS:");

    /// <summary>Most bytes resident since <see cref="ForgetPeak"/>.</summary>
    public long Peak => Read("VmHWM:");

    /// <summary>Makes the peak what is resident now.</summary>
    /// <exception cref="IOException">The kernel does not allow it.</exception>
    public void ForgetPeak() => File.WriteAllText($"/proc/{process}/clear_refs", "5");

    /// <summary>Waits until it stays the same, or for the longest wait.</summary>
    /// <returns>Bytes resident then.</returns>
    public async Task<long> SettleAsync(CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        var looks = new Queue<long>();
        while (true)
        {
            looks.Enqueue(Now);
            if (looks.Count > HostileLimits.SettledLooks)
            {
                looks.Dequeue();
            }
            var isSettled = looks.Count == HostileLimits.SettledLooks && looks.Max() - looks.Min() <= HostileLimits.SettledBytes;
            if (isSettled || time.GetElapsedTime(started) > HostileLimits.SettleWait)
            {
                return looks.Last();
            }
            await Task.Delay(HostileLimits.SettlePoll, time, cancellation);
        }
    }

    private long Read(string name)
    {
        foreach (var line in File.ReadLines($"/proc/{process}/status"))
        {
            if (line.StartsWith(name, StringComparison.Ordinal))
            {
                return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)[^2], CultureInfo.InvariantCulture) * 1024;
            }
        }
        throw new BenchException($"/proc/{process}/status has no {name}");
    }
}
