using Suture.Contracts.Inventory;
using Suture.Knowledge.Versions;

namespace Suture.Collect.Apt;

/// <summary>Newer versions that the machine's own indexes offer.</summary>
/// <remarks>Pins of <c>apt_preferences</c> are not honoured: the offer is what a machine without pins would take. A repository that says of itself that nothing is taken
/// from it automatically (backports, experimental) counts only for a package that is already beyond what the others offer, as apt has it. A package of the distribution
/// is offered the distribution's versions alone: a higher one of a third party is another package, which no advisory speaks of, and not the fix of this one. So is a package
/// of unknown origin: it goes along with the upgrade of its source's other packages.</remarks>
internal static class Updates
{
    /// <summary>Finds the newest version above the installed one, at most one a package and architecture; a security suite goes first among equals.</summary>
    /// <param name="packages">Installed packages.</param>
    /// <param name="indexes">The indexes.</param>
    /// <param name="distribution"><c>ID</c> of <c>os-release</c>.</param>
    /// <param name="withoutHash">Updates left out because their index has no SHA-256 for them.</param>
    /// <returns>Ordered by package, architecture.</returns>
    public static IReadOnlyList<AvailableUpdate> Find(
        IReadOnlyList<InstalledPackage> packages, AptIndexes indexes, string distribution, ICollection<string> withoutHash)
    {
        var updates = new List<AvailableUpdate>();
        foreach (var package in packages)
        {
            var offer = Newest(package, indexes.Of(package.Name), distribution);
            if (offer is null)
            {
                continue;
            }
            if (offer.Entry.Sha256 is null)
            {
                withoutHash.Add(package.Name);
                continue;
            }
            updates.Add(ToUpdate(offer, offer.Entry.Sha256, distribution));
        }
        return updates;
    }

    private static Offer? Newest(InstalledPackage package, IReadOnlyList<Offer> offers, string distribution)
    {
        var fitting = offers.Where(offer =>
            (offer.Entry.Architecture == package.Architecture || offer.Entry.Architecture == "all" || package.Architecture == "all")
            && (package.Origin == OriginKind.ThirdParty || offer.Release.IsOf(distribution))).ToArray();
        var automatic = Highest(fitting.Where(offer => !offer.Release.IsNotAutomatic), distribution);
        if (automatic is not null && DebianVersion.Compare(automatic.Entry.Version, package.Version) >= 0)
        {
            return DebianVersion.Compare(automatic.Entry.Version, package.Version) > 0 ? automatic : null;
        }
        var upgrade = Highest(fitting.Where(offer => offer.Release is { IsNotAutomatic: true, HasAutomaticUpgrades: true }), distribution);
        return upgrade is not null && DebianVersion.Compare(upgrade.Entry.Version, package.Version) > 0 ? upgrade : null;
    }

    private static Offer? Highest(IEnumerable<Offer> offers, string distribution)
    {
        Offer? best = null;
        foreach (var offer in offers)
        {
            var order = best is null ? 1 : DebianVersion.Compare(offer.Entry.Version, best.Entry.Version);
            if (order > 0 || (order == 0 && offer.Release.IsSecurityOf(distribution) && !best!.Release.IsSecurityOf(distribution)))
            {
                best = offer;
            }
        }
        return best;
    }

    private static AvailableUpdate ToUpdate(Offer offer, string sha256, string distribution)
    {
        var (source, version) = DebianSource.Map(offer.Entry.Name, offer.Entry.Version, offer.Entry.SourceField);
        return new AvailableUpdate
        {
            Package = offer.Entry.Name,
            Architecture = offer.Entry.Architecture,
            Version = offer.Entry.Version,
            Source = source,
            SourceVersion = version,
            Suite = offer.Release.Name,
            Label = offer.Release.Label,
            IsSecurity = offer.Release.IsSecurityOf(distribution),
            Sha256 = sha256,
            SizeBytes = offer.Entry.SizeBytes,
        };
    }
}
