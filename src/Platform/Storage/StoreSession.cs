using System.Data.Common;
using Dapper;

namespace Suture.Platform.Storage;

/// <summary>One connection at work, inside a transaction when writing.</summary>
public sealed class StoreSession
{
    private readonly DbConnection _connection;
    private readonly DbTransaction? _transaction;
    private readonly CancellationToken _cancellation;

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
    /// <param name="parameters">Parameters by member name; null for none.</param>
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
    public Task<int> ExecuteAsync(string sql, object? parameters = null) => _connection.ExecuteAsync(Command(sql, parameters));

    private CommandDefinition Command(string sql, object? parameters) => new(sql, parameters, _transaction, cancellationToken: _cancellation);
}
