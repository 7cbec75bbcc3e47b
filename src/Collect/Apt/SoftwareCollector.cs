using Suture.Collect.Dpkg;
using Suture.Collect.Files;
using Suture.Contracts.Inventory;
using Suture.Knowledge.Versions;

namespace Suture.Collect.Apt;

/// <summary>Installed packages with their origin, and what the indexes say.</summary>
/// <param name="Packages">Ordered as digests want them; null when dpkg's status could not be read.</param>
/// <param name="Updates">Null when unknown.</param>
/// <param name="Indexes">Null when unknown.</param>
/// <param name="IsOnlyDistribution">Every repository configured is the distribution's; null when unknown.</param>
internal sealed record Software(
    IReadOnlyList<InstalledPackage>? Packages, IReadOnlyList<AvailableUpdate>? Updates, IReadOnlyList<PackageIndex>? Indexes, bool? IsOnlyDistribution = null);

/// <summary>Joins dpkg's status with apt's indexes.</summary>
/// <param name="root">The machine.</param>
/// <param name="options">State folder and clock.</param>
/// <param name="failures">Where faults go.</param>
internal sealed class SoftwareCollector(MachineRoot root, CollectOptions options, FailureList failures)
{
    /// <summary>The distribution where <c>os-release</c> cannot be read.</summary>
    internal const string DistributionDefault = "debian";

    private const string IndexCollector = "package-indexes";

    /// <summary>Reads indexes and memory and decides each package's origin.</summary>
    /// <param name="status">dpkg's status; null when it could not be read.</param>
    /// <param name="system">The operating system; null when unknown, then Debian is taken.</param>
    public Software Collect(StatusContent? status, OperatingSystemRelease? system)
    {
        if (status is null)
        {
            return new Software(null, null, null);
        }
        var distribution = system?.Id ?? DistributionDefault;
        var wanted = WantedOf(status);
        var cache = options.Caches is { } folder ? IndexCache.Load(folder, wanted) : null;
        var indexes = failures.Attempt(IndexCollector, () => AptIndexes.Read(root, wanted, distribution, cache, failures));
        if (indexes is null)
        {
            // Without knowing the indexes no origin can be told, not even by inference: what they offer could contradict it.
            return new Software(ReportDigest.Order(status.Packages.Select(Unattributed)), null, null);
        }
        NameStale(indexes);
        var configured = failures.Attempt("apt-sources", () => SourcesList.Read(root));
        bool? isOnlyDistribution = configured?.All(repository => SourcesList.IsDistribution(repository, system?.Codename));
        var packages = Attribute(status, indexes, distribution, isOnlyDistribution);
        var updates = indexes.Releases.Count == 0 ? null : failures.Attempt("available-updates", () => FindUpdates(packages, indexes, distribution));
        if (indexes.Releases.Count == 0)
        {
            failures.Add(IndexCollector, "/var/lib/apt/lists holds no package index that can be read: available updates are unknown. Run apt-get update.");
        }
        failures.Attempt<object>("state-folder", () => { cache?.Save(); return null; });
        return new Software(packages, updates, [.. indexes.Releases.Select(ToIndex)], isOnlyDistribution);
    }

    private IReadOnlyList<InstalledPackage> Attribute(StatusContent status, AptIndexes indexes, string distribution, bool? isOnlyDistribution)
    {
        var memory = options.StateDirectory is { } folder ? OriginMemory.Load(folder, failures) : null;
        var evidence = status.Packages.Select(package => new OriginEvidence
        {
            Package = package,
            Distribution = distribution,
            Offers = indexes.Of(package.Name),
            Remembered = memory?.Find(package.Name, package.Version, package.Architecture),
            HasDistributionIndex = indexes.HasDistribution,
            IsSourceInDistribution = indexes.DistributionHasSource(SourceNameOf(package)),
            IsOnlyDistributionConfigured = isOnlyDistribution,
        }).ToArray();
        AddHistory(evidence);
        var packages = ReportDigest.Order(evidence.Select(item => ToPackage(item.Package, OriginDecision.Decide(item))));
        failures.Attempt<object>("origin-memory", () => { memory?.Save(packages, indexes, distribution); return null; });
        return packages;
    }

    private void AddHistory(OriginEvidence[] evidence)
    {
        var doubtful = evidence.Where(OriginDecision.NeedsHistory).Select(item => item.Package.Name).ToHashSet(StringComparer.Ordinal);
        var history = doubtful.Count == 0 ? null : failures.Attempt("package-history", () => PackageHistory.Read(root, doubtful));
        for (var i = 0; history is not null && i < evidence.Length; i++)
        {
            if (history.TryGetValue(evidence[i].Package.Name, out var versions))
            {
                evidence[i] = evidence[i] with { History = versions };
            }
        }
    }

    private IReadOnlyList<AvailableUpdate> FindUpdates(IReadOnlyList<InstalledPackage> packages, AptIndexes indexes, string distribution)
    {
        var withoutHash = new List<string>();
        var updates = Updates.Find(packages, indexes, distribution, withoutHash);
        if (withoutHash.Count > 0)
        {
            failures.Add("available-updates", $"The indexes give no SHA-256 for {withoutHash.Count} updates ({string.Join(", ", withoutHash.Take(CollectLimits.FaultsQuoted))}); they are left out.");
        }
        return updates;
    }

    private void NameStale(AptIndexes indexes)
    {
        var now = options.Time.GetUtcNow();
        foreach (var release in indexes.Releases.Where(release => release.ValidUntilUtc <= now))
        {
            failures.Add(IndexCollector, $"The index of {release.Words} was valid until {release.ValidUntilUtc:yyyy-MM-dd}; newer updates are unknown. Run apt-get update.");
        }
    }

    private static Wanted WantedOf(StatusContent status) => new(
        status.Packages.Select(package => package.Name).ToHashSet(StringComparer.Ordinal),
        status.Packages.Select(SourceNameOf).ToHashSet(StringComparer.Ordinal));

    private static string SourceNameOf(StatusEntry package)
    {
        var field = package.SourceField ?? package.Name;
        var space = field.IndexOf(' ', StringComparison.Ordinal);
        return space < 0 ? field : field[..space];
    }

    private static InstalledPackage Unattributed(StatusEntry entry) => ToPackage(entry, new OriginVerdict(OriginKind.Unknown, OriginBasis.Inferred, null));

    private static InstalledPackage ToPackage(StatusEntry entry, OriginVerdict verdict)
    {
        var (source, version) = DebianSource.Map(entry.Name, entry.Version, entry.SourceField);
        return new InstalledPackage
        {
            Name = entry.Name,
            Version = entry.Version,
            Architecture = entry.Architecture,
            Source = source,
            SourceVersion = version,
            Origin = verdict.Kind,
            OriginBasis = verdict.Basis,
            OriginLabel = verdict.Label,
        };
    }

    private static PackageIndex ToIndex(RepositoryRelease release) => new() { Suite = release.Name, Origin = release.Origin, DateUtc = release.DateUtc };
}
