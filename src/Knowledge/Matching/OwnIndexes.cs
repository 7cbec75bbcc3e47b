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

    /// <summary>What an update says that no other record speaks of: that it is there. An index names no CVE, the changelog in the package does.</summary>
    public static FixRecord ToRecord(AvailableUpdate update) =>
        FixRecord.Unread(update.Suite, update.Source, update.SourceVersion, "no feed in force speaks of this version; a server reads changelogs from the archive, a scan does not");

    /// <summary>The finding of a package below such an update: unknown until the changelog is read.</summary>
    public static Finding ToFinding(InstalledPackage package, AvailableUpdate update, FixRecord record, IReadOnlyList<PackageIndex>? indexes) => new()
    {
        Vulnerability = record.Vulnerability,
        Package = package.Name,
        Architecture = package.Architecture,
        Source = update.Source,
        InstalledVersion = package.SourceVersion,
        FixedVersion = update.SourceVersion,
        Status = FindingStatus.Unknown,
        Evidence =
        [
            new FindingEvidence
            {
                Feed = FeedNames.DebianArchive,
                FeedDate = DateOf(update.Suite, indexes),
                Record = record.Record,
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
