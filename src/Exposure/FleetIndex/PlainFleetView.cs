using System.Collections.Immutable;
using Suture.Knowledge.Versions;

namespace Suture.Exposure.FleetIndex;

/// <summary>One state of the plain index: persistent maps of sets.</summary>
internal sealed record PlainFleetView : IFleetView
{
    internal static PlainFleetView Empty { get; } = new();

    internal ImmutableDictionary<int, FleetAsset> Assets { get; init; } = ImmutableDictionary<int, FleetAsset>.Empty;

    internal ImmutableDictionary<SoftwareRow, PlainAssetSet> Software { get; init; } = ImmutableDictionary<SoftwareRow, PlainAssetSet>.Empty;

    internal ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, SourceVersions>> Sources { get; init; } =
        ImmutableSortedDictionary.Create<string, ImmutableSortedDictionary<string, SourceVersions>>(StringComparer.Ordinal);

    internal ImmutableDictionary<Facet, PlainAssetSet> Facets { get; init; } = ImmutableDictionary<Facet, PlainAssetSet>.Empty;

    public IAssetSet All => FacetSet(new Facet(FacetKind.All, ""));

    public IReadOnlyList<string> Releases => [.. Sources.Keys];

    public IAssetSet InternetFacing => FacetSet(new Facet(FacetKind.InternetFacing, ""));

    public FleetAsset? Find(int ordinal) => Assets.GetValueOrDefault(ordinal);

    public IReadOnlyList<string> SourcesOf(string release) => Sources.TryGetValue(release, out var sources) ? [.. sources.Keys] : [];

    public IReadOnlyList<string> VersionsOf(string release, string source) => Versions(release, source).Ordered;

    public IAssetSet With(SoftwareRow row) => Software.GetValueOrDefault(row, PlainAssetSet.Empty);

    public IAssetSet WithSource(string release, string source) => Versions(release, source).Below(null);

    public IAssetSet AssetsAffectedBy(string release, string source, string fixedVersion) => Versions(release, source).Below(fixedVersion);

    public IAssetSet InGroups(IEnumerable<Guid> groups) =>
        groups.Aggregate((IAssetSet)PlainAssetSet.Empty, (union, group) => union.Union(FacetSet(new Facet(FacetKind.Group, group.ToString("N")))));

    public IAssetSet InEnvironment(string environment) => FacetSet(new Facet(FacetKind.Environment, environment));

    public IAssetSet OfCriticality(int criticality) => FacetSet(new Facet(FacetKind.Criticality, ((char)('0' + criticality)).ToString()));

    internal SourceVersions Versions(string release, string source) =>
        Sources.TryGetValue(release, out var sources) && sources.TryGetValue(source, out var versions) ? versions : SourceVersions.Empty;

    private PlainAssetSet FacetSet(Facet facet) => Facets.GetValueOrDefault(facet, PlainAssetSet.Empty);
}

/// <summary>What a set of assets has in common.</summary>
internal enum FacetKind
{
    All = 1,
    Group = 2,
    Environment = 3,
    Criticality = 4,
    InternetFacing = 5,
}

internal readonly record struct Facet(FacetKind Kind, string Value)
{
    internal static IEnumerable<Facet> Of(FleetAsset asset)
    {
        yield return new Facet(FacetKind.All, "");
        yield return new Facet(FacetKind.Group, asset.GroupId.ToString("N"));
        yield return new Facet(FacetKind.Environment, asset.Environment);
        if (asset.Criticality is { } criticality)
        {
            yield return new Facet(FacetKind.Criticality, ((char)('0' + criticality)).ToString());
        }
        if (asset.IsInternetFacing == true)
        {
            yield return new Facet(FacetKind.InternetFacing, "");
        }
    }
}

/// <summary>Versions of one source in one release, in order, each with the assets that have a package of it.</summary>
internal sealed class SourceVersions(ImmutableList<(string Version, PlainAssetSet Assets)> versions)
{
    internal static SourceVersions Empty { get; } = new([]);

    internal bool IsEmpty => versions.IsEmpty;

    internal IReadOnlyList<string> Ordered => [.. versions.Select(entry => entry.Version)];

    /// <summary>Assets below a version; null takes all.</summary>
    internal IAssetSet Below(string? version)
    {
        var end = version is null ? versions.Count : Place(version, isExact: false);
        IAssetSet union = PlainAssetSet.Empty;
        for (var i = 0; i < end; i++)
        {
            union = union.Union(versions[i].Assets);
        }
        return union;
    }

    internal SourceVersions Add(string version, int ordinal)
    {
        var place = Place(version, isExact: true);
        return Has(place, version)
            ? new(versions.SetItem(place, (versions[place].Version, versions[place].Assets.Add(ordinal))))
            : new(versions.Insert(place, (version, PlainAssetSet.Empty.Add(ordinal))));
    }

    internal SourceVersions Remove(string version, int ordinal)
    {
        var place = Place(version, isExact: true);
        if (!Has(place, version))
        {
            return this;
        }
        var left = versions[place].Assets.Remove(ordinal);
        return new(left.Count == 0 ? versions.RemoveAt(place) : versions.SetItem(place, (versions[place].Version, left)));
    }

    private bool Has(int place, string version) => place < versions.Count && versions[place].Version == version;

    // First place whose version is not below the given one. Equal versions in different words ("1.0", "1.00") have places of their own, by code point.
    private int Place(string version, bool isExact)
    {
        var (low, high) = (0, versions.Count);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            var order = DebianVersion.Compare(versions[middle].Version, version);
            order = order != 0 || !isExact ? order : string.CompareOrdinal(versions[middle].Version, version);
            if (order < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }
        return low;
    }
}
