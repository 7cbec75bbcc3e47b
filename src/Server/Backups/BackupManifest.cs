using System.Text.Json.Serialization;
using Suture.Platform.Storage;

namespace Suture.Server.Backups;

/// <summary>What a backup holds: <c>backup.json</c> in its folder. It is written last; a folder without it is no backup.</summary>
internal sealed record BackupManifest
{
    internal const string FileName = "backup.json";

    /// <summary>1.</summary>
    public required int Schema { get; init; }

    /// <summary>When it was begun.</summary>
    public required DateTimeOffset CreatedUtc { get; init; }

    /// <summary>Version of the server that made it; the same or a newer one can read it.</summary>
    public required string Version { get; init; }

    /// <summary>Where the ledger of the copied store ends; null when the store is PostgreSQL and is dumped with its own tools.</summary>
    public LedgerEnd? Ledger { get; init; }

    /// <summary>Its files, ordered by path.</summary>
    public required IReadOnlyList<BackupFile> Files { get; init; }
}

/// <summary>A file of a backup.</summary>
/// <param name="Path">Path below the folder, with <c>/</c>.</param>
/// <param name="Bytes">Size.</param>
/// <param name="Sha256">64 lower-case hex digits.</param>
internal sealed record BackupFile(string Path, long Bytes, string Sha256);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, RespectNullableAnnotations = true, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(BackupManifest))]
internal sealed partial class BackupJson : JsonSerializerContext;

/// <summary>A backup that cannot be made or used; the message names the thing and the next step.</summary>
/// <param name="message">For people.</param>
/// <param name="inner">What was behind it.</param>
internal sealed class BackupException(string message, Exception? inner = null) : Exception(message, inner);
