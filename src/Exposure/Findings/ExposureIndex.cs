using System.Collections.Concurrent;
using Suture.Platform.Identity;

namespace Suture.Exposure.Findings;

/// <summary>Every asset's exposure in memory, rebuilt from the store at start. Readers never block.</summary>
/// <remarks>It follows the store: an asset's entry changes at the moment its episodes are committed, never later than the next stage learns of it. Complete once
/// <see cref="IsReady"/>; handlers await <see cref="WhenReadyAsync"/> before they conclude anything from an absent entry.</remarks>
public sealed class ExposureIndex
{
    private readonly ConcurrentDictionary<Guid, AssetExposure> _assets = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _version;

    /// <summary>True once every asset with a report is in it.</summary>
    public bool IsReady => _ready.Task.IsCompleted;

    /// <summary>Rises with every change. What was derived from the index after it was read holds until it is another.</summary>
    public long Version => Interlocked.Read(ref _version);

    /// <summary>Assets in it.</summary>
    public int Count => _assets.Count;

    /// <summary>Waits until the index is complete.</summary>
    /// <param name="cancellation">Ends the wait.</param>
    public Task WhenReadyAsync(CancellationToken cancellation) => _ready.Task.WaitAsync(cancellation);

    /// <summary>One asset's exposure.</summary>
    /// <param name="assetId">The asset.</param>
    /// <returns>Null when it has no report, or is retired, or the index is not complete yet.</returns>
    public AssetExposure? Of(Guid assetId) => _assets.GetValueOrDefault(assetId);

    /// <summary>Exposures of all assets in scope, in no order; each as it is when it is reached.</summary>
    /// <param name="scope">The caller's scope.</param>
    public IEnumerable<AssetExposure> All(Scope scope) => _assets.Values.Where(exposure => scope.Contains(exposure.Asset.GroupId));

    /// <summary>One asset's exposure, when it is in scope.</summary>
    /// <param name="scope">The caller's scope.</param>
    /// <param name="assetId">The asset.</param>
    public AssetExposure? Of(Scope scope, Guid assetId) => Of(assetId) is { } exposure && scope.Contains(exposure.Asset.GroupId) ? exposure : null;

    /// <summary>Puts an entry in, unless one of a newer report, or of a later look at the same, is there.</summary>
    internal void Put(AssetExposure exposure)
    {
        _assets.AddOrUpdate(
            exposure.AssetId,
            exposure,
            (_, there) => (there.ReceivedUtc, there.MatchedUtc).CompareTo((exposure.ReceivedUtc, exposure.MatchedUtc)) > 0 ? there : exposure);
        // After the change: who reads the new version sees what it stands for.
        Interlocked.Increment(ref _version);
    }

    /// <summary>Replaces an entry unless another writer was faster.</summary>
    internal void Replace(AssetExposure old, AssetExposure fresh)
    {
        if (_assets.TryUpdate(old.AssetId, fresh, old))
        {
            Interlocked.Increment(ref _version);
        }
    }

    internal void Remove(Guid assetId)
    {
        if (_assets.TryRemove(assetId, out _))
        {
            Interlocked.Increment(ref _version);
        }
    }

    internal void BecomeReady() => _ready.TrySetResult();
}
