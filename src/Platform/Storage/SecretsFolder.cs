using System.Security.Cryptography;

namespace Suture.Platform.Storage;

/// <summary>The server's own secrets (keys it signs with), in files of the data folder that only its user reads; never in the store, so that a copy of
/// the store gives nobody the right to act.</summary>
public sealed class SecretsFolder
{
    /// <summary>Largest secret, in bytes.</summary>
    public const int BytesMax = 64 * 1024;

    private readonly string _folder;
    private readonly Lock _gate = new();

    private SecretsFolder(string folder) => _folder = folder;

    /// <summary>Opens <c>secrets</c> in the data folder, made with mode 0700 when absent.</summary>
    /// <param name="dataFolder">The server's data folder; made when absent.</param>
    /// <exception cref="InvalidOperationException">Others than its owner may enter the folder.</exception>
    public static SecretsFolder Open(string dataFolder)
    {
        var folder = Path.Combine(Path.GetFullPath(dataFolder), "secrets");
        OwnerOnly.EnsureFolder(folder);
        return new SecretsFolder(folder);
    }

    /// <summary>Reads a secret.</summary>
    /// <param name="name">Name: letters, digits, dash, dot.</param>
    /// <returns>Its bytes; null when there is none.</returns>
    /// <exception cref="InvalidOperationException">Others than its owner may read the file.</exception>
    public byte[]? Read(string name)
    {
        var path = PathOf(name);
        if (!File.Exists(path))
        {
            return null;
        }
        OwnerOnly.RefuseSharedFile(path);
        var length = new FileInfo(path).Length;
        return length is > 0 and <= BytesMax
            ? File.ReadAllBytes(path)
            : throw new InvalidOperationException($"The secret {path} has {length} bytes; wanted are 1 to {BytesMax}. Restore it from the backup.");
    }

    /// <summary>Writes a secret, whole or not at all: it is on disk when this returns.</summary>
    /// <param name="name">Name: letters, digits, dash, dot.</param>
    /// <param name="secret">1 to <see cref="BytesMax"/> bytes.</param>
    public void Write(string name, ReadOnlySpan<byte> secret)
    {
        ArgumentOutOfRangeException.ThrowIfZero(secret.Length, nameof(secret));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(secret.Length, BytesMax, nameof(secret));
        var path = PathOf(name);
        lock (_gate)
        {
            var draft = $"{path}.{RandomNumberGenerator.GetHexString(8)}.draft";
            using (var file = OwnerOnly.Create(draft))
            {
                file.Write(secret);
                file.Flush(flushToDisk: true);
            }
            File.Move(draft, path, overwrite: true);
            OwnerOnly.FlushFolder(_folder);
        }
    }

    /// <summary>Reads a secret, or makes and writes it the first time.</summary>
    /// <param name="name">Name: letters, digits, dash, dot.</param>
    /// <param name="make">Makes it.</param>
    public byte[] GetOrCreate(string name, Func<byte[]> make)
    {
        lock (_gate)
        {
            if (Read(name) is { } known)
            {
                return known;
            }
            var made = make();
            Write(name, made);
            return made;
        }
    }

    private string PathOf(string name) =>
        name.Length is > 0 and <= 64 && name.All(unit => char.IsAsciiLetterOrDigit(unit) || unit is '-' or '.') && name[0] != '.' && !name.EndsWith(".draft", StringComparison.Ordinal)
            ? Path.Combine(_folder, name)
            : throw new ArgumentException($"'{name}' is no name of a secret: wanted are 1 to 64 letters, digits, dashes, dots.", nameof(name));
}
