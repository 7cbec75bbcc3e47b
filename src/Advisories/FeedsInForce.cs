using Suture.Knowledge.Feeds;

namespace Suture.Advisories;

/// <summary>The feeds in force: the last known good of each, as one snapshot that readers take whole.</summary>
public sealed class FeedsInForce
{
    private volatile FeedSnapshot _current;

    /// <summary>Starts with a snapshot.</summary>
    /// <param name="initial">What is in force until the first replacement; an empty one makes everything unknown.</param>
    public FeedsInForce(FeedSnapshot initial) => _current = initial;

    /// <summary>The snapshot in force now. Take it once per operation.</summary>
    public FeedSnapshot Current => _current;

    /// <summary>Puts another snapshot in force.</summary>
    /// <param name="snapshot">The new one; readers of the old one finish with it.</param>
    public void Replace(FeedSnapshot snapshot) => _current = snapshot;
}
