using System.Text;
using Suture.Collect.Files;
using Suture.Collect.Processes;

namespace Suture.Collect.Dpkg;

/// <summary>dpkg's lists of the files of each package (<c>info/NAME.list</c>).</summary>
/// <param name="root">The machine.</param>
internal sealed class FileLists(MachineRoot root)
{
    private const string Folder = "/var/lib/dpkg/info";
    private const string Suffix = ".list";
    private const int PathCharacters = 4096;

    /// <summary>Changes when dpkg writes a list; null when there are none.</summary>
    public string? Stamp => root.Stat(Folder) is { } facts ? $"{facts.ModifiedUtc:O} {facts.ChangedUtc:O}" : null;

    /// <summary>File names of all lists, ordered.</summary>
    public IEnumerable<string> Names => root.List(Folder).Where(name => name.EndsWith(Suffix, StringComparison.Ordinal));

    /// <summary>Package of a list: <c>libssl3:amd64.list</c> is <c>libssl3</c>.</summary>
    public static string PackageOf(string list)
    {
        var name = list[..^Suffix.Length];
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? name : name[..colon];
    }

    /// <summary>When dpkg last wrote a list, which it does with every unpack.</summary>
    public DateTimeOffset? WrittenUtc(string list) => root.Stat($"{Folder}/{list}")?.ModifiedUtc;

    /// <summary>Paths of one list in canonical form.</summary>
    public IEnumerable<string> PathsOf(string list) => Paths(root.Open($"{Folder}/{list}"), list);

    /// <summary>Paths of an opened list in canonical form.</summary>
    /// <param name="stream">The list; closed at the end.</param>
    /// <param name="list">Its name, for faults.</param>
    internal static IEnumerable<string> Paths(Stream stream, string list)
    {
        using var lines = new LineReader(stream, list, CollectLimits.StatusBytes);
        while (lines.TryRead(out var line))
        {
            yield return CodePaths.Canonical(Encoding.UTF8.GetString(line));
        }
    }

    /// <summary>Finds the packages of paths in one pass over all lists.</summary>
    /// <param name="wanted">Paths in canonical form.</param>
    /// <returns>Package by path; a path of no package is not there. Of several packages the first by name counts.</returns>
    public Dictionary<string, string> FindOwners(IReadOnlySet<string> wanted)
    {
        var spellings = new Dictionary<string, string>(StringComparer.Ordinal); // how a list may write it -> canonical
        foreach (var path in wanted)
        {
            spellings[path] = path;
            if (path.StartsWith("/usr/", StringComparison.Ordinal) && CodePaths.Canonical(path[4..]) == path)
            {
                spellings[path[4..]] = path;
            }
        }
        var lookup = spellings.GetAlternateLookup<ReadOnlySpan<char>>();
        var owners = new Dictionary<string, string>(StringComparer.Ordinal);
        Span<char> characters = stackalloc char[PathCharacters];
        foreach (var list in Names)
        {
            using var lines = new LineReader(root.Open($"{Folder}/{list}"), list, CollectLimits.StatusBytes);
            while (lines.TryRead(out var line))
            {
                if (Encoding.UTF8.TryGetChars(line, characters, out var length) && lookup.TryGetValue(characters[..length], out var path))
                {
                    owners.TryAdd(path, PackageOf(list));
                }
            }
        }
        return owners;
    }
}
