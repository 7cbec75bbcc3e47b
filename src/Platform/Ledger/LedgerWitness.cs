using System.Globalization;
using Suture.Contracts.Api;
using Suture.Contracts.Ledger;
using Suture.Platform.Storage;

namespace Suture.Platform.Ledger;

/// <summary>Holds the ledger against checkpoints that are kept elsewhere: in the server's file, and by agents, who get each new one with their polls and show the newest they have.</summary>
public sealed class LedgerWitness
{
    private const string Contradicted = "ledger.contradicted";
    private const string Subject = "ledger";

    private readonly Store _store;
    private readonly CheckpointLog _log;
    private readonly CheckpointSigner _signer;
    private readonly TimeProvider _time;

    internal LedgerWitness(Store store, CheckpointLog log, CheckpointSigner signer, TimeProvider time) => (_store, _log, _signer, _time) = (store, log, signer, time);

    /// <summary>The newest checkpoint, to hand on; null when none was signed yet.</summary>
    public Checkpoint? Newest => _log.Newest;

    /// <summary>Takes what an agent shows. A checkpoint that this server signed and that the ledger does not agree with is written into the ledger, once.</summary>
    /// <param name="shown">As the agent sent it; whatever is not signed by this server says nothing and is passed over.</param>
    /// <param name="asset">The agent's asset.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task HearAsync(Checkpoint shown, Guid asset, CancellationToken cancellation)
    {
        // One of the server's own file was compared by the sealer when it was the newest.
        if (!_log.Has(shown) && _signer.IsOurs(shown))
        {
            await CompareAsync(shown, $"agent:{asset}", cancellation);
        }
    }

    /// <summary>How the ledger stands.</summary>
    /// <param name="cancellation">Ends the wait.</param>
    public Task<LedgerState> StateAsync(CancellationToken cancellation) => _store.ReadAsync(
        async session =>
        {
            var found = await session.SingleOrDefaultAsync<Found>(
                "select count(*) as number, max(at_us) as last_us from platform_ledger where subject = @Subject and action = @Contradicted", new { Subject, Contradicted });
            return new LedgerState
            {
                Position = await session.SingleOrDefaultAsync<long?>("select max(position) from platform_ledger") ?? 0,
                CheckpointUtc = _log.Newest?.AtUtc,
                Contradictions = found?.Number ?? 0,
                ContradictedUtc = found?.LastUs,
            };
        },
        cancellation);

    internal async Task CompareAsync(Checkpoint kept, string keeper, CancellationToken cancellation)
    {
        // Reads first: every agent may show the same for days, and reading takes no writer's turn.
        if (await _store.ReadAsync(session => SaysNothingNewAsync(session, kept), cancellation))
        {
            return;
        }
        await _store.WriteAsync(
            async session =>
            {
                if (!await SaysNothingNewAsync(session, kept))
                {
                    await session.AppendLedgerAsync(_time.GetUtcNow(), "server", Contradicted, Subject, new { kept.Position, kept.Hash, kept.AtUtc, keeper }, LedgerScope.Installation);
                }
            },
            cancellation);
    }

    /// <summary>True when the ledger has that hash at that place, or when it is written already that it has not.</summary>
    private static async Task<bool> SaysNothingNewAsync(StoreSession session, Checkpoint kept)
    {
        if (await session.SingleOrDefaultAsync<byte[]>("select hash from platform_ledger where position = @Position", new { kept.Position }) is { } hash && Convert.ToHexStringLower(hash) == kept.Hash)
        {
            return true;
        }
        var mark = string.Create(CultureInfo.InvariantCulture, $"{{\"position\":{kept.Position},\"hash\":\"{kept.Hash}\"");
        return await session.SingleOrDefaultAsync<long?>(
            "select min(sequence) from platform_ledger where subject = @Subject and action = @Contradicted and substr(detail, 1, length(@mark)) = @mark",
            new { Subject, Contradicted, mark }) is not null;
    }

    private sealed record Found
    {
        public int Number { get; init; }
        public DateTimeOffset? LastUs { get; init; }
    }
}
