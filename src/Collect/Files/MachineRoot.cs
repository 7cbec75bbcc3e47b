using System.Text;
using Suture.Knowledge.Files;

namespace Suture.Collect.Files;

/// <summary>The file system of the machine that is read; links of a mounted root never lead out of it.</summary>
internal sealed class MachineRoot
{
    private const int LinksMax = 40;

    private readonly string _root;

    /// <summary>Takes a root.</summary>
    /// <param name="root">Absolute path; <c>/</c> is the running machine.</param>
    public MachineRoot(string root)
    {
        _root = root == "/" ? "" : Path.GetFullPath(root).TrimEnd('/');
        if (!Directory.Exists(root))
        {
            throw new CollectException($"The root {root} is no folder; name the folder where the machine's file system is mounted.");
        }
    }

    /// <summary>Where a path of the machine lies for us.</summary>
    /// <param name="path">Absolute path on the machine.</param>
    public string Locate(string path) => _root.Length == 0 ? path : Confine(path);

    /// <summary>True when it is there, as a file or a folder.</summary>
    public bool Exists(string path) => FileFacts.Of(Locate(path)) is not null;

    /// <summary>Looks at a file; null when it is not there.</summary>
    public FileFacts? Stat(string path) => FileFacts.Of(Locate(path));

    /// <summary>Opens a regular file.</summary>
    /// <param name="path">Absolute path on the machine.</param>
    /// <returns>A stream read once from its start.</returns>
    /// <exception cref="CollectException">It is not there or no regular file.</exception>
    public FileStream Open(string path)
    {
        var located = Locate(path);
        var facts = FileFacts.Of(located) ?? throw new CollectException($"{path} is not there or cannot be reached.");
        if (!facts.IsRegular)
        {
            throw new CollectException($"{path} is no regular file.");
        }
        return OpenRaw(located);
    }

    /// <summary>Reads a small text file whole.</summary>
    /// <param name="path">Absolute path on the machine.</param>
    /// <returns>Null when it is not there.</returns>
    public string? ReadText(string path) => Exists(path) ? ReadAll(Open(path), path) : null;

    /// <summary>Names in a folder, ordered; empty when it is not there.</summary>
    public IReadOnlyList<string> List(string folder)
    {
        var located = Locate(folder);
        if (!Directory.Exists(located))
        {
            return [];
        }
        var names = Directory.EnumerateFileSystemEntries(located).Select(entry => Path.GetFileName(entry)).ToArray();
        Array.Sort(names, StringComparer.Ordinal);
        return names;
    }

    /// <summary>Opens a file outside any root for one pass.</summary>
    public static FileStream OpenRaw(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);

    /// <summary>Reads a small stream whole and closes it.</summary>
    public static string ReadAll(Stream stream, string name)
    {
        using (stream)
        {
            var buffer = new byte[4096];
            var length = 0;
            int read;
            while ((read = stream.Read(buffer, length, buffer.Length - length)) > 0)
            {
                length += read;
                if (length > CollectLimits.SmallFileBytes)
                {
                    throw new CollectException($"{name} is larger than {CollectLimits.SmallFileBytes} bytes.");
                }
                if (length == buffer.Length)
                {
                    Array.Resize(ref buffer, buffer.Length * 2);
                }
            }
            return Encoding.UTF8.GetString(buffer, 0, length);
        }
    }

    /// <summary>Follows links as the machine itself would, part by part; a part that is not there is kept as it is.</summary>
    private string Confine(string path)
    {
        var left = new Stack<string>(path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse());
        var done = new List<string>();
        var links = 0;
        while (left.TryPop(out var part))
        {
            if (part is "." or "..")
            {
                if (part == ".." && done.Count > 0)
                {
                    done.RemoveAt(done.Count - 1);
                }
                continue;
            }
            var target = Native.ReadLink($"{_root}/{string.Join('/', done.Append(part))}", out _);
            if (target is null)
            {
                done.Add(part);
                continue;
            }
            if (++links > LinksMax)
            {
                throw new CollectException($"{path} leads through more than {LinksMax} links.");
            }
            if (target.StartsWith('/'))
            {
                done.Clear();
            }
            foreach (var step in target.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse())
            {
                left.Push(step);
            }
        }
        return $"{_root}/{string.Join('/', done)}";
    }
}
