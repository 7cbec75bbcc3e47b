using System.IO.Compression;
using System.Text;
using Suture.Collect.Files;

namespace Suture.Collect.Apt;

/// <summary>Versions of packages that apt's and dpkg's logs speak of. Read only when an origin is in doubt.</summary>
internal static class PackageHistory
{
    /// <summary>Reads the logs, rotated ones as well.</summary>
    /// <param name="root">The machine.</param>
    /// <param name="names">Packages in doubt.</param>
    /// <returns>Versions by package; a package that no log speaks of is not there.</returns>
    public static IReadOnlyDictionary<string, HashSet<string>> Read(MachineRoot root, IReadOnlySet<string> names)
    {
        var found = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (var (folder, start) in new[] { ("/var/log/apt", "history.log"), ("/var/log", "dpkg.log") })
        {
            foreach (var name in root.List(folder).Where(name => name.StartsWith(start, StringComparison.Ordinal)))
            {
                using var lines = new LineReader(Open(root, $"{folder}/{name}"), name, CollectLimits.HistoryBytes);
                while (lines.TryRead(out var line))
                {
                    TakeLine(Encoding.UTF8.GetString(line), names, found);
                }
            }
        }
        return found;
    }

    /// <summary>Packages that dpkg's current and last log show being installed for the first time and not upgraded since.</summary>
    /// <param name="root">The machine.</param>
    /// <returns>Empty when there is no log.</returns>
    public static IReadOnlySet<string> ReadFirstInstalled(MachineRoot root)
    {
        var installed = new HashSet<string>(StringComparer.Ordinal);
        var upgraded = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in new[] { "/var/log/dpkg.log", "/var/log/dpkg.log.1" }.Where(root.Exists))
        {
            using var lines = new LineReader(root.Open(path), path, CollectLimits.HistoryBytes);
            while (lines.TryRead(out var line))
            {
                if (line.IndexOf(" upgrade "u8) > 0 || line.IndexOf(" install "u8) > 0)
                {
                    TakeStep(Encoding.UTF8.GetString(line), installed, upgraded);
                }
            }
        }
        installed.ExceptWith(upgraded);
        return installed;
    }

    /// <summary>Takes one line of dpkg's log: <c>2026-11-01 12:00:00 upgrade nginx:amd64 1.22.1-9 1.22.1-9+deb12u1</c>.</summary>
    internal static void TakeStep(string line, HashSet<string> installed, HashSet<string> upgraded)
    {
        if (line.Split(' ') is [_, _, var step, var package, ..])
        {
            (step == "upgrade" ? upgraded : installed).Add(package.Split(':')[0]);
        }
    }

    /// <summary>Takes one line of either log: <c>Upgrade: nginx:amd64 (1.22.1-9, 1.22.1-9+deb12u1), ...</c> or <c>... status installed nginx:amd64 1.22.1-9</c>.</summary>
    internal static void TakeLine(string line, IReadOnlySet<string> names, Dictionary<string, HashSet<string>> found)
    {
        if (line.StartsWith("Install: ", StringComparison.Ordinal) || line.StartsWith("Upgrade: ", StringComparison.Ordinal))
        {
            foreach (var item in line[9..].Split("), "))
            {
                var open = item.IndexOf(" (", StringComparison.Ordinal);
                if (open > 0)
                {
                    Add(item[..open], item[(open + 2)..].TrimEnd(')').Split(", "), names, found);
                }
            }
            return;
        }
        if (!line.Contains(" status installed ", StringComparison.Ordinal))
        {
            return;
        }
        var words = line.Split(' ');
        if (words.Length == 6 && words[2] == "status" && words[3] == "installed")
        {
            Add(words[4], [words[5]], names, found);
        }
    }

    private static void Add(string package, string[] versions, IReadOnlySet<string> names, Dictionary<string, HashSet<string>> found)
    {
        var name = package.Split(':')[0];
        if (!names.Contains(name))
        {
            return;
        }
        if (!found.TryGetValue(name, out var known))
        {
            found[name] = known = new HashSet<string>(StringComparer.Ordinal);
        }
        known.UnionWith(versions.Where(version => version != "automatic"));
    }

    private static Stream Open(MachineRoot root, string path)
    {
        var file = root.Open(path);
        return path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
    }
}
