using System.CommandLine;
using Suture.Platform.Storage;
using Suture.Server.Backups;

namespace Suture.Server.Commands;

/// <summary><c>backup</c> and <c>restore</c>.</summary>
internal static class BackupCommands
{
    private const int Failure = 3;

    internal static Command Backup(Func<string> standardData)
    {
        var folder = new Argument<string>("folder") { Description = "Folder to make; it holds the server's keys" };
        var data = new Option<string>("--data") { Description = "The server's data folder", DefaultValueFactory = _ => standardData() };
        var withoutStore = new Option<bool>("--without-store") { Description = "All but the store: for a server whose store is PostgreSQL, before pg_dump" };
        var command = new Command("backup", "Copy store, keys, checkpoints and feeds of a server into a folder, while it works.") { folder, data, withoutStore };
        command.SetAction((parsed, _) => RunAsync(async () =>
        {
            var (from, target) = (Path.GetFullPath(parsed.GetValue(data)!), Path.GetFullPath(parsed.GetValue(folder)!));
            if (!parsed.GetValue(withoutStore) && !File.Exists(Path.Combine(from, MakeBackup.StoreFile)))
            {
                throw new BackupException($"{from} holds no SQLite store. If the store is PostgreSQL: './suture backup FOLDER --without-store' first, then 'pg_dump --format=custom' of the database; in this order, "
                    + "or the checkpoints know of rows that the dump does not have.");
            }
            var made = await MakeBackup.RunAsync(from, target, !parsed.GetValue(withoutStore), TimeProvider.System.GetUtcNow());
            await Console.Out.WriteLineAsync($"{target} holds {Words(made)}. It holds the server's keys too: keep it where only you can read it.");
            await Console.Out.WriteLineAsync($"To use it: ./suture restore {target} --data NEW_FOLDER");
        }));
        return command;
    }

    internal static Command Restore()
    {
        var folder = new Argument<string>("folder") { Description = "The backup" };
        var data = new Option<string>("--data") { Description = "Data folder to make; it must not be there, or be empty", Required = true };
        var command = new Command("restore", "Make a server's data folder of a backup. Every byte is compared first.") { folder, data };
        command.SetAction((parsed, _) => RunAsync(async () =>
        {
            var (from, target) = (Path.GetFullPath(parsed.GetValue(folder)!), Path.GetFullPath(parsed.GetValue(data)!));
            var made = await RestoreBackup.RunAsync(from, target);
            await Console.Out.WriteLineAsync($"{target} holds {Words(made)}.");
            await Console.Out.WriteLineAsync($"Start it: ./suture up --data {target}. Agents find it when --agents is the address that they joined; the old server must not run any more.");
        }));
        return command;
    }

    private static async Task<int> RunAsync(Func<Task> work)
    {
        try
        {
            await work();
            return 0;
        }
        catch (BackupException fault)
        {
            await Console.Error.WriteLineAsync($"suture: {fault.Message}");
            return Failure;
        }
    }

    private static string Words(BackupManifest made) =>
        $"{made.Files.Count} files, {made.Files.Sum(file => file.Bytes) / 1e6:0.0} MB, " + (made.Ledger is LedgerEnd { Position: > 0 } ledger
            ? $"with the ledger up to row {ledger.Position} ({ledger.Hash[..16]}...)"
            : made.Ledger is null ? "without the store" : "with an empty ledger");
}
