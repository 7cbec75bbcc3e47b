namespace Suture.Bench;

/// <summary>Spread of measured times.</summary>
internal sealed record Distribution
{
    /// <summary>Times measured, at least 0.</summary>
    public required int Count { get; init; }

    /// <summary>Median, seconds; null when nothing was measured, as are the others.</summary>
    public double? P50 { get; init; }

    /// <summary>90th percentile, seconds.</summary>
    public double? P90 { get; init; }

    /// <summary>99th percentile, seconds.</summary>
    public double? P99 { get; init; }

    /// <summary>Longest, seconds.</summary>
    public double? Max { get; init; }

    /// <summary>Percentiles by nearest rank: the smallest measured time that at least that part of all times does not exceed. Nothing is interpolated.</summary>
    /// <param name="times">In any order.</param>
    public static Distribution Of(IEnumerable<TimeSpan> times)
    {
        var sorted = times.Select(time => time.TotalSeconds).Order().ToList();
        return sorted.Count == 0
            ? new Distribution { Count = 0 }
            : new Distribution { Count = sorted.Count, P50 = Rank(sorted, 50), P90 = Rank(sorted, 90), P99 = Rank(sorted, 99), Max = sorted[^1] };
    }

    private static double Rank(List<double> sorted, int percent) => sorted[((sorted.Count * percent) + 99) / 100 - 1];
}
