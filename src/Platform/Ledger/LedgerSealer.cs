using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Suture.Contracts.Ledger;
using Suture.Platform.Storage;

namespace Suture.Platform.Ledger;

/// <summary>Seals the ledger: gives each committed row its place and hash in the chain, and signs how far that goes, every ten seconds (design decision 10).</summary>
/// <remarks>A row's place is the order in which it became visible, not its number: of two transactions the one with the lower number may commit later. One server at a time seals; the
/// lock of the transaction sees to it.</remarks>
internal sealed partial class LedgerSealer(Store store, CheckpointLog log, CheckpointSigner signer, LedgerWitness witness, TimeProvider time, ILogger<LedgerSealer> logger) : BackgroundService
{
    /// <summary>How often.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    /// <summary>Rows of one transaction: others write in between.</summary>
    public const int BatchMax = 1_000;

    /// <summary>Seals what is not sealed yet, and signs a checkpoint when the chain has grown.</summary>
    /// <param name="cancellation">Ends the wait; what is sealed stays.</param>
    public async Task SealAsync(CancellationToken cancellation)
    {
        if (log.Newest is { } newest)
        {
            await witness.CompareAsync(newest, "server", cancellation);
        }
        while (await store.ReadAsync(UnsealedAsync, cancellation) && await store.WriteAsync(SealBatchAsync, cancellation) == BatchMax)
        {
        }
        if (await store.ReadAsync(HeadAsync, cancellation) is { Hash: { } hash } head && (log.Newest is not { } last || last.Position != head.Position || last.Hash != Convert.ToHexStringLower(hash)))
        {
            log.Append(signer.Sign(head.Position, hash, time.GetUtcNow()));
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await TrySealAsync(stoppingToken);
                await Task.Delay(Every, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Shutdown; the next start seals the rest.
        }
    }

    private async Task TrySealAsync(CancellationToken cancellation)
    {
        try
        {
            await SealAsync(cancellation);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            LogFailed(fault); // the store or the disk is away: the rows wait, and the status shows since when
        }
    }

    private static async Task<bool> UnsealedAsync(StoreSession session) =>
        await session.SingleOrDefaultAsync<long?>("select sequence from platform_ledger where position is null order by sequence limit 1") is not null;

    private static Task<Link?> HeadAsync(StoreSession session) =>
        session.SingleOrDefaultAsync<Link>("select position, hash from platform_ledger where position is not null order by position desc limit 1");

    private static async Task<int> SealBatchAsync(StoreSession session)
    {
        await session.LockAsync("ledger.seal");
        var (position, previous) = await HeadAsync(session) is { Hash: { } hash } head ? (head.Position, hash) : (0, LedgerChain.Start.ToArray());
        var rows = await session.QueryAsync<LedgerRecord>($"select {LedgerRecord.Columns} from platform_ledger where position is null order by sequence limit @most", new { most = BatchMax });
        foreach (var row in rows)
        {
            previous = LedgerChain.Hash(previous, row.At(++position));
            await session.ChangeAsync(
                "update platform_ledger set position = @position, hash = @previous where sequence = @Sequence and position is null",
                new { position, previous, row.Sequence }, string.Create(CultureInfo.InvariantCulture, $"Row {row.Sequence} of the ledger"));
        }
        return rows.Count;
    }

    /// <summary>Last link of the chain.</summary>
    private sealed record Link
    {
        public long Position { get; init; }
        public byte[]? Hash { get; init; }
    }

    [LoggerMessage(1201, LogLevel.Error, "The ledger could not be sealed; tried again in ten seconds")]
    private partial void LogFailed(Exception fault);
}

/// <summary>A row of the ledger's table, sealed or not.</summary>
internal sealed record LedgerRecord
{
    public const string Columns = "position, sequence, at_us, actor, action, subject, detail, group_id, hash";

    public long? Position { get; init; }
    public long Sequence { get; init; }
    public DateTimeOffset AtUs { get; init; }
    public string Actor { get; init; } = "";
    public string Action { get; init; } = "";
    public string Subject { get; init; } = "";
    public string Detail { get; init; } = "";
    public Guid? GroupId { get; init; }
    public byte[]? Hash { get; init; }

    /// <summary>The row at a place of the chain, with the hash that it has, or none.</summary>
    public SealedRow At(long position) => new()
    {
        Position = position, Sequence = Sequence, AtUtc = AtUs, Actor = Actor, Action = Action, Subject = Subject, Detail = Detail, GroupId = GroupId,
        Hash = Hash is null ? "" : Convert.ToHexStringLower(Hash),
    };
}
