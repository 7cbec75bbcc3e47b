using System.Data;
using System.Data.Common;
using System.Globalization;
using Npgsql;
using NpgsqlTypes;

namespace Suture.Platform.Storage;

/// <summary>PostgreSQL, the store of large fleets.</summary>
internal sealed class PostgreSqlDialect : Dialect
{
    public override string Name => "postgresql";

    public override IReadOnlyDictionary<string, string> ColumnTypes { get; } = new Dictionary<string, string>
    {
        ["blob"] = "bytea",
        ["text"] = "text collate \"C\"",
        ["identity"] = "bigint generated always as identity primary key",
        ["double"] = "double precision",
    };

    public override string SkipLocked => "for update skip locked";

    internal override string? LockSql => "select pg_advisory_xact_lock(hashtextextended(@key, 0))";

    // As an update that changes no key does: references to the row may still be written.
    public override string Hold(string alias) => $"for no key update of {alias}";

    public override string In(string column, string parameter) => $"{column} = any(@{parameter})";

    public override bool IsDuplicate(DbException fault) => fault is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation };

    internal override ValueTask<IDisposable?> TakeTurnAsync(CancellationToken cancellation) => ValueTask.FromResult<IDisposable?>(null);

    internal override bool IsConflict(DbException fault) =>
        fault is PostgresException { SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected };

    internal override void SetList(IDbDataParameter parameter, IReadOnlyList<object> stored, DbType kind)
    {
        (((NpgsqlParameter)parameter).NpgsqlDbType, parameter.Value) = kind switch
        {
            DbType.Binary => (NpgsqlDbType.Array | NpgsqlDbType.Bytea, (object)stored.Cast<byte[]>().ToArray()),
            DbType.Int64 => (NpgsqlDbType.Array | NpgsqlDbType.Bigint, stored.Cast<long>().ToArray()),
            DbType.Double => (NpgsqlDbType.Array | NpgsqlDbType.Double, stored.Cast<double>().ToArray()),
            _ => (NpgsqlDbType.Array | NpgsqlDbType.Text, stored.Cast<string>().ToArray()),
        };
    }

    internal override async Task<DbTransaction> BeginWriteAsync(DbConnection connection, CancellationToken cancellation) =>
        await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellation);

    internal override async Task<long> BulkInsertAsync(
        DbConnection connection, DbTransaction transaction, string table, IReadOnlyList<string> columns, IEnumerable<object?[]> rows, CancellationToken cancellation)
    {
        var npgsql = (NpgsqlConnection)connection;
        var names = string.Join(", ", columns);
        var types = await TypesAsync(npgsql, table, names, cancellation);
        await using var import = await npgsql.BeginBinaryImportAsync($"copy {table} ({names}) from stdin (format binary)", cancellation);
        foreach (var row in rows)
        {
            await import.StartRowAsync(cancellation);
            for (var i = 0; i < columns.Count; i++)
            {
                await WriteAsync(import, types[i], row[i] is { } value ? StoreValue.Of(columns[i], value) : null, cancellation);
            }
        }
        return (long)await import.CompleteAsync(cancellation);
    }

    // Binary copy converts nothing: each value goes in the column's own type.
    private static async Task<string[]> TypesAsync(NpgsqlConnection connection, string table, string names, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"select {names} from {table} limit 0", connection);
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SchemaOnly, cancellation);
        return [.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetDataTypeName)];
    }

    private static Task WriteAsync(NpgsqlBinaryImporter import, string type, object? value, CancellationToken cancellation) => (type, value) switch
    {
        (_, null) => import.WriteNullAsync(cancellation),
        ("integer", long number) => import.WriteAsync(checked((int)number), NpgsqlDbType.Integer, cancellation),
        (_, long number) => import.WriteAsync(number, NpgsqlDbType.Bigint, cancellation),
        (_, double number) => import.WriteAsync(number, NpgsqlDbType.Double, cancellation),
        (_, byte[] bytes) => import.WriteAsync(bytes, NpgsqlDbType.Bytea, cancellation),
        _ => import.WriteAsync(Convert.ToString(value, CultureInfo.InvariantCulture)!, NpgsqlDbType.Text, cancellation),
    };
}
