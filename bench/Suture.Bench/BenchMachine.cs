using System.Globalization;

namespace Suture.Bench;

/// <summary>The machine that a figure was measured on.</summary>
internal sealed record BenchMachine
{
    /// <summary>Processors that this process may use.</summary>
    public required int Cores { get; init; }

    /// <summary>The operating system in words; null when unknown.</summary>
    public string? OperatingSystem { get; init; }

    /// <summary>Load average of the last minute when the benchmark began; null when unknown. Work of others shows here.</summary>
    public double? LoadBefore { get; init; }

    /// <summary>Load average of the last minute when it ended; the benchmark's own work is in it.</summary>
    public double? LoadAfter { get; init; }

    /// <summary>Load average of the last minute now; null when the kernel does not tell.</summary>
    public static double? ReadLoad()
    {
        try
        {
            var words = File.ReadAllText("/proc/loadavg").Split(' ');
            return double.TryParse(words[0], CultureInfo.InvariantCulture, out var load) ? load : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
