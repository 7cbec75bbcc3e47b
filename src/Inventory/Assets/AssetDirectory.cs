using Suture.Contracts.Api;
using Suture.Inventory.Assets;
using Suture.Inventory.Reports;
using Suture.Platform.Identity;
using Suture.Platform.Storage;

namespace Suture.Inventory;

/// <summary>Assets as the rest of the server reads them. Each call reads the store; scope is an argument of each list and search.</summary>
public sealed class AssetDirectory
{
    private readonly Store _store;
    private readonly Heartbeats _heartbeats;
    private readonly InventoryOptions _options;
    private readonly TimeProvider _time;

    internal AssetDirectory(Store store, Heartbeats heartbeats, InventoryOptions options, TimeProvider time)
    {
        _store = store;
        _heartbeats = heartbeats;
        _options = options;
        _time = time;
    }

    /// <summary>All assets in scope, retired ones too, ordered by name then id.</summary>
    /// <param name="scope">Whose assets.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<IReadOnlyList<AssetRecord>> ListAsync(Scope scope, CancellationToken cancellation)
    {
        var (assets, context) = await _store.ReadAsync(
            async session => (await AssetStore.ListAsync(session, scope), await AssetStore.ContextAsync(session, scope)), cancellation);
        var byAsset = context.ToLookup(row => row.AssetId);
        var now = _time.GetUtcNow();
        return [.. assets.Select(asset => ToRecord(asset, byAsset[asset.Id], now))];
    }

    /// <summary>One asset.</summary>
    /// <param name="scope">Whose assets.</param>
    /// <param name="assetId">The asset.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The asset; null when there is none in scope.</returns>
    public Task<AssetRecord?> FindAsync(Scope scope, Guid assetId, CancellationToken cancellation) =>
        _store.ReadAsync(session => FindAsync(session, scope, assetId), cancellation);

    /// <summary>One asset as a session sees it: for what is decided on it and written in the same transaction.</summary>
    /// <param name="session">A session.</param>
    /// <param name="scope">Whose assets.</param>
    /// <param name="assetId">The asset.</param>
    /// <returns>The asset; null when there is none in scope.</returns>
    public async Task<AssetRecord?> FindAsync(StoreSession session, Scope scope, Guid assetId) =>
        await AssetStore.FindAsync(session, scope, assetId) is { } asset ? ToRecord(asset, await AssetStore.ContextAsync(session, assetId), _time.GetUtcNow()) : null;

    /// <summary>Those of some assets that are in scope, ordered by name then id, as a session sees them: for what is decided on them and written in the same transaction.</summary>
    /// <param name="session">A session.</param>
    /// <param name="scope">Whose assets.</param>
    /// <param name="assets">The assets; repetitions count once.</param>
    public async Task<IReadOnlyList<AssetRecord>> ListAsync(StoreSession session, Scope scope, IEnumerable<Guid> assets)
    {
        var ids = assets.Distinct().ToArray();
        var stored = await AssetStore.ListAsync(session, scope, ids);
        var byAsset = (await AssetStore.ContextAsync(session, stored.Select(asset => asset.Id))).ToLookup(row => row.AssetId);
        var now = _time.GetUtcNow();
        return [.. stored.Select(asset => ToRecord(asset, byAsset[asset.Id], now))];
    }

    /// <summary>Assets that are silent now, each with its last sign of life (its enrolment when none came). Nothing tells of an asset that falls silent: whoever shows
    /// what is known of assets asks here.</summary>
    /// <param name="scope">Whose assets.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>By asset; empty when all are heard of.</returns>
    public async Task<IReadOnlyDictionary<Guid, DateTimeOffset>> SilentAsync(Scope scope, CancellationToken cancellation)
    {
        var now = _time.GetUtcNow();
        var quiet = await _store.ReadAsync(session => AssetStore.SeenBeforeAsync(session, scope, now - _options.SilentAfter), cancellation);
        return quiet
            .Select(asset => (asset.Id, SeenUtc: _heartbeats.Later(asset.Id, asset.SeenUs) ?? asset.SeenUs))
            .Where(asset => now - asset.SeenUtc > _options.SilentAfter)
            .ToDictionary(asset => asset.Id, asset => asset.SeenUtc);
    }

    /// <summary>The facts of the last report. For the server's own work: no scope is applied.</summary>
    /// <param name="assetId">The asset.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The facts; null when there is no such asset or no report of it.</returns>
    public Task<AssetFacts?> LoadFactsAsync(Guid assetId, CancellationToken cancellation) =>
        _store.ReadAsync(session => ReportStore.LoadFactsAsync(session, assetId), cancellation);

    /// <summary>Notes a sign of life. Cheap: written with others within seconds, seen by this node's reads at once.</summary>
    /// <param name="assetId">An asset that exists.</param>
    /// <param name="now">When.</param>
    public ValueTask TouchAsync(Guid assetId, DateTimeOffset now)
    {
        _heartbeats.Touch(assetId, now);
        return ValueTask.CompletedTask;
    }

    internal AssetRecord ToRecord(AssetStored asset, IEnumerable<ContextStored> context, DateTimeOffset now)
    {
        var lastSeen = _heartbeats.Later(asset.Id, asset.LastSeenUs);
        return new AssetRecord
        {
            Id = asset.Id,
            Ordinal = asset.Ordinal,
            Name = asset.Name,
            GroupId = asset.GroupId,
            Group = asset.GroupName,
            Environment = asset.Environment,
            ObservedOnly = asset.ObservedOnly != 0,
            State = asset.State,
            EnrolledUtc = asset.EnrolledUs,
            LastSeenUtc = lastSeen,
            ReportId = asset.ReportId,
            ReportedUtc = asset.ReportedUs,
            Release = asset.Release,
            SoftwareDigest = asset.SoftwareDigest,
            Approvers = asset.SignaturesNeeded == 0 ? null : asset.ApproversDigest,
            Context = AssetStore.InForce(context),
            IsSilent = asset.State != AssetState.Retired && now - (lastSeen ?? asset.EnrolledUs) > _options.SilentAfter,
        };
    }
}
