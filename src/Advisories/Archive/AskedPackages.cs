namespace Suture.Advisories.Archive;

/// <summary>Packages of one source that were asked for the changelog and did not have it.</summary>
internal sealed class AskedPackages
{
    private readonly List<PackageFile> _files = [];
    private readonly HashSet<string> _linked = new(StringComparer.Ordinal);

    internal IReadOnlyList<PackageFile> Files => _files;

    /// <summary>Bytes of those that were fetched.</summary>
    internal long Bytes { get; private set; }

    /// <summary>Why the first of them that cannot be had or read cannot be; null when all could.</summary>
    internal string? Fault { get; set; }

    /// <summary>True when the archive does not have one that its index names.</summary>
    internal bool IsOneMissing { get; private set; }

    /// <summary>Takes note of a package.</summary>
    /// <param name="file">The package.</param>
    /// <param name="linked">The package whose documentation its own is a link to; null when it is none.</param>
    internal void Add(PackageFile file, string? linked)
    {
        _files.Add(file);
        Bytes += file.SizeBytes;
        if (linked is not null)
        {
            _linked.Add(linked);
        }
    }

    /// <summary>Takes note of a package that the archive does not have.</summary>
    internal void AddMissing(PackageFile file)
    {
        _files.Add(file);
        IsOneMissing = true;
        Fault ??= $"the archive names {file.Name} and does not have it";
    }

    /// <summary>True for a package to which the documentation of one that was asked is a link.</summary>
    internal bool IsLinked(PackageFile file) => _linked.Contains(file.Package);
}
