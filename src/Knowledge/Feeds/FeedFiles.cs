using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using Suture.Knowledge.Feeds.Readers;
using Suture.Knowledge.Files;

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
/// <param name="Facts">Identity, size and times; a link's are those of the file it leads to.</param>
public sealed record FeedFile(FeedFileKind Kind, string Name, string Path, FileFacts Facts);

/// <summary>Finds feed files below a folder, by their names; nothing is opened.</summary>
public static partial class FeedFiles
{
    /// <summary>The names by which feeds are known, for people; each may end with <c>.gz</c> where it is text.</summary>
    public const string Names =
        "DSA_list*, DLA_list* (or DSA/list, DLA/list), debian-tracker*.zip, debian-advisories*.jsonl, RELEASE-fixes.csv, known_exploited*.csv or .json, epss*.csv, "
        + "CVE-*.json, cve*.zip, cve-meta*.csv, vulnrichment*.csv, poc-index*.csv, nuclei*.txt, patchthisapp*.csv";

    private static readonly HashSet<string> OtherData = new(StringComparer.OrdinalIgnoreCase) { "osv", "sigma", "training", "ssvc", "attack", "cwe", "cvss" };

    /// <summary>Finds them.</summary>
    /// <param name="directory">The folder; folders in it are looked through, those of other data (rules, training sets) and links to folders are not.</param>
    /// <returns>The regular files with a feed's name, ordered by name; what is no file (a pipe, a device) is no feed.</returns>
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

    /// <summary>Feeds that a file makes.</summary>
    /// <param name="kind">Kind of file.</param>
    /// <param name="name">Its name.</param>
    /// <returns>At least one; both of Debian's for a file that may hold both.</returns>
    public static IReadOnlyList<string> FeedsOf(FeedFileKind kind, string name) => kind switch
    {
        FeedFileKind.DebianList => [FeedOfList(name)],
        FeedFileKind.Kev => [FeedNames.CisaKev],
        FeedFileKind.Epss => [FeedNames.FirstEpss],
        FeedFileKind.CveArchive or FeedFileKind.CveRecord => [FeedNames.CveRecords],
        FeedFileKind.CveMeta => [FeedNames.CveMeta],
        FeedFileKind.Vulnrichment => [FeedNames.Vulnrichment],
        FeedFileKind.ExploitMentions or FeedFileKind.ExploitTemplates or FeedFileKind.ExploitHistory => [FeedNames.ExploitEvidence],
        _ => [FeedNames.DebianDla, FeedNames.DebianDsa],
    };

    /// <summary>Which part of its feed a file is: a newer file of the same part takes the place of the older one, whatever they are called.</summary>
    /// <param name="kind">Kind of file.</param>
    /// <param name="name">Its name.</param>
    /// <returns>For example <c>list</c>, <c>templates</c>, <c>table bookworm</c>.</returns>
    public static string PartOf(FeedFileKind kind, string name) => kind switch
    {
        FeedFileKind.DebianList or FeedFileKind.DebianListArchive => "list",
        FeedFileKind.DebianAdvisories => "prepared",
        FeedFileKind.DebianFixes => $"table {DebianFixesReader.ReleaseOf(name)}",
        FeedFileKind.Kev => "catalogue",
        FeedFileKind.Epss => "scores",
        FeedFileKind.CveArchive => $"archive {DateOfDay().Replace(Path.GetFileName(name).ToLowerInvariant(), "")}",
        FeedFileKind.CveRecord => "records",
        FeedFileKind.ExploitMentions => "mentions",
        FeedFileKind.ExploitTemplates => "templates",
        FeedFileKind.ExploitHistory => "history",
        _ => "table",
    };

    /// <summary>Bytes of a file that are read at the most, packed or unpacked.</summary>
    /// <param name="kind">Kind of file.</param>
    /// <param name="name">Its name.</param>
    public static long BytesMaxOf(FeedFileKind kind, string name) => kind switch
    {
        FeedFileKind.DebianList => FeedOfList(name) == FeedNames.DebianDla ? FeedLimits.DlaListBytesMax : FeedLimits.DsaListBytesMax,
        FeedFileKind.DebianListArchive => FeedLimits.DsaListBytesMax + FeedLimits.DlaListBytesMax,
        FeedFileKind.DebianAdvisories => FeedLimits.PreparedBytesMax,
        FeedFileKind.DebianFixes => FeedLimits.FixTableBytesMax,
        FeedFileKind.Kev => name.Contains(".csv", StringComparison.OrdinalIgnoreCase) ? FeedLimits.KevCsvBytesMax : FeedLimits.KevJsonBytesMax,
        FeedFileKind.Epss => FeedLimits.EpssBytesMax,
        FeedFileKind.CveArchive => FeedLimits.CveArchiveBytesMax,
        FeedFileKind.CveRecord => FeedLimits.CveRecordBytesMax,
        FeedFileKind.CveMeta => FeedLimits.CveMetaBytesMax,
        FeedFileKind.Vulnrichment => FeedLimits.VulnrichmentBytesMax,
        FeedFileKind.ExploitMentions => FeedLimits.MentionsBytesMax,
        FeedFileKind.ExploitTemplates => FeedLimits.TemplatesBytesMax,
        FeedFileKind.ExploitHistory => FeedLimits.HistoryBytesMax,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no kind of feed file"),
    };

    /// <summary>Which of Debian's two feeds a list is of, by its name or its folder.</summary>
    internal static string FeedOfList(string name)
    {
        var file = name.AsSpan(name.AsSpan().LastIndexOfAny('/', ':') + 1);
        var folder = Path.GetFileName(name.AsSpan(0, Math.Max(name.Length - file.Length - 1, 0)));
        return file.StartsWith("dla", StringComparison.OrdinalIgnoreCase) || (file.StartsWith("list", StringComparison.OrdinalIgnoreCase) && folder.Equals("dla", StringComparison.OrdinalIgnoreCase))
            ? FeedNames.DebianDla
            : FeedNames.DebianDsa;
    }

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
            // To open a pipe is to wait for whoever writes into it, perhaps for ever.
            else if (KindOf(prefix + entry.Name) is { } kind && FileFacts.Of(entry.FullName) is { IsRegular: true } facts)
            {
                found.Add(new FeedFile(kind, prefix + entry.Name, entry.FullName, facts));
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

    [GeneratedRegex("[-_]?[0-9]{4}-[0-9]{2}-[0-9]{2}")]
    private static partial Regex DateOfDay();
}
