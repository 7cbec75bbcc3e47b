using System.Data;
using System.Data.Common;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Suture.Platform.Storage;

/// <summary>SQLite in a file, the embedded default.</summary>
internal sealed class SqliteDialect : Dialect
{
    private const int Busy = 5;
    private const int Locked = 6;
    private const int ConstraintUnique = 2067;
    private const int ConstraintPrimaryKey = 1555;

    // Without it, writers of this process would wait for each other asleep in the engine, each with a thread.
    private readonly SemaphoreSlim _writer = new(1, 1);

    public override string Name => "sqlite";

    public override IReadOnlyDictionary<string, string> ColumnTypes { get; } = new Dictionary<string, string>
    {
        ["blob"] = "blob",
        ["text"] = "text",
        ["identity"] = "integer primary key autoincrement",
        ["double"] = "real",
    };

    public override string SkipLocked => "";

    internal override string? LockSql => null;

    public override string Hold(string alias) => "";

    // A list travels as one JSON text; bytes as {"b": hex}, since JSON has none.
    public override string In(string column, string parameter) =>
        $"{column} in (select case type when 'object' then unhex(value ->> 'b') else value end from json_each(@{parameter}))";

    public override bool IsDuplicate(DbException fault) => fault is SqliteException { SqliteExtendedErrorCode: ConstraintUnique or ConstraintPrimaryKey };

    internal override bool IsConflict(DbException fault) => fault is SqliteException { SqliteErrorCode: Busy or Locked };

    internal override void SetList(IDbDataParameter parameter, IReadOnlyList<object> stored, DbType kind)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            foreach (var value in stored)
            {
                Write(json, value);
            }
            json.WriteEndArray();
        }
        parameter.DbType = DbType.String;
        parameter.Value = System.Text.Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    internal override async ValueTask<IDisposable?> TakeTurnAsync(CancellationToken cancellation)
    {
        await _writer.WaitAsync(cancellation);
        return new Turn(_writer);
    }

    // Serializable is "begin immediate" here; only read uncommitted is deferred.
    internal override async Task<DbTransaction> BeginWriteAsync(DbConnection connection, CancellationToken cancellation) =>
        await connection.BeginTransactionAsync(IsolationLevel.Serializable, cancellation);

    internal override async Task<long> BulkInsertAsync(
        DbConnection connection, DbTransaction transaction, string table, IReadOnlyList<string> columns, IEnumerable<object?[]> rows, CancellationToken cancellation)
    {
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = $"insert into {table} ({string.Join(", ", columns)}) values ({string.Join(", ", columns.Select((_, i) => $"@p{i}"))})";
        var parameters = columns.Select((_, i) => new SqliteParameter { ParameterName = $"@p{i}" }).ToArray();
        command.Parameters.AddRange(parameters);
        var count = 0L;
        foreach (var row in rows)
        {
            for (var i = 0; i < parameters.Length; i++)
            {
                parameters[i].Value = row[i] is { } value ? StoreValue.Of(columns[i], value) : DBNull.Value;
            }
            count += await command.ExecuteNonQueryAsync(cancellation);
        }
        return count;
    }

    private static void Write(Utf8JsonWriter json, object value)
    {
        switch (value)
        {
            case byte[] bytes:
                json.WriteStartObject();
                json.WriteString("b", Convert.ToHexString(bytes));
                json.WriteEndObject();
                break;
            case string text:
                json.WriteStringValue(text);
                break;
            case long number:
                json.WriteNumberValue(number);
                break;
            default:
                json.WriteNumberValue((double)value);
                break;
        }
    }

    private sealed class Turn(SemaphoreSlim writer) : IDisposable
    {
        public void Dispose() => writer.Release();
    }
}
