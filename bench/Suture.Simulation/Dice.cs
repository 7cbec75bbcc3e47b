using CsCheck;

namespace Suture.Simulation;

/// <summary>All chance of one run. Equal seeds, equal throws.</summary>
internal sealed class Dice(ulong seed)
{
    private readonly PCG _source = new(1, seed);

    /// <summary>A whole number from 0 to below a bound.</summary>
    internal int Below(int bound) => (int)_source.Next((uint)bound);

    /// <summary>True in so many of a thousand throws.</summary>
    internal bool Hits(int perMille) => Below(1_000) < perMille;

    /// <summary>A span of whole milliseconds, both ends included.</summary>
    internal TimeSpan Milliseconds(int least, int most) => TimeSpan.FromMilliseconds(least + Below(most - least + 1));
}
