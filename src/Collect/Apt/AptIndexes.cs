using Suture.Collect.Files;

namespace Suture.Collect.Apt;

/// <summary>One version offered, with the repository that offers it.</summary>
/// <param name="Release">The repository.</param>
/// <param name="Entry">The version.</param>
internal sealed record Offer(RepositoryRelease Release, IndexEntry Entry);

/// <summary>All package indexes of the machine, as far as they concern what is installed.</summary>
internal sealed class AptIndexes
{
    private readonly Dictionary<string, List<Offer>> _offers = new(StringComparer.Ordinal);
    private readonly HashSet<string> _distributionSources = new(StringComparer.Ordinal);
    private readonly List<RepositoryRelease> _releases = [];
    private readonly string _distribution;

    private AptIndexes(string distribution) => _distribution = distribution;

    /// <summary>Repositories of which an index was read, ordered by name; unique.</summary>
    public IReadOnlyList<RepositoryRelease> Releases => [.. _releases.Distinct().OrderBy(r => r.Name, StringComparer.Ordinal).ThenBy(r => r.Origin, StringComparer.Ordinal)];

    /// <summary>True when an index of the distribution was read.</summary>
    public bool HasDistribution => _releases.Exists(release => release.IsOf(_distribution));

    /// <summary>Every version that an index offers of an installed name; empty when none does.</summary>
    /// <param name="name">Binary package.</param>
    public IReadOnlyList<Offer> Of(string name) => _offers.TryGetValue(name, out var offers) ? offers : [];

    /// <summary>True when the distribution's indexes have some binary of the source.</summary>
    /// <param name="source">Source as the <c>Source</c> field names it.</param>
    public bool DistributionHasSource(string source) => _distributionSources.Contains(source);

    /// <summary>Reads them; an index that cannot be read is a failure and the others still count.</summary>
    /// <param name="root">The machine.</param>
    /// <param name="wanted">What to keep.</param>
    /// <param name="distribution"><c>ID</c> of <c>os-release</c>.</param>
    /// <param name="cache">Results of earlier parses; null for a one-shot scan.</param>
    /// <param name="failures">Where faults go.</param>
    public static AptIndexes Read(MachineRoot root, Wanted wanted, string distribution, IndexCache? cache, FailureList failures)
    {
        var indexes = new AptIndexes(distribution);
        var releases = IndexFile.ReadReleases(root, failures);
        foreach (var file in IndexFile.List(root))
        {
            var content = failures.Attempt("package-indexes", () => ReadOne(root, file, wanted, cache));
            if (content is not null)
            {
                indexes.Add(file.ReleaseOf(releases), content);
            }
        }
        return indexes;
    }

    private static IndexContent ReadOne(MachineRoot root, IndexFile file, Wanted wanted, IndexCache? cache)
    {
        var facts = root.Stat(file.Path);
        if (facts is { } known && cache?.Find(file.Name, known) is { } cached)
        {
            return cached;
        }
        var content = IndexReader.Read(file.Open(root), file.Name, wanted);
        if (facts is { } read)
        {
            cache?.Keep(file.Name, read, content);
        }
        return content;
    }

    private void Add(RepositoryRelease release, IndexContent content)
    {
        _releases.Add(release);
        if (release.IsOf(_distribution))
        {
            _distributionSources.UnionWith(content.Sources);
        }
        foreach (var entry in content.Entries)
        {
            if (!_offers.TryGetValue(entry.Name, out var offers))
            {
                _offers[entry.Name] = offers = [];
            }
            offers.Add(new Offer(release, entry));
        }
    }
}
