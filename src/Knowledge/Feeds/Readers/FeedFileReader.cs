using System.IO.Compression;

namespace Suture.Knowledge.Feeds.Readers;

/// <summary>What a file says, by feed.</summary>
internal sealed record FileRead
{
    /// <summary>Contents; more than one a feed only when an archive holds more than one list of it.</summary>
    public required IReadOnlyList<FeedContent> Contents { get; init; }

    /// <summary>Why it was refused; a file that may hold several feeds is refused under each of them.</summary>
    public required IReadOnlyList<FeedFault> Faults { get; init; }

    public int SkippedCount { get; init; }

    public IReadOnlyList<SkippedLine> Skipped { get; init; } = [];
}

/// <summary>Gives each file to the reader of its kind.</summary>
internal static class FeedFileReader
{
    /// <summary>Reads a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="latest">The last day that a date may name.</param>
    public static FileRead Read(FeedFile file, DateOnly latest)
    {
        try
        {
            using var stream = new FileStream(file.Path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 81920);
            return Read(file, stream, latest);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return Refused(file, new FeedFault("", file.Name, null, $"it cannot be read ({fault.Message}); check the file and its permissions"));
        }
    }

    /// <summary>Reads a file's content.</summary>
    /// <param name="file">The file; only its kind and its name are looked at.</param>
    /// <param name="stream">The content; of an archive it can seek.</param>
    /// <param name="latest">The last day that a date may name.</param>
    internal static FileRead Read(FeedFile file, Stream stream, DateOnly latest) => file.Kind switch
    {
        FeedFileKind.DebianList => Of(file, DebianListReader.Read(file.Name, stream, latest), AdvisoryContent.Split),
        FeedFileKind.DebianListArchive => ReadLists(file, stream, latest),
        FeedFileKind.DebianAdvisories => Of(file, DebianAdvisoriesReader.Read(file.Name, stream, latest), AdvisoryContent.Split),
        FeedFileKind.DebianFixes => Of(file, DebianFixesReader.Read(file.Name, stream, latest), Tables),
        FeedFileKind.Kev => Of(file, KevReader.Read(file.Name, stream, latest), One),
        FeedFileKind.Epss => Of(file, EpssReader.Read(file.Name, stream, latest), One),
        FeedFileKind.CveArchive or FeedFileKind.CveRecord => Of(file, CveRecordReader.Read(file.Name, stream, latest), One),
        FeedFileKind.CveMeta => Of(file, CveTableReader.ReadMeta(file.Name, stream, latest), One),
        FeedFileKind.Vulnrichment => Of(file, CveTableReader.ReadVulnrichment(file.Name, stream, latest), One),
        FeedFileKind.ExploitMentions => Of(file, ExploitReader.Read(ExploitList.Mentions, file.Name, stream, latest), One),
        FeedFileKind.ExploitTemplates => Of(file, ExploitReader.Read(ExploitList.Templates, file.Name, stream, latest), One),
        FeedFileKind.ExploitHistory => Of(file, ExploitReader.Read(ExploitList.History, file.Name, stream, latest), One),
        _ => throw new ArgumentOutOfRangeException(nameof(file), file.Kind, "no kind of feed file"),
    };

    private static FileRead ReadLists(FeedFile file, Stream stream, DateOnly latest)
    {
        var (contents, faults, skipped) = (new List<FeedContent>(), new List<FeedFault>(), new SkippedLines());
        var read = FeedReading.Guard<object>("", file.Name, _ =>
        {
            using var archive = new ZipArchive(stream, ZipArchiveMode.Read);
            var entries = archive.Entries.Where(entry => FeedFiles.KindOf(entry.FullName) == FeedFileKind.DebianList).ToList();
            foreach (var entry in entries)
            {
                using var content = entry.Open();
                var list = DebianListReader.Read($"{file.Name}:{entry.FullName}", content, latest);
                contents.AddRange(list.Content is { } good ? AdvisoryContent.Split(good) : []);
                faults.AddRange(list.Fault is { } fault ? [fault] : []);
                list.Skipped.ToList().ForEach(line => skipped.Add(line.Line, $"{entry.FullName}: {line.Reason}"));
            }
            return entries.Count > 0 ? entries : throw new FeedFaultException(null, "it holds no list; wanted are files like DSA_list.txt or data/DLA/list");
        });
        return read.Fault is { } damage
            ? Refused(file, damage)
            : new FileRead { Contents = contents, Faults = faults, SkippedCount = skipped.Count, Skipped = skipped.Named };
    }

    private static FileRead Of<T>(FeedFile file, FeedResult<T> result, Func<T, IReadOnlyList<FeedContent>> contents)
        where T : class => result.Fault is { } fault
            ? Refused(file, fault)
            : new FileRead { Contents = contents(result.Content!), Faults = [], SkippedCount = result.SkippedCount, Skipped = result.Skipped };

    private static FileRead Refused(FeedFile file, FeedFault fault) =>
        new() { Contents = [], Faults = [.. FeedFiles.FeedsOf(file.Kind, file.Name).Select(feed => fault with { Feed = feed })] };

    private static IReadOnlyList<FeedContent> One(FeedContent content) => [content];

    private static IReadOnlyList<FeedContent> Tables(IReadOnlyList<FixRecord> rows) =>
        [.. rows.GroupBy(row => row.Feed, StringComparer.Ordinal).Select(feed => AdvisoryMerge.ToContent(feed.Key, [.. feed]))];
}
