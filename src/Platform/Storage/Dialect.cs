using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

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

    /// <summary>Condition that a column is one of a list parameter: <c>where {dialect.In("asset_id", "ids")}</c>.</summary>
    /// <param name="column">Column.</param>
    /// <param name="parameter">Name of a parameter that holds an array; an empty array matches nothing.</param>
    public abstract string In(string column, string parameter);

    /// <summary>True when the write may be tried again: another writer was in the way.</summary>
    internal abstract bool IsConflict(DbException fault);

    internal sealed class Sqlite : Dialect
    {
        public override string Name => "sqlite";

        public override IReadOnlyDictionary<string, string> ColumnTypes { get; } = new Dictionary<string, string>
        {
            ["blob"] = "blob",
            ["text"] = "text",
            ["identity"] = "integer primary key autoincrement",
            ["double"] = "real",
        };

        public override string SkipLocked => "";

        // Dapper expands a list parameter in parentheses by itself, an empty one to a query that matches nothing.
        public override string In(string column, string parameter) => $"{column} in @{parameter}";

        internal override bool IsConflict(DbException fault) => fault is SqliteException { SqliteErrorCode: 5 or 6 };
    }

    internal sealed class PostgreSql : Dialect
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

        public override string In(string column, string parameter) => $"{column} = any(@{parameter})";

        internal override bool IsConflict(DbException fault) =>
            fault is PostgresException { SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected };
    }
}
