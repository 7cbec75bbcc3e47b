using Suture.Knowledge.Feeds;

namespace Suture.Knowledge.Matching;

/// <summary>Which advisories apply to one asset, by the distribution's own word (design decision 5).</summary>
public static class Matcher
{
    /// <summary>Matches one asset against the feeds in force. Pure; safe to call from any number of threads.</summary>
    /// <param name="asset">The asset's software and state.</param>
    /// <param name="feeds">The feeds.</param>
    /// <returns>Findings with evidence, and everything that could not be known.</returns>
    /// <remarks>
    /// 1. A package is affected while its source version is below the highest fixed version that any record of the release gives.
    ///    Only packages of the distribution are matched (by <see cref="OriginByFeeds"/> also some whose machine could not tell); a third-party or unknown origin is an
    ///    unknown item.
    /// 2. Of the kernel images only the running one counts, judged by the version that runs; with a fixed image installed the finding is
    ///    <c>pending_effect</c>, action <c>reboot</c>. Images that do not run and are not newer are removable. In a container the kernel is the host's: unknown.
    /// 3. A security update whose changelog is not read is a finding of status <c>unknown</c>, and an unknown item that says why: that the update is there is known,
    ///    what it closes is not. With <see cref="MatchInput.UseOwnIndexes"/> so is one that the machine's own indexes offer and no fix of the feeds reaches.
    /// 4. A previously open finding that is fixed on disk stays <c>pending_effect</c> while a process runs old code of its source, and
    ///    <c>unknown</c> while that cannot be seen; it is left out only when this report shows that it is closed, or when no publisher states it any more.
    /// 5. Failed collectors, a release that is unknown or not covered, old code that no earlier finding explains: unknown items.
    /// </remarks>
    public static MatchResult Match(MatchInput asset, FeedSnapshot feeds)
    {
        ArgumentNullException.ThrowIfNull(asset);
        ArgumentNullException.ThrowIfNull(feeds);
        return new MatchRun(asset with { Packages = OriginByFeeds.Resolve(asset.Packages, asset.State, asset.Release, feeds) }, feeds).Execute();
    }
}
