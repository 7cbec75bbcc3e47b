using System.Globalization;
using Suture.Contracts.Api;
using Suture.Knowledge.Feeds.Readers;

namespace Suture.Knowledge.Feeds;

/// <summary>What became of one file of a folder.</summary>
/// <param name="File">The file.</param>
/// <param name="IsUsed">True when its content went into the result; false when it was refused or an other one was newer.</param>
/// <param name="SkippedCount">Lines left out.</param>
/// <param name="Skipped">The first of them.</param>
public sealed record FeedFileOutcome(FeedFile File, bool IsUsed, int SkippedCount, IReadOnlyList<SkippedLine> Skipped)
{
    /// <summary>What was left out, as a sentence; null when nothing was.</summary>
    public string? LeftOut => SkippedCount == 0 ? null : string.Create(CultureInfo.InvariantCulture,
        $"{File.Name}: {SkippedCount} {(SkippedCount == 1 ? "line" : "lines")} left out{(SkippedCount == 1 ? "" : ", the first is")}: line {Skipped[0].Line}: {Skipped[0].Reason}");
}

/// <summary>What a folder of feeds holds.</summary>
public sealed record FeedFolderContent
{
    /// <summary>What the good files say, ordered by feed, then part; at most one of each. Empty when the folder holds no good feed.</summary>
    public required IReadOnlyList<FeedPart> Parts { get; init; }

    /// <summary>Files refused, each with its reason.</summary>
    public required IReadOnlyList<FeedFault> Problems { get; init; }

    /// <summary>Every file with a feed's name, ordered by name.</summary>
    public required IReadOnlyList<FeedFileOutcome> Files { get; init; }

    /// <summary>Contents by feed, ordered by name; at most one a feed. Put together when first asked for.</summary>
    public IReadOnlyList<FeedContent> Contents => field ??=
        [.. Parts.GroupBy(part => part.Content.Feed, StringComparer.Ordinal).Select(feed => FeedPart.Combine([.. feed.Select(part => part.Content)]))];

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
    /// <param name="latest">The last day that a date in a feed may name, <see cref="FeedLimits.LatestDay"/>.</param>
    /// <param name="cancellation">Stops between files.</param>
    /// <returns>Contents and problems; a folder that cannot be read is a problem, never an exception.</returns>
    /// <remarks>
    /// Of several files of one part the newest good one is taken. Advisory lists and the prepared advisories are put together; tables of fixes count only
    /// where there is neither, since they are derived from them.
    /// </remarks>
    public static FeedFolderContent Read(string directory, DateOnly latest, CancellationToken cancellation = default)
    {
        try
        {
            return Read(FeedFiles.Find(directory), latest, cancellation);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return new FeedFolderContent { Parts = [], Files = [], Problems = [new FeedFault("feeds", directory, null, fault.Message)] };
        }
    }

    /// <summary>Reads the given files.</summary>
    /// <param name="files">As <see cref="FeedFiles.Find"/> gives them.</param>
    /// <param name="latest">The last day that a date in a feed may name.</param>
    /// <param name="cancellation">Stops between files.</param>
    /// <returns>Contents and problems.</returns>
    public static FeedFolderContent Read(IReadOnlyList<FeedFile> files, DateOnly latest, CancellationToken cancellation = default) =>
        new FolderRead(files, latest, cancellation).Execute();

    private sealed class FolderRead(IReadOnlyList<FeedFile> files, DateOnly latest, CancellationToken cancellation)
    {
        private readonly Dictionary<(string Feed, string Part), FeedPart> _parts = [];
        private readonly List<FeedFault> _problems = [];
        private readonly Dictionary<FeedFile, FileRead> _reads = [];

        public FeedFolderContent Execute()
        {
            foreach (var kind in Enum.GetValues<FeedFileKind>().Where(kind => kind is not (FeedFileKind.DebianFixes or FeedFileKind.CveRecord)))
            {
                ReadKind(kind);
            }
            ReadRecords();
            if (!_parts.Values.Any(part => part.Content is AdvisoryContent))
            {
                ReadKind(FeedFileKind.DebianFixes);
            }
            var used = _parts.Values.SelectMany(part => part.Files).ToHashSet();
            return new FeedFolderContent
            {
                Parts = [.. _parts.Values.OrderBy(part => part.Content.Feed, StringComparer.Ordinal).ThenBy(part => part.Name, StringComparer.Ordinal)],
                Problems = _problems,
                Files = [.. files.Select(file => _reads.GetValueOrDefault(file) is { } read
                    ? new FeedFileOutcome(file, used.Contains(file), read.SkippedCount, read.Skipped)
                    : new FeedFileOutcome(file, false, 0, []))],
            };
        }

        // Newest first by the date in the name. Where the name does not tell, each is read and judged by its content.
        private void ReadKind(FeedFileKind kind)
        {
            foreach (var file in Of(kind).OrderByDescending(f => FeedReading.DateInName(f.Name)).ThenBy(f => f.Name, StringComparer.Ordinal))
            {
                var contents = Read(file);
                foreach (var content in contents)
                {
                    Offer(new FeedPart { Name = FeedFiles.PartOf(kind, file.Name), Files = [file], Content = content });
                }
                if (contents.Count > 0 && kind is FeedFileKind.Epss or FeedFileKind.CveMeta or FeedFileKind.Vulnrichment)
                {
                    break;
                }
            }
        }

        // Single records are one part together, whatever their number.
        private void ReadRecords()
        {
            var read = Of(FeedFileKind.CveRecord).Select(file => (File: file, Contents: Read(file))).Where(one => one.Contents.Count > 0).ToList();
            if (read.Count > 0)
            {
                Offer(new FeedPart
                {
                    Name = FeedFiles.PartOf(FeedFileKind.CveRecord, read[0].File.Name), Files = [.. read.Select(one => one.File)],
                    Content = CveRecordReader.Merge([.. read.SelectMany(one => one.Contents).OfType<CveContent>()]),
                });
            }
        }

        private IReadOnlyList<FeedContent> Read(FeedFile file)
        {
            cancellation.ThrowIfCancellationRequested();
            var read = FeedFileReader.Read(file, latest);
            _reads[file] = read with { Contents = [] };
            _problems.AddRange(read.Faults);
            return read.Contents;
        }

        private void Offer(FeedPart part)
        {
            var key = (part.Content.Feed, part.Name);
            if (!_parts.TryGetValue(key, out var held) || part.Content.AsOf > held.Content.AsOf)
            {
                _parts[key] = part;
            }
        }

        private IEnumerable<FeedFile> Of(FeedFileKind kind) => files.Where(file => file.Kind == kind && !FeedFiles.IsOtherTable(file));
    }
}
