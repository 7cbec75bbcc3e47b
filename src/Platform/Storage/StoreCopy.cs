using Microsoft.Data.Sqlite;

namespace Suture.Platform.Storage;

/// <summary>A copy of a SQLite store while a server works on it.</summary>
public static class StoreCopy
{
    /// <summary>Copies the store as it is at one instant; writers go on meanwhile.</summary>
    /// <param name="from">The SQLite file.</param>
    /// <param name="to">File to make, for its owner only; it is on disk when this returns.</param>
    /// <returns>Where the ledger of the copy ends.</returns>
    /// <exception cref="InvalidOperationException">There is no store, or the copy is damaged.</exception>
    /// <exception cref="IOException">The copy is there already, or the disk refused.</exception>
    public static async Task<LedgerEnd> MakeAsync(string from, string to)
    {
        if (!File.Exists(from))
        {
            throw new InvalidOperationException($"There is no store {from}. Name the server's data folder with --data.");
        }
        await OwnerOnly.Create(to).DisposeAsync();
        await using (var source = new SqliteConnection(Text(from, SqliteOpenMode.ReadOnly)))
        await using (var target = new SqliteConnection(Text(to, SqliteOpenMode.ReadWrite)))
        {
            await source.OpenAsync();
            await target.OpenAsync();
            source.BackupDatabase(target);
            await ScalarAsync(target, "pragma journal_mode = delete"); // one file, without a log beside it
        }
        Flush(to);
        return await CheckAsync(to);
    }

    /// <summary>Looks through a copy.</summary>
    /// <param name="copy">A SQLite file that nobody uses.</param>
    /// <returns>Where its ledger ends.</returns>
    /// <exception cref="InvalidOperationException">It is damaged.</exception>
    public static async Task<LedgerEnd> CheckAsync(string copy)
    {
        await using var connection = new SqliteConnection(Text(copy, SqliteOpenMode.ReadOnly));
        await connection.OpenAsync();
        if (await ScalarAsync(connection, "pragma integrity_check") is not "ok")
        {
            throw new InvalidOperationException($"The copy {copy} is damaged. Look at the disk, and make another.");
        }
        await using var command = connection.CreateCommand();
        command.CommandText = "select position, hex(hash) from platform_ledger where position is not null order by position desc limit 1";
        await using var reader = await command.ExecuteReaderAsync();
        return await reader.ReadAsync() ? new LedgerEnd(reader.GetInt64(0), reader.GetString(1).ToLowerInvariant()) : new LedgerEnd(0, "");
    }

    private static void Flush(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        file.Flush(flushToDisk: true);
    }

    private static async Task<object?> ScalarAsync(SqliteConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync();
    }

    private static string Text(string path, SqliteOpenMode mode) =>
        new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false, DefaultTimeout = 30 }.ToString();
}

/// <summary>Where a ledger's chain ends.</summary>
/// <param name="Position">Sealed rows; 0 when there is none.</param>
/// <param name="Hash">Hash of the last, 64 lower-case hex digits; empty when there is none.</param>
public sealed record LedgerEnd(long Position, string Hash);
