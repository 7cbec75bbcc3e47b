using System.IO.Compression;
using System.Text;
using Suture.Knowledge.Feeds.Readers;

namespace Suture.Knowledge.Feeds;

/// <summary>What kind of feed file a file is.</summary>
public enum FeedFileKind
{
    /// <summary>Debian's DSA or DLA list.</summary>
    DebianList = 1,
    /// <summary>Zip archive of such lists.</summary>
    DebianListArchive = 2,
    /// <summary>Prepared advisories, one JSON object a line.</summary>
    DebianAdvisories = 3,
    /// <summary>Table of fixes of one release, derived from the advisories.</summary>
    DebianFixes = 4,
    /// <summary>KEV catalogue, CSV or JSON.</summary>
    Kev = 5,
    /// <summary>EPSS scores of one day.</summary>
    Epss = 6,
    /// <summary>Zip archive of CVE records.</summary>
    CveArchive = 7,
    /// <summary>One CVE record.</summary>
    CveRecord = 8,
    /// <summary>CVE metadata table.</summary>
    CveMeta = 9,
    /// <summary>Vulnrichment as a table.</summary>
    Vulnrichment = 10,
    /// <summary>Index of repositories that mention CVEs.</summary>
    ExploitMentions = 11,
    /// <summary>List of CVEs with a template.</summary>
    ExploitTemplates = 12,
    /// <summary>History of exploit lists.</summary>
    ExploitHistory = 13,
}

/// <summary>A feed file found in a folder.</summary>
/// <param name="Kind">What it is, by its name.</param>
/// <param name="Name">Path below the folder, with <c>/</c>.</param>
/// <param name="Path">Full path.</param>
/// <param name="Bytes">Size.</param>
/// <param name="ChangedUtc">When it was last written.</param>
public sealed record FeedFile(FeedFileKind Kind, string Name, string Path, long Bytes, DateTime ChangedUtc);

/// <summary>Finds feed files below a folder, by their names; nothing is opened.</summary>
public static class FeedFiles
{
    private static readonly HashSet<string> OtherData = new(StringComparer.OrdinalIgnoreCase) { "osv", "sigma", "training", "ssvc", "attack", "cwe", "cvss" };

    /// <summary>Finds them.</summary>
    /// <param name="directory">The folder; folders in it are looked through, those of other data (rules, training sets) and links to folders are not.</param>
    /// <returns>The files, ordered by name.</returns>
    /// <exception cref="IOException">The folder cannot be read, or holds more than <see cref="FeedLimits.FolderFilesMax"/> files.</exception>
    public static IReadOnlyList<FeedFile> Find(string directory)
    {
        var found = new List<FeedFile>();
        var seen = 0;
        Look(new DirectoryInfo(directory), "", 0, found, ref seen);
        found.Sort((left, right) => string.CompareOrdinal(left.Name, right.Name));
        return found;
    }

    /// <summary>Kind of a file by its name and the folder it is in.</summary>
    /// <param name="name">Path below the folder of feeds, with <c>/</c>.</param>
    /// <returns>Null when it is not a feed's name.</returns>
    public static FeedFileKind? KindOf(string name)
    {
        var slash = name.LastIndexOf('/');
        var file = name[(slash + 1)..].ToLowerInvariant();
        var folder = slash < 0 ? "" : Path.GetFileName(name[..slash]).ToLowerInvariant();
        var plain = file.EndsWith(".gz", StringComparison.Ordinal) ? file[..^3] : file;
        return Path.GetExtension(plain) switch
        {
            ".zip" => plain.StartsWith("debian-tracker", StringComparison.Ordinal) ? FeedFileKind.DebianListArchive
                : plain.StartsWith("cve", StringComparison.Ordinal) ? FeedFileKind.CveArchive : null,
            ".jsonl" => plain.StartsWith("debian-advisories", StringComparison.Ordinal) ? FeedFileKind.DebianAdvisories : null,
            ".json" => plain.StartsWith("known_exploited", StringComparison.Ordinal) && !plain.Contains("schema", StringComparison.Ordinal) ? FeedFileKind.Kev
                : CveRecordReader.IsRecordName(file.ToUpperInvariant().Replace(".JSON", ".json", StringComparison.Ordinal)) ? FeedFileKind.CveRecord : null,
            ".csv" => OfTable(plain),
            ".txt" or "" => OfText(plain, folder),
            _ => null,
        };
    }

