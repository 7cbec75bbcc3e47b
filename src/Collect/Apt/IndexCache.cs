using System.Security.Cryptography;
using System.Text;
using Suture.Collect.Files;
using Suture.Knowledge.Files;

namespace Suture.Collect.Apt;

/// <summary>Content of <c>indexes.json</c>.</summary>
/// <param name="Schema">1.</param>
/// <param name="Wanted">Digest of the names that were searched for.</param>
/// <param name="Indexes">Results, one an index file.</param>
internal sealed record CachedIndexes(int Schema, string Wanted, IReadOnlyList<CachedIndex> Indexes);

/// <summary>Result of one parse.</summary>
internal sealed record CachedIndex(string File, long SizeBytes, DateTimeOffset ModifiedUtc, DateTimeOffset ChangedUtc, IndexContent Content);

/// <summary>Keeps what was found in each index, so that 50 MB are not parsed again for every report. Valid for one file (size, times) and one set of installed names.</summary>
internal sealed class IndexCache
{
    private const string FileName = "indexes.json";
    private const int Schema = 1;

    private readonly string _folder;
    private readonly string _wanted;
    private readonly Dictionary<string, CachedIndex> _earlier = new(StringComparer.Ordinal);
    private readonly List<CachedIndex> _current = [];
    private bool _isChanged;

    private IndexCache(string folder, string wanted)
    {
        _folder = folder;
        _wanted = wanted;
    }

    /// <summary>Loads the cache; one that cannot be read is empty, it holds nothing that is not found again.</summary>
    /// <param name="folder">State folder.</param>
    /// <param name="wanted">What indexes are searched for now.</param>
    public static IndexCache Load(string folder, Wanted wanted)
    {
        var cache = new IndexCache(folder, Digest(wanted));
        try
        {
            var read = StateFile.Read(folder, FileName, CollectJson.Default.CachedIndexes);
            if (read is { Schema: Schema } && read.Wanted == cache._wanted)
            {
                foreach (var index in read.Indexes)
                {
                    cache._earlier[index.File] = index;
                }
            }
        }
        catch (Exception fault) when (fault is CollectException or IOException or UnauthorizedAccessException)
        {
            cache._isChanged = true;
        }
        return cache;
    }

    /// <summary>Result of an earlier parse of the very same file; null when there is none.</summary>
    public IndexContent? Find(string file, FileFacts facts)
    {
        if (!_earlier.TryGetValue(file, out var index)
            || index.SizeBytes != facts.SizeBytes || index.ModifiedUtc != facts.ModifiedUtc || index.ChangedUtc != facts.ChangedUtc)
        {
            return null;
        }
        _current.Add(index);
        return index.Content;
    }

    /// <summary>Keeps the result of a parse.</summary>
    public void Keep(string file, FileFacts facts, IndexContent content)
    {
        _current.Add(new CachedIndex(file, facts.SizeBytes, facts.ModifiedUtc, facts.ChangedUtc, content));
        _isChanged = true;
    }

    /// <summary>Writes what changed; files that are gone are forgotten.</summary>
    public void Save()
    {
        if (_isChanged || _current.Count != _earlier.Count)
        {
            StateFile.Write(_folder, FileName, new CachedIndexes(Schema, _wanted, _current), CollectJson.Default.CachedIndexes);
        }
    }

    private static string Digest(Wanted wanted)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var name in wanted.Names.Order(StringComparer.Ordinal).Append("").Concat(wanted.Sources.Order(StringComparer.Ordinal)))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(name + "\n"));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
