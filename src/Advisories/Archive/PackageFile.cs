using System.Globalization;
using Suture.Knowledge.Versions;

namespace Suture.Advisories.Archive;

/// <summary>A package file in a signed index.</summary>
internal sealed record PackageFile
{
    public required string Package { get; init; }

    public required string Source { get; init; }

    public required string SourceVersion { get; init; }

    public required string Path { get; init; }

    /// <summary>Last part of the path, <c>dpkg_1.20.14_amd64.deb</c>.</summary>
    public string Name => Path[(Path.LastIndexOf('/') + 1)..];

    public required long SizeBytes { get; init; }

    public required string Sha256 { get; init; }

    /// <summary>Reads a Packages index paragraph by paragraph.</summary>
    internal static IEnumerable<PackageFile> ReadIndex(TextReader index)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        while (index.ReadLine() is { } line)
        {
            if (line.Length == 0)
            {
                if (From(fields) is { } file)
                {
                    yield return file;
                }
                fields.Clear();
            }
            else if (line[0] is not (' ' or '\t') && line.IndexOf(": ", StringComparison.Ordinal) is > 0 and var colon)
            {
                fields[line[..colon]] = line[(colon + 2)..];
            }
        }
        if (From(fields) is { } last)
        {
            yield return last;
        }
    }

    private static PackageFile? From(Dictionary<string, string> fields)
    {
        if (!fields.TryGetValue("Package", out var package) || !fields.TryGetValue("Version", out var version)
            || !fields.TryGetValue("Filename", out var path) || !fields.TryGetValue("SHA256", out var hash)
            || !long.TryParse(fields.GetValueOrDefault("Size"), NumberStyles.None, CultureInfo.InvariantCulture, out var size))
        {
            return null;
        }
        var (source, sourceVersion) = DebianSource.Map(package, version, fields.GetValueOrDefault("Source"));
        return new PackageFile { Package = package, Source = source, SourceVersion = sourceVersion, Path = path, SizeBytes = size, Sha256 = hash };
    }
}
