namespace Suture.Compliance;

/// <summary>Percentiles by nearest rank: always a value that occurred.</summary>
internal static class Percentile
{
    /// <summary>The smallest value that at least the given part of all values do not exceed.</summary>
    /// <param name="sorted">Ascending; may be empty.</param>
    /// <param name="part">Above 0, at most 1.</param>
    /// <returns>Null when there are no values.</returns>
    internal static double? Of(IReadOnlyList<double> sorted, double part) =>
        sorted.Count == 0 ? null : sorted[Math.Clamp((int)Math.Ceiling(part * sorted.Count) - 1, 0, sorted.Count - 1)];
}
