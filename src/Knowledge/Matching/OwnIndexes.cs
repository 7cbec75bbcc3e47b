using Suture.Contracts.Api;
using Suture.Contracts.Inventory;
using Suture.Knowledge.Feeds;
using Suture.Knowledge.Versions;

namespace Suture.Knowledge.Matching;

/// <summary>The machine's own signed package indexes as a feed.</summary>
internal static class OwnIndexes
{
    /// <summary>Security updates offered, the highest for each package.</summary>
    public static Dictionary<(string Package, string Architecture), AvailableUpdate> SecurityUpdates(MatchInput asset)
    {
        var updates = new Dictionary<(string, string), AvailableUpdate>();
        if (!asset.UseOwnIndexes || asset.State?.AvailableUpdates is not { } offered)
        {
            return updates;
        }
        foreach (var update in offered)
        {
            var key = (update.Package, update.Architecture);
            if (update.IsSecurity && (!updates.TryGetValue(key, out var other) || DebianVersion.Compare(other.SourceVersion, update.SourceVersion) < 0))
            {
                updates[key] = update;
            }
        }
        return updates;
    }

    /// <summary>The unrated finding of a package below an update that no other record speaks of.</summary>
    public static Finding ToFinding(InstalledPackage package, AvailableUpdate update, IReadOnlyList<PackageIndex>? indexes) => new()
    {
        Vulnerability = FixRecord.UnratedId(update.Source, update.SourceVersion),
        IsUnrated = true,
        Package = package.Name,
        Architecture = package.Architecture,
        Source = update.Source,
        InstalledVersion = package.SourceVersion,
        FixedVersion = update.SourceVersion,
        Status = FindingStatus.Affected,
        Evidence =
        [
            new FindingEvidence
            {
                Feed = FeedNames.DebianArchive,
                FeedDate = DateOf(update.Suite, indexes),
                Record = $"{update.Source} {update.SourceVersion}",
                Rule = $"{update.Source} {package.SourceVersion} < {update.SourceVersion} ({update.Suite})",
            },
        ],
    };

    private static DateOnly? DateOf(string suite, IReadOnlyList<PackageIndex>? indexes)
    {
        foreach (var index in indexes ?? [])
        {
            if (index.Suite == suite && index.DateUtc is { } date)
            {
                return DateOnly.FromDateTime(date.UtcDateTime);
            }
        }
        return null;
    }
}
