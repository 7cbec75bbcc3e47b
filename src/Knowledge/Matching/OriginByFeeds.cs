using Suture.Contracts.Inventory;
using Suture.Knowledge.Feeds;

namespace Suture.Knowledge.Matching;

/// <summary>Whose a package is, where the machine itself cannot tell for lack of package indexes (a container's image, a mounted root).</summary>
public static class OriginByFeeds
{
    /// <summary>Takes packages for the distribution's of which nothing tells the origin, nothing speaks against it, and whose source the feeds know in that release.</summary>
    /// <param name="packages">Installed packages; null when unknown.</param>
    /// <param name="state">State of the machine; null for a mere status file.</param>
    /// <param name="release">Its release; null when unknown.</param>
    /// <param name="feeds">The feeds.</param>
    /// <returns>The packages in the same order; the same list when nothing changes.</returns>
    /// <remarks>Only on a machine that holds no index and has only the distribution's repositories configured. Many of Debian's packages are kept by persons with
    /// addresses of their own (git, xz-utils, e2fsprogs), so that the maintainer alone does not tell. What a third party ships under a name that the feeds do not know
    /// stays unknown instead of counting as judged.</remarks>
    public static IReadOnlyList<InstalledPackage>? Resolve(IReadOnlyList<InstalledPackage>? packages, MachineState? state, string? release, FeedSnapshot feeds)
    {
        ArgumentNullException.ThrowIfNull(feeds);
        if (packages is null || release is null || state is not { IsOnlyDistributionConfigured: true, PackageIndexes.Count: 0 } || !feeds.Covers(release))
        {
            return packages;
        }
        var known = new Dictionary<string, bool>(StringComparer.Ordinal);
        return [.. packages.Select(package => package.Origin == OriginKind.Unknown && IsKnown(package.Source) ? package with { Origin = OriginKind.Distribution } : package)];

        bool IsKnown(string source)
        {
            if (!known.TryGetValue(source, out var isKnown))
            {
                known[source] = isKnown = feeds.FixesOf(release, source).Count > 0;
            }
            return isKnown;
        }
    }
}
