using System.Collections;
using System.Data.Common;
using Dapper;

namespace Suture.Platform.Storage;

/// <summary>One connection at work, inside a transaction when writing.</summary>
public sealed class StoreSession
{
    private readonly DbConnection _connection;
    private readonly DbTransaction? _transaction;
    private readonly CancellationToken _cancellation;
    private List<Action>? _afterCommit;

    internal StoreSession(DbConnection connection, DbTransaction? transaction, Dialect dialect, CancellationToken cancellation)
    {
        _connection = connection;
        _transaction = transaction;
        Dialect = dialect;
        _cancellation = cancellation;
    }

    /// <summary>What differs between engines.</summary>
    public Dialect Dialect { get; }

    /// <summary>Rows of a query.</summary>
    /// <param name="sql">Portable SQL.</param>
    /// <param name="parameters">Parameters by member name; null for none. Lists go with <see cref="Storage.Dialect.In"/>.</param>
    /// <typeparam name="T">A record with <c>init</c> members named as the columns (underscores ignored).</typeparam>
    public async Task<IReadOnlyList<T>> QueryAsync<T>(string sql, object? parameters = null) =>
        (await _connection.QueryAsync<T>(Command(sql, parameters))).AsList();

    /// <summary>The only row of a query, or default when there is none; more than one is a broken promise and throws.</summary>
    /// <param name="sql">Portable SQL.</param>
    /// <param name="parameters">Parameters by member name; null for none.</param>
    /// <typeparam name="T">Row or scalar.</typeparam>
    public Task<T?> SingleOrDefaultAsync<T>(string sql, object? parameters = null) =>
        _connection.QuerySingleOrDefaultAsync<T>(Command(sql, parameters));

    /// <summary>Runs a statement.</summary>
    /// <param name="sql">Portable SQL.</param>
    /// <param name="parameters">Parameters by member name, or a list of such for many runs; null for none.</param>
    /// <returns>Rows changed.</returns>
    public async Task<int> ExecuteAsync(string sql, object? parameters = null)
    {
        if (parameters is IReadOnlyDictionary<string, object?> || parameters is not IEnumerable many)
        {
            return await _connection.ExecuteAsync(Command(sql, parameters));
        }
        var changed = 0;
        foreach (var each in many)
        {
            changed += await _connection.ExecuteAsync(Command(sql, each));
        }
        return changed;
    }

    /// <summary>Compare-and-set: a statement that changes one row if it is still as it was read, <c>... where id = @id and version = @version</c>.</summary>
    /// <param name="sql">Portable SQL of an update, an insert that does nothing on conflict, or a delete.</param>
    /// <param name="parameters">Parameters by member name.</param>
    /// <returns>True when the row was changed; false when it is no longer as expected.</returns>
    /// <exception cref="InvalidOperationException">More than one row was changed: the condition does not name one row.</exception>
    public async Task<bool> TryChangeAsync(string sql, object parameters)
    {
        var rows = await ExecuteAsync(sql, parameters);
        return rows <= 1 ? rows == 1 : throw new InvalidOperationException($"A compare-and-set changed {rows} rows instead of one: {sql}");
    }

    /// <summary>As <see cref="TryChangeAsync"/>, for a row that must be as expected.</summary>
    /// <param name="sql">Portable SQL.</param>
    /// <param name="parameters">Parameters by member name.</param>
    /// <param name="what">The thing, to name in the message.</param>
    /// <exception cref="StaleRowException">Another writer changed it first; the transaction must not commit.</exception>
    public async Task ChangeAsync(string sql, object parameters, string what)
    {
        if (!await TryChangeAsync(sql, parameters))
        {
            throw new StaleRowException(what);
        }
    }

    /// <summary>Inserts many rows by the engine's fastest way (prepared insert, or binary COPY).</summary>
    /// <param name="table">Table.</param>
    /// <param name="columns">Columns, in the order of the values.</param>
    /// <param name="rows">Values of each row; ids, instants, enums and so on as in parameters.</param>
    /// <returns>Rows inserted.</returns>
    public Task<long> BulkInsertAsync(string table, IReadOnlyList<string> columns, IEnumerable<object?[]> rows) =>
        Dialect.BulkInsertAsync(_connection, Writing(), table, columns, rows, _cancellation);

    /// <summary>Waits until no other transaction holds the lock of this name, and holds it until this one ends: for a rule over many rows
    /// ("at least one admin is left") that no compare-and-set on one row can keep.</summary>
    /// <param name="name">Name, <c>identity.users</c>.</param>
    public async Task LockAsync(string name)
    {
        Writing();
        if (Dialect.LockSql is { } sql)
        {
            await _connection.ExecuteAsync(Command(sql, new { key = name }));
        }
    }

    /// <summary>Does something small once the transaction is committed (wake a loop, end a long poll); not at all when it is not.</summary>
    /// <param name="action">Must not throw and not wait.</param>
    public void AfterCommit(Action action)
    {
        Writing();
        (_afterCommit ??= []).Add(action);
    }

    internal void Committed() => _afterCommit?.ForEach(action => action());

    private DbTransaction Writing() => _transaction ?? throw new InvalidOperationException("This session only reads: use Store.WriteAsync.");

    private CommandDefinition Command(string sql, object? parameters) => new(
        sql,
        parameters is null or SqlMapper.IDynamicParameters ? parameters : new StoreParameters(parameters, Dialect),
        _transaction,
        cancellationToken: _cancellation);
}

/// <summary>Another writer changed a row first; what was read before no longer holds.</summary>
/// <param name="what">The row.</param>
public sealed class StaleRowException(string what) : Exception($"{what} was changed by somebody else in the meantime. Read it again and decide again.");
