using System.IO.Compression;
using K4os.Compression.LZ4.Streams;
using Suture.Collect.Files;

namespace Suture.Collect.Apt;

/// <summary>A package index as apt keeps it on disk, plain or compressed.</summary>
/// <param name="Path">Absolute path on the machine.</param>
/// <param name="BaseName">File name without the compression's ending.</param>
/// <param name="Compression">Ending of the compression; empty for plain text.</param>
internal sealed record IndexFile(string Path, string BaseName, string Compression)
{
    private const string Folder = "/var/lib/apt/lists";
    private const string Suffix = "_Packages";

    /// <summary>Endings that are read, the preferred first.</summary>
    private static readonly string[] Readable = ["", ".lz4", ".gz"];

    private static readonly string[] Unreadable = [".xz", ".bz2", ".zst", ".lzma"];

    /// <summary>File name.</summary>
    public string Name => BaseName + Compression;

    /// <summary>True when its compression cannot be read.</summary>
    public bool IsUnreadable => Unreadable.Contains(Compression);

    /// <summary>Indexes in apt's folder: one for each base name, the readable form before one that is not.</summary>
    public static IReadOnlyList<IndexFile> List(MachineRoot root)
    {
        var found = root.List(Folder).Select(Match).OfType<IndexFile>().GroupBy(file => file.BaseName, StringComparer.Ordinal)
            .Select(forms => forms.OrderBy(file => file.IsUnreadable).ThenBy(file => Array.IndexOf(Readable, file.Compression)).First())
            .ToArray();
        return found.Length <= CollectLimits.Indexes
            ? found
            : throw new CollectException($"{Folder} holds {found.Length} package indexes, at most {CollectLimits.Indexes} are read.");
    }

    /// <summary>Release files in apt's folder; one signed inline goes before one that is not.</summary>
    public static IReadOnlyList<RepositoryRelease> ReadReleases(MachineRoot root, FailureList failures)
    {
        var releases = new Dictionary<string, RepositoryRelease>(StringComparer.Ordinal);
        foreach (var (name, ending) in root.List(Folder).SelectMany(name => new[] { (name, "_InRelease"), (name, "_Release") }))
        {
            if (name.EndsWith(ending, StringComparison.Ordinal))
            {
                var baseName = name[..^ending.Length];
                var release = failures.Attempt("package-indexes", () => RepositoryRelease.Read(baseName, root.Open($"{Folder}/{name}")));
                if (release is not null)
                {
                    releases.TryAdd(baseName, release);
                }
            }
        }
        return [.. releases.Values];
    }

    /// <summary>Opens its text.</summary>
    /// <param name="root">The machine.</param>
    public Stream Open(MachineRoot root) => Unpack(root.Open(Path));

    /// <summary>Its text.</summary>
    /// <param name="file">Its bytes; closed with what is given back.</param>
    internal Stream Unpack(Stream file) => Compression switch
    {
        "" => file,
        ".gz" => new UnpackedStream(new GZipStream(file, CompressionMode.Decompress), Name),
        ".lz4" => new UnpackedStream(LZ4Stream.Decode(file, extraMemory: 0, leaveOpen: false), Name),
        _ => throw new CollectException($"{Name} is compressed with {Compression[1..]}, not readable: what it offers is unknown."),
    };

    /// <summary>The repository it belongs to: the release file whose name is the longest beginning of its own.</summary>
    /// <param name="releases">All release files.</param>
    public RepositoryRelease ReleaseOf(IReadOnlyList<RepositoryRelease> releases) =>
        releases.Where(release => BaseName.StartsWith(release.BaseName + "_", StringComparison.Ordinal)).MaxBy(release => release.BaseName.Length)
        ?? new RepositoryRelease { BaseName = BaseName, Name = BaseName[..^Suffix.Length] };

    private static IndexFile? Match(string name)
    {
        foreach (var ending in Readable.Concat(Unreadable))
        {
            if (name.EndsWith(Suffix + ending, StringComparison.Ordinal))
            {
                return new IndexFile($"{Folder}/{name}", name[..^ending.Length], ending);
            }
        }
        return null;
    }
}
