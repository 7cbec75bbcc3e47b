using System.Security.Cryptography;
using System.Text.Json;
using Suture.Advisories.Fetching;
using Suture.Platform.Storage;

namespace Suture.Server.Backups;

/// <summary>Copies what the server keeps into a folder, while it works. The folder holds its keys: whoever has it can be the server.</summary>
/// <remarks>The file of checkpoints is copied before the store, so that it never speaks of rows which the copy does not have. The backup is whole or not there: it grows under another
/// name.</remarks>
internal static class MakeBackup
{
    internal const string StoreFile = "suture.db";

    // In this order; what is not there is left out. The log is not the server's memory, and the local agent's identity belongs to this machine.
    private static readonly string[] Kept = ["ledger", "secrets", "feeds-in-force", ReadSources.DefaultName];

    /// <summary>Makes one.</summary>
    /// <param name="data">The server's data folder.</param>
    /// <param name="target">Folder to make.</param>
    /// <param name="withStore">False when the store is PostgreSQL.</param>
    /// <param name="now">The instant.</param>
    /// <returns>What it holds.</returns>
    /// <exception cref="BackupException">It could not be made; nothing is left of it.</exception>
    internal static async Task<BackupManifest> RunAsync(string data, string target, bool withStore, DateTimeOffset now)
    {
        if (!Directory.Exists(data))
        {
            throw new BackupException($"There is no data folder {data}. Name the server's with --data.");
        }
        if (Path.Exists(target))
        {
            throw new BackupException($"{target} is there already. A backup makes its own folder: give a new name.");
        }
        var draft = Draft.Of(target);
        try
        {
            OwnerOnly.EnsureFolder(draft);
            return await FillAsync(data, draft, target, withStore, now);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or InvalidOperationException or Microsoft.Data.Sqlite.SqliteException)
        {
            if (Directory.Exists(draft))
            {
                Directory.Delete(draft, recursive: true);
            }
            throw new BackupException($"The backup could not be made, nothing is left of it: {fault.Message}", fault);
        }
    }

    private static async Task<BackupManifest> FillAsync(string data, string draft, string target, bool withStore, DateTimeOffset now)
    {
        foreach (var name in Kept)
        {
            CopyTree.Run(Path.Combine(data, name), Path.Combine(draft, name));
        }
        var ledger = withStore ? await StoreCopy.MakeAsync(Path.Combine(data, StoreFile), Path.Combine(draft, StoreFile)) : null;
        var manifest = new BackupManifest { Schema = 1, CreatedUtc = now, Version = ProductVersion.Text, Ledger = ledger, Files = [.. List(draft)] };
        Write(manifest, Path.Combine(draft, BackupManifest.FileName));
        OwnerOnly.FlushFolder(draft);
        Directory.Move(draft, target);
        OwnerOnly.FlushFolder(Path.GetDirectoryName(Path.GetFullPath(target))!);
        return manifest;
    }

    private static void Write(BackupManifest manifest, string path)
    {
        using var file = OwnerOnly.Create(path);
        JsonSerializer.Serialize(file, manifest, BackupJson.Default.BackupManifest);
        file.Flush(flushToDisk: true);
    }

    internal static IEnumerable<BackupFile> List(string folder) =>
        new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories)
            .Select(file => (file, Name: Path.GetRelativePath(folder, file.FullName)))
            .Where(file => file.Name != BackupManifest.FileName)
            .OrderBy(file => file.Name, StringComparer.Ordinal)
            .Select(file => new BackupFile(file.Name, file.file.Length, HashOf(file.file.FullName)));

    private static string HashOf(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }
}
