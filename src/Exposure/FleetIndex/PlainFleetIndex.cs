using System.Collections.Immutable;
using Suture.Contracts.Inventory;

namespace Suture.Exposure.FleetIndex;

/// <summary>The index with plain sets. Writers take turns and publish a new state; readers hold the one they took.</summary>
internal sealed class PlainFleetIndex : IFleetIndex
{
    private readonly Lock _writing = new();
    private readonly Dictionary<Guid, FleetAsset> _assets = [];
    private PlainFleetView _view = PlainFleetView.Empty;

    public IFleetView View => Volatile.Read(ref _view);

    public void Put(FleetAsset asset)
    {
        lock (_writing)
        {
            var change = new ViewChange(_view);
            change.Exchange(_assets.GetValueOrDefault(asset.Id), asset);
            _assets[asset.Id] = asset;
            Volatile.Write(ref _view, change.Finish());
        }
    }

    public void Remove(Guid assetId)
    {
        lock (_writing)
        {
            if (_assets.Remove(assetId, out var old))
            {
                var change = new ViewChange(_view);
                change.Exchange(old, null);
                Volatile.Write(ref _view, change.Finish());
            }
        }
    }
}

/// <summary>One change from a state to the next.</summary>
internal sealed class ViewChange(PlainFleetView before)
{
    private readonly ImmutableDictionary<int, FleetAsset>.Builder _assets = before.Assets.ToBuilder();
    private readonly ImmutableDictionary<SoftwareRow, PlainAssetSet>.Builder _software = before.Software.ToBuilder();
    private readonly ImmutableDictionary<Facet, PlainAssetSet>.Builder _facets = before.Facets.ToBuilder();
    private PlainFleetView _view = before;

    internal PlainFleetView Finish() => _view with { Assets = _assets.ToImmutable(), Software = _software.ToImmutable(), Facets = _facets.ToImmutable() };

    internal void Exchange(FleetAsset? old, FleetAsset? fresh)
    {
        var oldFacets = old is null ? [] : Facet.Of(old).ToHashSet();
        var newFacets = fresh is null ? [] : Facet.Of(fresh).ToHashSet();
        foreach (var facet in oldFacets.Except(newFacets))
        {
            Take(_facets, facet, old!.Ordinal);
        }
        foreach (var facet in newFacets.Except(oldFacets))
        {
            Give(_facets, facet, fresh!.Ordinal);
        }
        ExchangeSoftware(old, fresh);
        if (old is not null)
        {
            _assets.Remove(old.Ordinal);
        }
        if (fresh is not null)
        {
            _assets[fresh.Ordinal] = fresh;
        }
    }

    // Only what differs is touched: most reports change a few of some 500 packages.
    private void ExchangeSoftware(FleetAsset? old, FleetAsset? fresh)
    {
        var (oldRows, newRows) = (Rows(old), Rows(fresh));
        foreach (var row in oldRows.Except(newRows))
        {
            Take(_software, row, old!.Ordinal);
        }
        foreach (var row in newRows.Except(oldRows))
        {
            Give(_software, row, fresh!.Ordinal);
        }
        var (oldVersions, newVersions) = (Versions(oldRows), Versions(newRows));
        foreach (var (release, source, version) in oldVersions.Except(newVersions))
        {
            Set(release, source, _view.Versions(release, source).Remove(version, old!.Ordinal));
        }
        foreach (var (release, source, version) in newVersions.Except(oldVersions))
        {
            Set(release, source, _view.Versions(release, source).Add(version, fresh!.Ordinal));
        }
    }

    private void Set(string release, string source, SourceVersions versions)
    {
        var sources = _view.Sources.GetValueOrDefault(release)
            ?? ImmutableSortedDictionary.Create<string, SourceVersions>(StringComparer.Ordinal);
        sources = versions.IsEmpty ? sources.Remove(source) : sources.SetItem(source, versions);
        _view = _view with { Sources = sources.IsEmpty ? _view.Sources.Remove(release) : _view.Sources.SetItem(release, sources) };
    }

    private static HashSet<SoftwareRow> Rows(FleetAsset? asset) =>
        asset is { Release: { } release, Packages: { } packages } ? [.. packages.Select(package => SoftwareRow.Of(release, package))] : [];

    // The distribution's advisories speak of its own packages only.
    private static HashSet<(string Release, string Source, string Version)> Versions(HashSet<SoftwareRow> rows) =>
        [.. rows.Where(row => row.Origin == OriginKind.Distribution).Select(row => (row.Release, row.Source, row.SourceVersion))];

    private static void Give<TKey>(ImmutableDictionary<TKey, PlainAssetSet>.Builder sets, TKey key, int ordinal)
        where TKey : notnull =>
        sets[key] = sets.GetValueOrDefault(key, PlainAssetSet.Empty).Add(ordinal);

    private static void Take<TKey>(ImmutableDictionary<TKey, PlainAssetSet>.Builder sets, TKey key, int ordinal)
        where TKey : notnull
    {
        var left = sets[key].Remove(ordinal);
        if (left.Count == 0)
        {
            sets.Remove(key);
        }
        else
        {
            sets[key] = left;
        }
    }
}