    /// <summary>Feed that a kind of file belongs to; for advisories the first of the two.</summary>
    /// <param name="kind">Kind of file.</param>
    public static string FeedOf(FeedFileKind kind) => kind switch
    {
        FeedFileKind.Kev => FeedNames.CisaKev,
        FeedFileKind.Epss => FeedNames.FirstEpss,
        FeedFileKind.CveArchive or FeedFileKind.CveRecord => FeedNames.CveRecords,
        FeedFileKind.CveMeta => FeedNames.CveMeta,
        FeedFileKind.Vulnrichment => FeedNames.Vulnrichment,
        FeedFileKind.ExploitMentions or FeedFileKind.ExploitTemplates or FeedFileKind.ExploitHistory => FeedNames.ExploitEvidence,
        _ => FeedNames.DebianDsa,
    };

    /// <summary>True when a file with a feed's name holds another table: its header starts with <c>cve</c> and lacks the feed's own columns.</summary>
    /// <param name="file">The file.</param>
    /// <returns>False also when it cannot be told; the reader then says what is wrong.</returns>
    internal static bool IsOtherTable(FeedFile file)
    {
        var own = file.Kind switch
        {
            FeedFileKind.Epss => ",epss,percentile",
            FeedFileKind.Vulnrichment => ",state,",
            _ => null,
        };
        return own is not null && Header(file.Path) is { } header
            && header.StartsWith("cve,", StringComparison.Ordinal) && !header.Contains(own, StringComparison.Ordinal);
    }

    private static FeedFileKind? OfTable(string file)
    {
        if (file.EndsWith(DebianFixesReader.NameEnding, StringComparison.Ordinal))
        {
            return FeedFileKind.DebianFixes;
        }
        ReadOnlySpan<(string Start, FeedFileKind Kind)> starts =
        [
            ("known_exploited", FeedFileKind.Kev), ("epss", FeedFileKind.Epss), ("cve-meta", FeedFileKind.CveMeta),
            ("vulnrichment", FeedFileKind.Vulnrichment), ("poc-index", FeedFileKind.ExploitMentions), ("patchthisapp", FeedFileKind.ExploitHistory),
        ];
        foreach (var (start, kind) in starts)
        {
            if (file.StartsWith(start, StringComparison.Ordinal))
            {
                return kind;
            }
        }
        return null;
    }

    private static FeedFileKind? OfText(string file, string folder)
    {
        var isList = (file is "list" && folder is "dsa" or "dla")
            || ((file.StartsWith("dsa", StringComparison.Ordinal) || file.StartsWith("dla", StringComparison.Ordinal))
                && file.AsSpan(3).TrimStart("-_") is var rest && rest.StartsWith("list"));
        return isList ? FeedFileKind.DebianList : file.StartsWith("nuclei", StringComparison.Ordinal) ? FeedFileKind.ExploitTemplates : null;
    }

    private static void Look(DirectoryInfo folder, string prefix, int depth, List<FeedFile> found, ref int seen)
    {
        foreach (var entry in folder.EnumerateFileSystemInfos())
        {
            if (++seen > FeedLimits.FolderFilesMax)
            {
                throw new IOException($"{folder.FullName} holds more than {FeedLimits.FolderFilesMax} files; name a folder that holds only feeds.");
            }
            if (entry is DirectoryInfo inner)
            {
                if (depth < FeedLimits.FolderDepthMax && !OtherData.Contains(inner.Name) && inner.LinkTarget is null && inner.Name is not ['.', ..])
                {
                    Look(inner, $"{prefix}{inner.Name}/", depth + 1, found, ref seen);
                }
            }
            else if (KindOf(prefix + entry.Name) is { } kind)
            {
                var target = new FileInfo(entry.FullName);
                found.Add(new FeedFile(kind, prefix + entry.Name, entry.FullName, target.Length, target.LastWriteTimeUtc));
            }
        }
    }

    private static string? Header(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            using var plain = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionMode.Decompress) : (Stream)file;
            var block = new byte[4096];
            var text = Encoding.UTF8.GetString(block, 0, plain.ReadAtLeast(block, block.Length, throwOnEndOfStream: false));
            foreach (var line in text.Split('\n'))
            {
                if (!line.StartsWith('#'))
                {
                    return line.Trim().TrimStart('\uFEFF');
                }
            }
        }
        catch (Exception fault) when (fault is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            // Its reader meets the same fault and says what is wrong.
        }
        return null;
    }
}
