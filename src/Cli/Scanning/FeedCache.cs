using System.Globalization;
using System.Text;
using Suture.Knowledge.Feeds;

namespace Suture.Cli.Scanning;

/// <summary>Feeds to scan with.</summary>
/// <param name="Snapshot">The snapshot.</param>
/// <param name="Problems">Feed files that were refused, one text each.</param>
internal sealed record ScanFeeds(CompiledSnapshot Snapshot, IReadOnlyList<string> Problems);

/// <summary>Keeps one compiled copy a folder of feeds, so that only the first scan reads the feeds themselves.</summary>
/// <remarks>
/// The copy carries the list of feed files it was made from (name, size, inode, both times of change); it is used only while the folder shows exactly that list.
/// Programs set the time of a file's content as they like (<c>rsync -t</c>), never that of its inode.
/// A folder whose newest file changed less than <see cref="SettleTime"/> before the feeds were read, or while they were, is not kept: a further change within the
/// clock's grain would not show. The copy can be removed at any time; where it cannot be written, scans work without it.
/// </remarks>
internal static class FeedCache
{
    /// <summary>Age a file must have for its time of change to tell it apart from a later change.</summary>
    public static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(2);

    private const string NoteVersion = "feed-cache 2";
    private const string ProblemsMark = "\nproblems\n";

    /// <summary>The feeds of a folder, from the copy or from the files.</summary>
    /// <param name="directory">The folder.</param>
    /// <param name="cacheDirectory">Where copies are kept; null keeps none.</param>
    /// <param name="now">The instant.</param>
    /// <param name="cancellation">Stops between files.</param>
    public static ScanFeeds Load(string directory, string? cacheDirectory, DateTimeOffset now, CancellationToken cancellation)
    {
        if (!Directory.Exists(directory))
        {
            throw new CliException(Exit.Failure, $"There is no folder '{directory}'; wanted is a folder of feeds. Check --feeds.");
        }
        var full = Path.GetFullPath(directory);
        var files = FeedFiles.Find(full);
        var list = ListOf(full, files);
        var copy = cacheDirectory is null ? null : Path.Combine(cacheDirectory, $"feeds-{Fnv1a(full):x16}{CompiledSnapshot.FileEnding}");
        if (copy is not null && File.Exists(copy) && CompiledSnapshot.Open(copy).Content is { } kept)
        {
            if (kept.Note.StartsWith(list, StringComparison.Ordinal) && kept.Note.AsSpan(list.Length).StartsWith(ProblemsMark))
            {
                return new ScanFeeds(kept, kept.Note[(list.Length + ProblemsMark.Length)..].Split('\n', StringSplitOptions.RemoveEmptyEntries));
            }
            kept.Dispose();
        }
        return Compile(full, files, list, copy, now, cancellation);
    }

    private static ScanFeeds Compile(string directory, IReadOnlyList<FeedFile> files, string list, string? copy, DateTimeOffset now, CancellationToken cancellation)
    {
        var read = FeedFolder.Read(files, FeedLimits.LatestDay(now), cancellation);
        if (read.Parts.Count == 0)
        {
            var why = read.Problems.Count > 0
                ? string.Join("\n  ", read.Problems.Select(p => p.ToString()).Prepend(" every feed in it is refused:"))
                : $" it holds no file with a feed's name. Names are: {FeedFiles.Names}.";
            throw new CliException(Exit.Failure, $"No feed can be read from '{directory}':{why}");
        }
        var problems = read.Problems.Select(problem => problem.ToString().ReplaceLineEndings(" ")).ToList();
        var snapshot = read.ToSnapshot();
        var isSettled = files.All(file => file.Facts.ModifiedUtc < now - SettleTime) && ListOf(directory, FeedFiles.Find(directory)) == list;
        if (copy is not null && isSettled)
        {
            Keep(copy, snapshot, list + ProblemsMark + string.Join('\n', problems));
        }
        return new ScanFeeds(snapshot, problems);
    }

    private static void Keep(string copy, CompiledSnapshot snapshot, string note)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            CompiledSnapshot.Write(copy, snapshot, note);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // The copy only saves time; the next scan reads the feeds again.
        }
    }

    private static string ListOf(string directory, IReadOnlyList<FeedFile> files)
    {
        var list = new StringBuilder(NoteVersion).Append('\n').Append(directory);
        foreach (var (_, name, _, facts) in files)
        {
            list.Append(CultureInfo.InvariantCulture, $"\n{name}\t{facts.SizeBytes}\t{facts.Device}\t{facts.Inode}\t{facts.ModifiedUtc.Ticks}\t{facts.ChangedUtc.Ticks}");
        }
        return list.ToString();
    }

    private static ulong Fnv1a(string text)
    {
        var hash = 14695981039346656037UL;
        foreach (var letter in text)
        {
            hash = unchecked((hash ^ letter) * 1099511628211UL);
        }
        return hash;
    }
}
