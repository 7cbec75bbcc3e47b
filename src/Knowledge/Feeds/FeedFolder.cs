using System.IO.Compression;
using Suture.Contracts.Api;
using Suture.Knowledge.Feeds.Readers;

namespace Suture.Knowledge.Feeds;

/// <summary>What became of one file of a folder.</summary>
/// <param name="File">The file.</param>
/// <param name="IsUsed">True when its content went into the result; false when it was refused or an other one was newer.</param>
/// <param name="SkippedCount">Lines left out.</param>
/// <param name="Skipped">The first of them.</param>
public sealed record FeedFileOutcome(FeedFile File, bool IsUsed, int SkippedCount, IReadOnlyList<SkippedLine> Skipped);

/// <summary>What a folder of feeds holds.</summary>
public sealed record FeedFolderContent
{
    /// <summary>Contents by feed, ordered by name; at most one a feed. Empty when the folder holds no good feed.</summary>
    public required IReadOnlyList<FeedContent> Contents { get; init; }

    /// <summary>Files refused, each with its reason.</summary>
    public required IReadOnlyList<FeedFault> Problems { get; init; }

    /// <summary>Every file with a feed's name, ordered by name.</summary>
    public required IReadOnlyList<FeedFileOutcome> Files { get; init; }

    /// <summary>Ages of the contents.</summary>
    public IReadOnlyList<FeedAge> Ages => [.. Contents.Select(content => content.ToAge())];

    /// <summary>Builds the snapshot of exactly these contents.</summary>
    public CompiledSnapshot ToSnapshot() => Contents.Aggregate(new FeedSnapshotBuilder(), (builder, content) => builder.Add(content)).Build();
}

/// <summary>Reads all feeds of a folder.</summary>
public static class FeedFolder
{
    /// <summary>Reads them.</summary>
    /// <param name="directory">The folder, in the layout in which feeds are delivered, or flat.</param>
    /// <param name="cancellation">Stops between files.</param>
    /// <returns>Contents and problems; a folder that cannot be read is a problem, never an exception.</returns>
    /// <remarks>
    /// Advisory lists and the prepared advisories are put together; tables of fixes count only where there is neither, since they are derived from them.
    /// Of several KEV catalogues the newest is taken, of several EPSS files the newest good one.
    /// </remarks>
    public static FeedFolderContent Read(string directory, CancellationToken cancellation = default)
    {
        try
        {
            return Read(FeedFiles.Find(directory), cancellation);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return new FeedFolderContent { Contents = [], Files = [], Problems = [new FeedFault("feeds", directory, null, fault.Message)] };
        }
    }

    /// <summary>Reads the given files.</summary>
    /// <param name="files">As <see cref="FeedFiles.Find"/> gives them.</param>
    /// <param name="cancellation">Stops between files.</param>
    /// <returns>Contents and problems.</returns>
    public static FeedFolderContent Read(IReadOnlyList<FeedFile> files, CancellationToken cancellation = default) => new FolderRead(files, cancellation).Execute();

    private sealed class FolderRead(IReadOnlyList<FeedFile> files, CancellationToken cancellation)
    {
        private readonly List<FeedContent> _contents = [];
        private readonly List<FeedFault> _problems = [];
        private readonly Dictionary<string, FeedFileOutcome> _outcomes = new(StringComparer.Ordinal);

        public FeedFolderContent Execute()
        {
            foreach (var file in files)
            {
                _outcomes[file.Name] = new FeedFileOutcome(file, false, 0, []);
            }
            ReadAdvisories();
            ReadNewest(FeedFileKind.Kev, KevReader.Read, readAll: true);
            ReadNewest(FeedFileKind.Epss, EpssReader.Read, readAll: false);
            ReadCves();
            ReadNewest(FeedFileKind.CveMeta, CveTableReader.ReadMeta, readAll: false);
            ReadNewest(FeedFileKind.Vulnrichment, CveTableReader.ReadVulnrichment, readAll: false);
            ReadExploits();
            _contents.Sort((left, right) => string.CompareOrdinal(left.Feed, right.Feed));
            return new FeedFolderContent { Contents = _contents, Problems = _problems, Files = [.. files.Select(file => _outcomes[file.Name])] };
        }

        private void ReadAdvisories()
        {
            var lists = ReadAll(FeedFileKind.DebianAdvisories, DebianAdvisoriesReader.Read);
            lists.AddRange(ReadAll(FeedFileKind.DebianList, DebianListReader.Read));
            foreach (var archive in Of(FeedFileKind.DebianListArchive))
            {
                lists.AddRange(ReadArchive(archive));
            }
            var merged = FeedReading.Guard<IReadOnlyList<FixContent>>(FeedNames.DebianDsa, "advisories", _ => lists.Count > 0
                ? AdvisoryMerge.ToContents(lists)
                : AdvisoryMerge.ToContents(ReadAll(FeedFileKind.DebianFixes, DebianFixesReader.Read).SelectMany(rows => rows)));
            _contents.AddRange(merged.Content ?? []);
            if (merged.Fault is { } fault)
            {
                _problems.Add(fault);
            }
        }

