using System.Data;
using System.Data.Common;

namespace Suture.Platform.Storage;

/// <summary>The little in which the two engines differ. Everything else is one portable SQL text.</summary>
public abstract class Dialect
{
    /// <summary>Name of the engine, <c>sqlite</c> or <c>postgresql</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Words that migrations use for column types: <c>$blob$</c>, <c>$text$</c>, <c>$identity$</c>, <c>$double$</c>.</summary>
    public abstract IReadOnlyDictionary<string, string> ColumnTypes { get; }

    /// <summary>Text after a <c>select</c> by which claimed rows are skipped by other claimers; empty where one writer is at work anyway.</summary>
    public abstract string SkipLocked { get; }

    /// <summary>Text after a <c>select</c> that holds the rows of a table against other writers until the transaction ends, so that what was read still is when
    /// it is written; empty where one writer is at work anyway.</summary>
    /// <param name="alias">The table's alias in the statement.</param>
    public abstract string Hold(string alias);

    /// <summary>Condition that a column is one of a list parameter: <c>where {dialect.In("asset_id", "ids")}</c>.</summary>
    /// <param name="column">Column.</param>
    /// <param name="parameter">Name of a parameter that holds any list of ids, texts or numbers; an empty list matches nothing. The list is one
    /// parameter on both engines, so that its length has no limit of its own and the text stays the same.</param>
    public abstract string In(string column, string parameter);

    /// <summary>True when a row with the same unique key is there already.</summary>
    /// <param name="fault">What a statement threw.</param>
    public abstract bool IsDuplicate(DbException fault);

    /// <summary>True when the write may be tried again: another writer was in the way.</summary>
    internal abstract bool IsConflict(DbException fault);

    /// <summary>Sets a list parameter for <see cref="In"/>.</summary>
    internal abstract void SetList(IDbDataParameter parameter, IReadOnlyList<object> stored, DbType kind);

    /// <summary>Waits for this writer's turn, where one writes at a time; the turn ends when what comes back is disposed. Null where writers go side by side.</summary>
    internal abstract ValueTask<IDisposable?> TakeTurnAsync(CancellationToken cancellation);

    /// <summary>Begins a transaction that writes. In SQLite it takes the write lock at once: a read that later wants to write cannot upgrade a lock.</summary>
    internal abstract Task<DbTransaction> BeginWriteAsync(DbConnection connection, CancellationToken cancellation);

    /// <summary>Makes what a transaction wrote durable and seen by others.</summary>
    internal virtual Task CommitAsync(DbTransaction transaction, CancellationToken cancellation) => transaction.CommitAsync(cancellation);

    /// <summary>Statement that waits for, and holds until the end of the transaction, the lock of a name (<c>@key</c>); null where one writer is at work anyway.</summary>
    internal abstract string? LockSql { get; }

    /// <summary>Inserts many rows in the session's transaction by the engine's fastest way.</summary>
    internal abstract Task<long> BulkInsertAsync(
        DbConnection connection, DbTransaction transaction, string table, IReadOnlyList<string> columns, IEnumerable<object?[]> rows, CancellationToken cancellation);
}
