using Suture.Collect.Dpkg;
using Suture.Collect.Files;

namespace Suture.Collect.Processes;

/// <summary>Content of <c>mapped.json</c>.</summary>
/// <param name="Schema">1.</param>
/// <param name="Stamp">State of dpkg's lists that <paramref name="Unowned"/> is true for.</param>
/// <param name="Owners">Package by path, also of paths that are no longer in any list.</param>
/// <param name="Unowned">Mapped paths that no list has.</param>
internal sealed record MappedPaths(int Schema, string? Stamp, SortedDictionary<string, string> Owners, IReadOnlyList<string> Unowned);

/// <summary>Which package a mapped file belongs to, or belonged to before it was replaced.</summary>
/// <remarks>dpkg overwrites its lists with the upgrade, so a library whose file name carries its version would belong to nobody once it is replaced. With a state
/// folder each owner found is journalled.</remarks>
internal sealed class PathOwners
{
    private const string FileName = "mapped.json";
    private const int Schema = 1;

    private readonly FileLists _lists;
    private readonly string? _folder;
    private readonly SortedDictionary<string, string> _journal = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unowned = new(StringComparer.Ordinal);
    private readonly HashSet<string> _recent = new(StringComparer.Ordinal);
    private string? _stamp;
    private bool _isChanged;

    private PathOwners(FileLists lists, string? folder)
    {
        _lists = lists;
        _folder = folder;
    }

    /// <summary>Loads the journal.</summary>
    /// <param name="lists">dpkg's lists.</param>
    /// <param name="options">State folder, or one for caches: there only what dpkg's lists say today counts.</param>
    /// <param name="failures">Says when the journal was lost.</param>
    public static PathOwners Load(FileLists lists, CollectOptions options, FailureList failures)
    {
        var owners = new PathOwners(lists, options.Caches);
        var read = options.Caches is { } folder ? failures.Attempt("mapped-path-journal", () => StateFile.Read(folder, FileName, CollectJson.Default.MappedPaths)) : null;
        if (read is { Schema: Schema } && (options.StateDirectory is not null || read.Stamp == lists.Stamp))
        {
            foreach (var (path, package) in read.Owners)
            {
                owners._journal[path] = package;
            }
            owners._unowned.UnionWith(read.Unowned);
            owners._stamp = read.Stamp;
        }
        return owners;
    }

    /// <summary>Finds the owners of paths; dpkg's lists are read only when they changed or a path is new.</summary>
    /// <param name="paths">Paths in canonical form.</param>
    public void Resolve(IReadOnlySet<string> paths)
    {
        var stamp = _lists.Stamp ?? throw new CollectException("/var/lib/dpkg/info is not there; files cannot be told to packages.");
        _recent.UnionWith(paths);
        if (stamp == _stamp && paths.All(path => _journal.ContainsKey(path) || _unowned.Contains(path)))
        {
            return;
        }
        var found = _lists.FindOwners(paths);
        foreach (var (path, package) in found)
        {
            _journal[path] = package;
        }
        _unowned.Clear();
        _unowned.UnionWith(paths.Where(path => !_journal.ContainsKey(path)));
        _stamp = stamp;
        _isChanged = true;
    }

    /// <summary>Journals the programs and libraries of a package before it is changed.</summary>
    /// <param name="package">Binary package.</param>
    public void Remember(string package)
    {
        foreach (var list in _lists.Names.Where(list => FileLists.PackageOf(list) == package))
        {
            foreach (var path in _lists.PathsOf(list).Where(CodePaths.IsProgramOrLibrary).Take(CollectLimits.JournalPaths))
            {
                _journal[path] = package;
                _recent.Add(path);
                _isChanged = true;
            }
        }
    }

    /// <summary>Package of a path; null when none is known.</summary>
    /// <param name="path">Path in canonical form.</param>
    public string? Of(string path) => _journal.GetValueOrDefault(path);

    /// <summary>Writes the journal when it changed. Beyond <see cref="CollectLimits.JournalPaths"/> the paths that were not looked up this time go first.</summary>
    public void Save()
    {
        if (_folder is null || !_isChanged)
        {
            return;
        }
        var surplus = _journal.Count - CollectLimits.JournalPaths;
        foreach (var path in surplus <= 0 ? [] : _journal.Keys.OrderBy(path => _recent.Contains(path)).Take(surplus).ToArray())
        {
            _journal.Remove(path);
        }
        string[] unowned = [.. _unowned.Order(StringComparer.Ordinal).Take(CollectLimits.JournalPaths)];
        StateFile.Write(_folder, FileName, new MappedPaths(Schema, _stamp, _journal, unowned), CollectJson.Default.MappedPaths);
        _isChanged = false;
    }
}
