using Suture.Knowledge.Feeds;

namespace Suture.Knowledge.Matching;

/// <summary>Which advisories apply to one asset, by the distribution's own word (design decision 5).</summary>
public static class Matcher
{
    /// <summary>Matches one asset against the feeds in force.</summary>
    /// <param name="asset">The asset's software and state.</param>
    /// <param name="feeds">The feeds.</param>
    /// <returns>Findings with evidence, and everything that could not be known.</returns>
    public static MatchResult Match(MatchInput asset, FeedSnapshot feeds) => throw new NotImplementedException();
}
