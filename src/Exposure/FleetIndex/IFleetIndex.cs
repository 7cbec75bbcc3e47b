using Suture.Contracts.Inventory;

namespace Suture.Exposure.FleetIndex;

/// <summary>A row of software that many assets share (glossary: software).</summary>
/// <param name="Release">Codename.</param>
/// <param name="Source">Source package.</param>
/// <param name="SourceVersion">Source version.</param>
/// <param name="Name">Binary package.</param>
/// <param name="Version">Binary version.</param>
/// <param name="Architecture">Architecture.</param>
/// <param name="Origin">Whose package it is.</param>
internal readonly record struct SoftwareRow(
    string Release, string Source, string SourceVersion, string Name, string Version, string Architecture, OriginKind Origin)
{
    internal static SoftwareRow Of(string release, InstalledPackage package) =>
        new(release, package.Source, package.SourceVersion, package.Name, package.Version, package.Architecture, package.Origin);
}

/// <summary>One asset as the index has it.</summary>
internal sealed record FleetAsset
{
    /// <summary>Its place in sets: dense, never reused.</summary>
    public required int Ordinal { get; init; }

    public required Guid Id { get; init; }

    public required Guid GroupId { get; init; }

    public required string Environment { get; init; }

    /// <summary>1 to 5; null when not known.</summary>
    public int? Criticality { get; init; }

    public bool? IsInternetFacing { get; init; }

    /// <summary>Null when not known: the asset is in no software set then.</summary>
    public string? Release { get; init; }

    /// <summary>Null when not known.</summary>
    public IReadOnlyList<InstalledPackage>? Packages { get; init; }
}

/// <summary>A set of assets by ordinal. Immutable.</summary>
internal interface IAssetSet
{
    int Count { get; }

    /// <summary>Ordinals, ascending.</summary>
    IEnumerable<int> Ordinals { get; }

    bool Contains(int ordinal);

    IAssetSet Union(IAssetSet other);

    IAssetSet Intersect(IAssetSet other);
}

/// <summary>One consistent state of the index. Immutable; any number of readers.</summary>
internal interface IFleetView
{
    /// <summary>All assets.</summary>
    IAssetSet All { get; }

    /// <summary>The asset at an ordinal; null when there is none.</summary>
    FleetAsset? Find(int ordinal);

    /// <summary>Releases that some asset has; ordered, unique.</summary>
    IReadOnlyList<string> Releases { get; }

    /// <summary>Sources of the distribution that some asset of the release has; ordered, unique.</summary>
    IReadOnlyList<string> SourcesOf(string release);

    /// <summary>Versions of a source that some asset has, in Debian's order.</summary>
    IReadOnlyList<string> VersionsOf(string release, string source);

    /// <summary>Assets that have a row of software.</summary>
    IAssetSet With(SoftwareRow row);

    /// <summary>Assets that have any of a source's packages from the distribution.</summary>
    IAssetSet WithSource(string release, string source);

    /// <summary>Assets that have one of a source's packages from the distribution below a version: a binary search and a union.</summary>
    IAssetSet AssetsAffectedBy(string release, string source, string fixedVersion);

    /// <summary>Assets of some groups.</summary>
    IAssetSet InGroups(IEnumerable<Guid> groups);

    IAssetSet InEnvironment(string environment);

    /// <summary>Assets of a criticality, 1 to 5.</summary>
    IAssetSet OfCriticality(int criticality);

    /// <summary>Assets that are known to be internet-facing.</summary>
    IAssetSet InternetFacing { get; }
}

/// <summary>Who has what (design decision 1): for each row of software the set of assets that have it, context and scope as sets too.</summary>
internal interface IFleetIndex
{
    /// <summary>The state now. Never blocks.</summary>
    IFleetView View { get; }

    /// <summary>Puts an asset in, or in the place of what was known of it.</summary>
    void Put(FleetAsset asset);

    /// <summary>Takes an asset out; nothing happens when it is not in.</summary>
    void Remove(Guid assetId);
}
