using System.Collections.Immutable;

namespace Suture.Exposure.FleetIndex;

/// <summary>A set as a balanced tree: small changes share the rest with the state before.</summary>
internal sealed class PlainAssetSet(ImmutableSortedSet<int> ordinals) : IAssetSet
{
    internal static PlainAssetSet Empty { get; } = new([]);

    public int Count => ordinals.Count;

    public IEnumerable<int> Ordinals => ordinals;

    public bool Contains(int ordinal) => ordinals.Contains(ordinal);

    public IAssetSet Union(IAssetSet other) => new PlainAssetSet(ordinals.Union(other.Ordinals));

    public IAssetSet Intersect(IAssetSet other) => new PlainAssetSet(ordinals.Intersect(other.Ordinals));

    internal PlainAssetSet Add(int ordinal) => new(ordinals.Add(ordinal));

    internal PlainAssetSet Remove(int ordinal) => new(ordinals.Remove(ordinal));
}
