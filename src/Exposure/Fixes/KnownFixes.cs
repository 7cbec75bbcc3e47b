using Suture.Exposure.Findings;
using Suture.Platform.Identity;

namespace Suture.Exposure.Fixes;

/// <summary>The fixes of scopes, grouped once for each state of the index: who pages through the queue does not make it be grouped for every page.</summary>
/// <param name="exposures">The index.</param>
public sealed class KnownFixes(ExposureIndex exposures)
{
    /// <summary>Groupings kept at most: one a (scope, environment) that was asked for since the index last changed.</summary>
    public const int KeptMax = 32;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, IReadOnlyList<FixGroup>> _kept = new(StringComparer.Ordinal);
    private long _version = -1;

    /// <summary>The fixes of a scope, as <see cref="FixGroups.Of(IEnumerable{AssetExposure})"/> orders them.</summary>
    /// <param name="scope">The caller's scope.</param>
    /// <param name="environment">Only assets of this environment, in any case; null for all.</param>
    public IReadOnlyList<FixGroup> Of(Scope scope, string? environment)
    {
        // Before the index is read: what changes meanwhile is grouped anew for the next caller.
        var version = exposures.Version;
        var key = $"{(scope.IsAll ? "all" : string.Join(',', scope.Groups.Order()))} {environment?.ToLowerInvariant()}";
        lock (_lock)
        {
            if (_version == version && _kept.TryGetValue(key, out var known))
            {
                return known;
            }
        }
        var fixes = FixGroups.Of(exposures.All(scope).Where(exposure => environment is null || string.Equals(exposure.Asset.Environment, environment, StringComparison.OrdinalIgnoreCase)));
        lock (_lock)
        {
            if (_version != version || _kept.Count >= KeptMax)
            {
                _kept.Clear();
                _version = version;
            }
            _kept[key] = fixes;
        }
        return fixes;
    }

    /// <summary>One fix of a scope; only its own source is looked at.</summary>
    /// <param name="scope">The caller's scope.</param>
    /// <param name="key">The key; its version need not be the one in force any more.</param>
    /// <returns>Null when no asset in scope needs it.</returns>
    public FixGroup? Find(Scope scope, FixKey key) => FixGroups.Find(exposures.All(scope), key);
}
