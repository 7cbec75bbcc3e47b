using System.Text.Json;
using Suture.Platform.Storage;

namespace Suture.Server.Backups;

/// <summary>Makes a data folder of a backup, after every byte of it was compared.</summary>
internal static class RestoreBackup
{
    /// <summary>Restores.</summary>
    /// <param name="backup">The backup's folder; stays as it is.</param>
    /// <param name="data">Data folder to make.</param>
    /// <returns>What it holds.</returns>
    /// <exception cref="BackupException">It is no backup, it was changed, or the folder is in use; nothing is left behind.</exception>
    internal static async Task<BackupManifest> RunAsync(string backup, string data)
    {
        if (Directory.Exists(data) && Directory.EnumerateFileSystemEntries(data).Any())
        {
            throw new BackupException($"{data} is not empty. A backup is never laid over a server's data: give a new folder, or move this one away.");
        }
        var manifest = await ReadAsync(backup);
        Compare(backup, manifest);
        var draft = Draft.Of(data);
        try
        {
            OwnerOnly.EnsureFolder(draft);
            foreach (var file in manifest.Files)
            {
                OwnerOnly.EnsureFolder(Path.GetDirectoryName(Path.Combine(draft, file.Path))!);
                CopyTree.Run(Path.Combine(backup, file.Path), Path.Combine(draft, file.Path));
            }
            if (manifest.Ledger is { } wanted && await StoreCopy.CheckAsync(Path.Combine(draft, MakeBackup.StoreFile)) is var found && found != wanted)
            {
                throw new InvalidOperationException($"its ledger ends at row {found.Position} with {found.Hash}; backup.json says row {wanted.Position} with {wanted.Hash}");
            }
            if (Directory.Exists(data))
            {
                Directory.Delete(data);
            }
            Directory.Move(draft, data);
            OwnerOnly.FlushFolder(Path.GetDirectoryName(Path.GetFullPath(data))!);
            return manifest;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or InvalidOperationException or Microsoft.Data.Sqlite.SqliteException)
        {
            if (Directory.Exists(draft))
            {
                Directory.Delete(draft, recursive: true);
            }
            throw new BackupException($"The backup {backup} could not be restored, nothing was written to {data}: {fault.Message}", fault);
        }
    }

    private static async Task<BackupManifest> ReadAsync(string backup)
    {
        var path = Path.Combine(backup, BackupManifest.FileName);
        if (!File.Exists(path))
        {
            throw new BackupException($"{backup} is no backup: it has no {BackupManifest.FileName}. './suture backup FOLDER' makes one.");
        }
        try
        {
            await using var file = File.OpenRead(path);
            var manifest = await JsonSerializer.DeserializeAsync(file, BackupJson.Default.BackupManifest);
            return manifest is { Schema: 1 } ? manifest : throw new BackupException($"{path} has schema {manifest?.Schema}; this server reads 1. Restore it with the version that made it: {manifest?.Version}.");
        }
        catch (JsonException fault)
        {
            throw new BackupException($"{path} cannot be understood: {fault.Message} Take another backup.", fault);
        }
    }

    private static void Compare(string backup, BackupManifest manifest)
    {
        var there = MakeBackup.List(backup).ToDictionary(file => file.Path, StringComparer.Ordinal);
        var faults = manifest.Files.Where(file => !there.Remove(file.Path, out var found) || found != file).Select(file => file.Path)
            .Concat(there.Keys.Select(path => $"{path} (not in {BackupManifest.FileName})")).ToList();
        if (faults.Count > 0)
        {
            throw new BackupException($"The backup {backup} is not as it was made: {string.Join(", ", faults.Take(10))} differ. Take another backup.");
        }
    }
}
