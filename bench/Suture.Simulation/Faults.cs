using System.Data;
using System.Data.Common;
using Microsoft.Data.Sqlite;
using Suture.Platform.Storage;

namespace Suture.Simulation;

/// <summary>What may go wrong in a run, in so many of a thousand chances.</summary>
internal sealed record Faults
{
    /// <summary>The server dies in a commit, before or after it took hold.</summary>
    public required int Death { get; init; }

    /// <summary>A commit fails, and the server lives on; half of those have taken hold all the same.</summary>
    public required int Commit { get; init; }

    /// <summary>A request or an answer is lost.</summary>
    public required int Loss { get; init; }

    /// <summary>A request arrives twice, the second time late.</summary>
    public required int Twice { get; init; }

    /// <summary>An agent dies at a step of a job.</summary>
    public required int AgentDeath { get; init; }

    /// <summary>Nothing goes wrong any more.</summary>
    internal static Faults None { get; } = new() { Death = 0, Commit = 0, Loss = 0, Twice = 0, AgentDeath = 0 };

    /// <summary>How wrong things go in this run: some seeds are calm, some wild.</summary>
    internal static Faults Throw(Dice dice) => new()
    {
        Death = dice.Below(3) * 6, Commit = dice.Below(3) * 8, Loss = dice.Below(4) * 40, Twice = dice.Below(3) * 60, AgentDeath = dice.Below(4) * 60,
    };
}

/// <summary>The process is gone; nothing of it may have any further effect.</summary>
internal sealed class DeadException() : OperationCanceledException("The process died here.");

/// <summary>The store's engine with commits that fail: before they take hold, or after.</summary>
internal sealed class FaultyDialect(World world) : Dialect
{
    private const int IoError = 10;

    private readonly SqliteDialect _inner = new();

    public override string Name => _inner.Name;

    public override IReadOnlyDictionary<string, string> ColumnTypes => _inner.ColumnTypes;

    public override string SkipLocked => _inner.SkipLocked;

    internal override string? LockSql => _inner.LockSql;

    /// <summary>Set when the server that uses it is dead.</summary>
    internal bool IsDead { get; set; }

    /// <summary>Called when a commit kills the server.</summary>
    internal required Action Died { get; init; }

    public override string Hold(string alias) => _inner.Hold(alias);

    public override string In(string column, string parameter) => _inner.In(column, parameter);

    public override bool IsDuplicate(DbException fault) => _inner.IsDuplicate(fault);

    internal override bool IsConflict(DbException fault) => _inner.IsConflict(fault);

    internal override void SetList(IDbDataParameter parameter, IReadOnlyList<object> stored, DbType kind) => _inner.SetList(parameter, stored, kind);

    internal override Task<DbTransaction> BeginWriteAsync(DbConnection connection, CancellationToken cancellation) => _inner.BeginWriteAsync(connection, cancellation);

    internal override Task<long> BulkInsertAsync(
        DbConnection connection, DbTransaction transaction, string table, IReadOnlyList<string> columns, IEnumerable<object?[]> rows, CancellationToken cancellation) =>
        _inner.BulkInsertAsync(connection, transaction, table, columns, rows, cancellation);

    internal override async ValueTask<IDisposable?> TakeTurnAsync(CancellationToken cancellation)
    {
        await world.Thread.YieldAsync(); // others may come between what was read and what is written
        ThrowIfDead();
        return null; // one thread, and nothing yields before the commit
    }

    internal override async Task CommitAsync(DbTransaction transaction, CancellationToken cancellation)
    {
        ThrowIfDead();
        var (dies, fails) = (world.Dice.Hits(world.Faults.Death), world.Dice.Hits(world.Faults.Commit));
        var takesHold = !(dies || fails) || world.Dice.Hits(500);
        if (takesHold)
        {
            await transaction.CommitAsync(cancellation);
        }
        if (dies)
        {
            world.Counts.DeathsInCommit++;
            Died();
            throw new DeadException();
        }
        if (fails)
        {
            world.Counts.FailedCommits++;
            throw new SqliteException(takesHold ? "the answer to the commit was lost" : "the commit failed", IoError);
        }
    }

    private void ThrowIfDead()
    {
        if (IsDead)
        {
            throw new DeadException();
        }
    }
}