        private List<AdvisoryList> ReadArchive(FeedFile file)
        {
            var lists = new List<AdvisoryList>();
            var read = FeedReading.Guard<object>(FeedNames.DebianDsa, file.Name, _ =>
            {
                using var stream = Open(file);
                using var archive = new ZipArchive(stream, ZipArchiveMode.Read);
                var entries = archive.Entries.Where(e => FeedFiles.KindOf(e.FullName) == FeedFileKind.DebianList).ToList();
                if (entries.Count == 0)
                {
                    throw new FeedFaultException(null, "it holds no list; wanted are files like DSA_list.txt or data/DLA/list");
                }
                foreach (var entry in entries)
                {
                    using var content = entry.Open();
                    if (Take(file, DebianListReader.Read($"{file.Name}:{entry.FullName}", content)) is { } list)
                    {
                        lists.Add(list);
                    }
                }
                return file;
            });
            if (read.Fault is { } fault)
            {
                _problems.Add(fault);
            }
            return lists;
        }

        private void ReadCves()
        {
            var archives = ReadAll(FeedFileKind.CveArchive, CveRecordReader.Read);
            var records = ReadAll(FeedFileKind.CveRecord, CveRecordReader.Read);
            if (archives.Count + records.Count > 0)
            {
                _contents.Add(CveRecordReader.Merge([.. archives, .. records]));
            }
        }

        private void ReadExploits()
        {
            List<ExploitContent> lists =
            [
                .. ReadAll(FeedFileKind.ExploitMentions, (name, stream) => ExploitReader.Read(ExploitList.Mentions, name, stream)),
                .. ReadAll(FeedFileKind.ExploitTemplates, (name, stream) => ExploitReader.Read(ExploitList.Templates, name, stream)),
                .. ReadAll(FeedFileKind.ExploitHistory, (name, stream) => ExploitReader.Read(ExploitList.History, name, stream)),
            ];
            if (lists.Count > 0)
            {
                _contents.Add(ExploitReader.Merge(lists));
            }
        }

        // Files of one feed, newest first by the date in the name. A feed whose names do not tell is read whole and judged by its content.
        private void ReadNewest<T>(FeedFileKind kind, Func<string, Stream, FeedResult<T>> read, bool readAll)
            where T : FeedContent
        {
            T? newest = null;
            FeedFile? from = null;
            foreach (var file in Of(kind).OrderByDescending(f => FeedReading.DateInName(f.Name)).ThenBy(f => f.Name, StringComparer.Ordinal))
            {
                var content = Take(file, Guarded(file, stream => read(file.Name, stream)), isUsed: false);
                if (content is not null && (newest is null || content.ContentDate > newest.ContentDate))
                {
                    (newest, from) = (content, file);
                }
                if (newest is not null && !readAll)
                {
                    break;
                }
            }
            if (newest is not null)
            {
                _contents.Add(newest);
                _outcomes[from!.Name] = _outcomes[from.Name] with { IsUsed = true };
            }
        }

        private List<T> ReadAll<T>(FeedFileKind kind, Func<string, Stream, FeedResult<T>> read)
            where T : class => [.. Of(kind).Select(file => Take(file, Guarded(file, stream => read(file.Name, stream)))).OfType<T>()];

        private IEnumerable<FeedFile> Of(FeedFileKind kind) => files.Where(file => file.Kind == kind && !FeedFiles.IsOtherTable(file));

        private FeedResult<T> Guarded<T>(FeedFile file, Func<Stream, FeedResult<T>> read)
            where T : class
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                using var stream = Open(file);
                return read(stream);
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                return new FeedResult<T> { Fault = new FeedFault(FeedFiles.FeedOf(file.Kind), file.Name, null, $"it cannot be read ({fault.Message})") };
            }
        }

        private T? Take<T>(FeedFile file, FeedResult<T> result, bool isUsed = true)
            where T : class
        {
            _outcomes[file.Name] = new FeedFileOutcome(file, isUsed && result.Content is not null, result.SkippedCount, result.Skipped);
            if (result.Fault is { } fault)
            {
                _problems.Add(fault);
            }
            return result.Content;
        }

        private static FileStream Open(FeedFile file) => new(file.Path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 81920);
    }
}
