using System.Data.Common;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Suture.Platform.Storage;

namespace Suture.Inventory.Certificates;

/// <summary>Decides for each request of an agent whether its certificate still counts.</summary>
/// <remarks>Revocations and quarantines are held in memory and read again from the store at most <see cref="FreshFor"/> after the last time, by the
/// request that finds them old: what one node revokes, every node refuses within that time, on open connections too. When the store cannot be
/// read, requests are refused.</remarks>
internal sealed partial class AgentAdmission(Store store, TimeProvider time, ILogger<AgentAdmission> logger) : IDisposable
{
    /// <summary>Longest age of what is held; the limit promised for a revocation to hold everywhere is 60 s.</summary>
    public static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(15);

    // Rows of the last minutes are read again: another node's clock may be behind, or its transaction may have been open for a while.
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan WholeEvery = TimeSpan.FromHours(1);

    private readonly SemaphoreSlim _reading = new(1, 1);
    private int _generation;
    private volatile Held _held = new([], [], DateTimeOffset.MinValue, DateTimeOffset.MinValue, 0);

    internal enum Wanted
    {
        Active = 1,
        ActiveOrQuarantined = 2,
        ActiveOrExpired = 3,
    }

    internal sealed record Verdict(AgentCaller? Caller, int Status, string Detail);

    private sealed record Held(HashSet<string> Revoked, HashSet<Guid> Quarantined, DateTimeOffset ReadUtc, DateTimeOffset WholeUtc, int Generation);

    /// <summary>Makes the next request read the store: after a revocation on this node.</summary>
    public void Forget() => Interlocked.Increment(ref _generation);

    public void Dispose() => _reading.Dispose();

    public async Task<Verdict> DecideAsync(AgentConnection connection, Wanted wanted, CancellationToken cancellation)
    {
        if (connection.Certificate is not { } shown)
        {
            return Refuse("No client certificate was shown; enrol this endpoint with a join command first.", StatusCodes.Status401Unauthorized);
        }
        var now = time.GetUtcNow();
        try
        {
            var held = await FreshAsync(now, cancellation);
            connection.IsKnown = connection.IsKnown || await IsIssuedAsync(shown, cancellation);
            return Decide(shown, connection.IsKnown, held.Revoked.Contains(shown.Serial), held.Quarantined.Contains(shown.AssetId), wanted, now);
        }
        catch (DbException fault)
        {
            LogUnreadable(fault);
            return Refuse("The server cannot check certificates now; try again in a minute.", StatusCodes.Status503ServiceUnavailable);
        }
    }

    /// <summary>The decision: values in, verdict out.</summary>
    internal static Verdict Decide(ShownCertificate shown, bool isKnown, bool isRevoked, bool isQuarantined, Wanted wanted, DateTimeOffset now)
    {
        if (!isKnown || isRevoked)
        {
            return Refuse("The certificate is revoked or not known here; enrol this endpoint again with a new join command.");
        }
        if (isQuarantined && wanted != Wanted.ActiveOrQuarantined)
        {
            return Refuse("The asset is quarantined because two hold its identity; a person must release or retire it.");
        }
        if (now >= shown.NotAfterUtc + Certificate.RenewalGrace || now < shown.NotBeforeUtc)
        {
            return Refuse($"The certificate ended {shown.NotAfterUtc:O}, too long ago to renew, or has not begun; enrol this endpoint again.");
        }
        if (now >= shown.NotAfterUtc && wanted != Wanted.ActiveOrExpired)
        {
            return Refuse($"The certificate ended {shown.NotAfterUtc:O}; renew it first.");
        }
        return new Verdict(new AgentCaller { AssetId = shown.AssetId, Serial = shown.Serial }, StatusCodes.Status200OK, "");
    }

    private static Verdict Refuse(string detail, int status = StatusCodes.Status403Forbidden) => new(null, status, detail);

    private Task<bool> IsIssuedAsync(ShownCertificate shown, CancellationToken cancellation) =>
        store.ReadAsync(
            async session => await session.SingleOrDefaultAsync<int>(
                "select count(*) from inventory_certificate where serial = @Serial and asset_id = @AssetId", new { shown.Serial, shown.AssetId }) == 1,
            cancellation);

    private async Task<Held> FreshAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        if (IsFresh(_held, now))
        {
            return _held;
        }
        await _reading.WaitAsync(cancellation);
        try
        {
            return IsFresh(_held, now) ? _held : _held = await ReadAsync(_held, now, cancellation);
        }
        finally
        {
            _reading.Release();
        }
    }

    // A clock that was set back makes it old too.
    private bool IsFresh(Held held, DateTimeOffset now) =>
        now >= held.ReadUtc && now - held.ReadUtc < FreshFor && held.Generation == Volatile.Read(ref _generation);

    private async Task<Held> ReadAsync(Held before, DateTimeOffset now, CancellationToken cancellation)
    {
        // Before the read: a revocation that commits during it asks for another.
        var generation = Volatile.Read(ref _generation);
        var isWhole = now - before.WholeUtc >= WholeEvery || now < before.WholeUtc;
        var since = isWhole ? DateTimeOffset.UnixEpoch : now - WholeEvery - Overlap;
        var (serials, quarantined) = await store.ReadAsync(
            async session => (
                await session.QueryAsync<string>(
                    "select serial from inventory_certificate where revoked_us is not null and revoked_us >= @since and not_after_us >= @end",
                    new { since, end = now - Certificate.RenewalGrace }),
                await session.QueryAsync<Guid>("select id from inventory_asset where state = 2")),
            cancellation);
        HashSet<string> revoked = isWhole ? [.. serials] : [.. before.Revoked, .. serials];
        return new Held(revoked, [.. quarantined], now, isWhole ? now : before.WholeUtc, generation);
    }

    [LoggerMessage(1103, LogLevel.Error, "Revocations cannot be read; agents are refused until they can")]
    private partial void LogUnreadable(Exception fault);
}
