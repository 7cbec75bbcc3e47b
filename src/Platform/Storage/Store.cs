using System.Data.Common;
using Dapper;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Suture.Platform.Storage;

/// <summary>The store: SQLite in a file, or PostgreSQL.</summary>
/// <remarks>Reads see committed data only. Writes run in one transaction; in SQLite one at a time, in PostgreSQL at read committed with
/// compare-and-set on (state, version), and are tried again when another writer was in the way.</remarks>
public sealed class Store : IAsyncDisposable
{
    /// <summary>How often a write is tried when other writers are in the way.</summary>
    public const int WriteAttemptsMax = 10;

    // Set while this flow of control writes: a write within a write would wait for itself.
    private static readonly AsyncLocal<bool> IsWriting = new();

    private readonly Func<DbConnection> _connect;
    private readonly NpgsqlDataSource? _dataSource;

    static Store() => TypeMapping.Register();

    private Store(Dialect dialect, string connectionString, Func<DbConnection> connect, NpgsqlDataSource? dataSource)
    {
        Dialect = dialect;
        ConnectionString = connectionString;
        _connect = connect;
        _dataSource = dataSource;
    }

    /// <summary>What differs between engines.</summary>
    public Dialect Dialect { get; }

    internal string ConnectionString { get; }

    /// <summary>Path of the SQLite file; empty for PostgreSQL.</summary>
    internal string FilePath => _dataSource is not null ? "" : new SqliteConnectionStringBuilder(ConnectionString).DataSource;

    /// <summary>Opens a store by what the user gave.</summary>
    /// <param name="location">A PostgreSQL connection string (<c>Host=...</c>), or the path of a SQLite file, made for its owner only when absent.</param>
    /// <returns>The store; call <see cref="Migrator.Migrate"/> before use.</returns>
    /// <exception cref="InvalidOperationException">The connection string is none, or others than its owner may use the file; says what to do.</exception>
    public static Store Open(string location)
    {
        if (IsPostgreSql(location))
        {
            var dataSource = NpgsqlDataSource.Create(Parse(location).ConnectionString);
            return new Store(new PostgreSqlDialect(), location, dataSource.CreateConnection, dataSource);
        }
        return OpenFile(location, new SqliteDialect());
    }

    /// <summary>Opens a SQLite file.</summary>
    /// <param name="location">Its path, made for its owner only when absent.</param>
    /// <param name="dialect">The engine's; a simulation hands in one that fails where it wants.</param>
    internal static Store OpenFile(string location, Dialect dialect)
    {
        // Before the engine makes it: its journals take the mode of the file.
        OwnerOnly.EnsureFile(Path.GetFullPath(location));
        var text = new SqliteConnectionStringBuilder { DataSource = location, ForeignKeys = true, DefaultTimeout = 30, Pooling = true }.ToString();
        using (var first = new SqliteConnection(text))
        {
            first.Open();
            first.Execute("pragma journal_mode = wal"); // The file remembers it.
        }
        return new Store(dialect, text, () => new SqliteConnection(text), null);
    }

    /// <summary>True when a location is one of PostgreSQL.</summary>
    /// <param name="location">As for <see cref="Open"/>.</param>
    public static bool IsPostgreSql(string location) => location.Contains("Host=", StringComparison.OrdinalIgnoreCase);

    /// <summary>What a location means, for people; no password is in it.</summary>
    /// <param name="location">As for <see cref="Open"/>.</param>
    public static string Describe(string location) => IsPostgreSql(location) && Parse(location) is { } text
        ? $"The store (PostgreSQL at {text.Host}, port {text.Port}, database '{text.Database ?? text.Username}')"
        : $"The store (SQLite file {location})";

    /// <summary>Reads, outside any transaction.</summary>
    /// <param name="read">Uses the session; must not write.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <typeparam name="T">What is read.</typeparam>
    public async Task<T> ReadAsync<T>(Func<StoreSession, Task<T>> read, CancellationToken cancellation)
    {
        await using var connection = await OpenAsync(cancellation);
        return await read(new StoreSession(connection, null, Dialect, cancellation));
    }

    /// <summary>Writes in one transaction. The work may run more than once when another writer was in the way: it must have no other effect.</summary>
    /// <param name="write">The work.</param>
    /// <param name="cancellation">Ends the wait; nothing is written then.</param>
    /// <typeparam name="T">What comes back.</typeparam>
    /// <exception cref="InvalidOperationException">Called from within a write: hand on the session instead.</exception>
    public async Task<T> WriteAsync<T>(Func<StoreSession, Task<T>> write, CancellationToken cancellation)
    {
        if (IsWriting.Value)
        {
            throw new InvalidOperationException("A write within a write would wait for itself: hand on the session of the outer one.");
        }
        using var turn = await Dialect.TakeTurnAsync(cancellation);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await WriteOnceAsync(write, cancellation);
            }
            catch (DbException fault) when (attempt < WriteAttemptsMax && Dialect.IsConflict(fault))
            {
                // The transaction is rolled back; the same work sees the other writer's rows now.
            }
        }
    }

    /// <summary>Writes in one transaction, without a value.</summary>
    /// <param name="write">The work.</param>
    /// <param name="cancellation">Ends the wait; nothing is written then.</param>
    public Task WriteAsync(Func<StoreSession, Task> write, CancellationToken cancellation) =>
        WriteAsync(async session => { await write(session); return true; }, cancellation);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_dataSource is not null)
        {
            await _dataSource.DisposeAsync();
        }
        else
        {
            SqliteConnection.ClearPool(new SqliteConnection(ConnectionString));
        }
    }

    private static NpgsqlConnectionStringBuilder Parse(string location)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(location);
        }
        catch (ArgumentException fault)
        {
            throw new InvalidOperationException($"The store's connection string is none of PostgreSQL: {fault.Message} Wanted is 'Host=HOST;Port=5432;Database=NAME;Username=USER'.", fault);
        }
    }

    private async Task<T> WriteOnceAsync<T>(Func<StoreSession, Task<T>> write, CancellationToken cancellation)
    {
        await using var connection = await OpenAsync(cancellation);
        await using var transaction = await Dialect.BeginWriteAsync(connection, cancellation);
        var session = new StoreSession(connection, transaction, Dialect, cancellation);
        IsWriting.Value = true; // Ends with this method: the value flows down, not up.
        var result = await write(session);
        await Dialect.CommitAsync(transaction, cancellation);
        IsWriting.Value = false;
        session.Committed();
        return result;
    }

    private async Task<DbConnection> OpenAsync(CancellationToken cancellation)
    {
        var connection = _connect();
        await connection.OpenAsync(cancellation);
        if (_dataSource is null)
        {
            // Full sync: an approval that was answered must survive a power cut.
            await connection.ExecuteAsync("pragma synchronous = full; pragma busy_timeout = 30000;");
        }
        return connection;
    }
}
