using System.Text.Json;
using Suture.Contracts;
using Suture.Contracts.Api;

namespace Suture.Knowledge.Feeds;

/// <summary>What an import did.</summary>
public sealed record FeedImport
{
    /// <summary>Every feed in force or tried, ordered by name, with the reason when the last try was refused.</summary>
    public required IReadOnlyList<FeedRow> Feeds { get; init; }

    /// <summary>Files and feeds refused; the content that was in force before stays.</summary>
    public required IReadOnlyList<FeedFault> Problems { get; init; }

    /// <summary>Files read, ordered by name.</summary>
    public required IReadOnlyList<FeedFileOutcome> Files { get; init; }

    /// <summary>The snapshot now in force; null when there is no good feed at all.</summary>
    public required CompiledSnapshot? Snapshot { get; init; }
}

/// <summary>A folder that keeps the last good content of each feed and the compiled snapshot of all of them.</summary>
/// <remarks>
/// Layout: <c>sources/FEED/</c> the files last accepted, <c>DIGEST.snapshot</c> the compiled snapshot, <c>current</c> its digest, <c>status.json</c> what each try gave.
/// Each step replaces a file or folder whole, so a crash leaves the old or the new state. One import at a time.
/// </remarks>
/// <param name="directory">The folder; made by the first import.</param>
public sealed class FeedKeep(string directory)
{
    private string Sources => Path.Combine(directory, "sources");

    private string Pointer => Path.Combine(directory, "current");

    private string Status => Path.Combine(directory, "status.json");

    /// <summary>Opens the snapshot in force.</summary>
    /// <returns>The snapshot, or why there is none.</returns>
    public FeedResult<CompiledSnapshot> Open()
    {
        var digest = File.Exists(Pointer) ? File.ReadAllText(Pointer).Trim() : "";
        return digest.Length == 64 && !digest.AsSpan().ContainsAnyExcept("0123456789abcdef")
            ? CompiledSnapshot.Open(Path.Combine(directory, digest + CompiledSnapshot.FileEnding))
            : new FeedResult<CompiledSnapshot>
            {
                Fault = new FeedFault("feeds", directory, null, "no feeds were imported yet; run ./suture feeds import DIR"),
            };
    }

    /// <summary>What the last tries gave.</summary>
    /// <returns>One row a feed, ordered by name; empty when nothing was imported.</returns>
    public IReadOnlyList<FeedRow> ReadStatus()
    {
        if (!File.Exists(Status))
        {
            return [];
        }
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(Status), ContractsJson.Default.PageFeedRow)?.Items ?? [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    /// <summary>Reads a folder of feeds, keeps what is good, and compiles it together with what was kept of the other feeds.</summary>
    /// <param name="from">Folder of feeds.</param>
    /// <param name="now">The instant, for the status.</param>
    /// <param name="cancellation">Stops between files.</param>
    /// <returns>What it did. Feeds that are refused, and those the folder does not have, stay as they were.</returns>
    /// <exception cref="IOException">The folder of this keep cannot be written, or another import runs.</exception>
    public FeedImport Import(string from, DateTimeOffset now, CancellationToken cancellation = default)
    {
        Directory.CreateDirectory(Sources);
        using var only = Lock();
        var read = FeedFolder.Read(from, cancellation);
        var problems = read.Problems.ToList();
        var before = Open().Content;
        var accepted = Accept(read, before, problems);
        foreach (var family in accepted)
        {
            Replace(family.Key, read.Files.Where(f => f.IsUsed && FeedFiles.FeedOf(f.File.Kind) == family.Key));
        }
        var contents = accepted.SelectMany(family => family).Concat(Kept(accepted, problems, cancellation)).ToList();
        var snapshot = contents.Count > 0 ? Compile(contents) : null;
        var rows = Rows(contents, accepted, problems, now);
        WriteWhole(Status, JsonSerializer.SerializeToUtf8Bytes(new Page<FeedRow> { Items = rows }, ContractsJson.Default.PageFeedRow));
        return new FeedImport { Feeds = rows, Problems = problems, Files = read.Files, Snapshot = snapshot };
    }

    private FileStream Lock()
    {
        try
        {
            return new FileStream(Path.Combine(directory, "import.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException fault)
        {
            throw new IOException($"Another import into {directory} runs ({fault.Message}); wait for it.", fault);
        }
    }

    private static ILookup<string, FeedContent> Accept(FeedFolderContent read, CompiledSnapshot? before, List<FeedFault> problems)
    {
        var refused = new HashSet<string>(StringComparer.Ordinal);
        foreach (var content in read.Contents)
        {
            if (before?.Feeds.FirstOrDefault(age => age.Feed == content.Feed) is { } age && FeedCheck.AgainstPrevious(content, age) is { } reason)
            {
                problems.Add(new FeedFault(content.Feed, "its files", null, reason));
                refused.Add(Family(content.Feed));
            }
        }
        return read.Contents.Where(c => !refused.Contains(Family(c.Feed))).ToLookup(c => Family(c.Feed), StringComparer.Ordinal);
    }

    private IEnumerable<FeedContent> Kept(ILookup<string, FeedContent> accepted, List<FeedFault> problems, CancellationToken cancellation)
    {
        foreach (var folder in Directory.GetDirectories(Sources).Order(StringComparer.Ordinal))
        {
            var family = Path.GetFileName(folder);
            if (accepted.Contains(family) || family.EndsWith(".new", StringComparison.Ordinal))
            {
                continue;
            }
            var kept = FeedFolder.Read(folder, cancellation);
            problems.AddRange(kept.Problems);
            foreach (var content in kept.Contents)
            {
                yield return content;
            }
        }
    }

    private void Replace(string family, IEnumerable<FeedFileOutcome> files)
    {
        var (folder, next) = (Path.Combine(Sources, family), Path.Combine(Sources, family + ".new"));
        if (Directory.Exists(next))
        {
            Directory.Delete(next, recursive: true);
        }
        foreach (var (file, _, _, _) in files)
        {
            var to = Path.Combine(next, file.Name);
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file.Path, to);
        }
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
        Directory.Move(next, folder);
    }

    private CompiledSnapshot Compile(IEnumerable<FeedContent> contents)
    {
        var snapshot = contents.Aggregate(new FeedSnapshotBuilder(), (builder, content) => builder.Add(content)).Build();
        var name = snapshot.Digest + CompiledSnapshot.FileEnding;
        CompiledSnapshot.Write(Path.Combine(directory, name), snapshot);
        WriteWhole(Pointer, System.Text.Encoding.ASCII.GetBytes(snapshot.Digest + "\n"));
        foreach (var old in Directory.GetFiles(directory, "*" + CompiledSnapshot.FileEnding).Where(path => Path.GetFileName(path) != name))
        {
            File.Delete(old);
        }
        return snapshot;
    }

    private List<FeedRow> Rows(IReadOnlyList<FeedContent> contents, ILookup<string, FeedContent> accepted, IReadOnlyList<FeedFault> problems, DateTimeOffset now)
    {
        var before = ReadStatus().ToDictionary(row => row.Feed, StringComparer.Ordinal);
        var rows = new List<FeedRow>();
        foreach (var feed in contents.Select(c => c.Feed).Concat(problems.Select(p => p.Feed)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            var content = contents.FirstOrDefault(c => c.Feed == feed);
            var isNew = accepted.Contains(Family(feed));
            var problem = problems.FirstOrDefault(p => Family(p.Feed) == Family(feed))?.ToString();
            var old = before.GetValueOrDefault(feed);
            rows.Add(new FeedRow
            {
                Feed = feed,
                Records = content?.Records ?? 0,
                ContentDate = content?.ContentDate,
                Version = content?.Version,
                LastAttemptUtc = isNew || problem is not null ? now : old?.LastAttemptUtc,
                LastSuccessUtc = isNew ? now : old?.LastSuccessUtc,
                Problem = problem ?? (isNew ? null : old?.Problem),
            });
        }
        return rows;
    }

    // The lists of DSA and DLA come from the same files, so they are kept and refused together.
    private static string Family(string feed) => feed == FeedNames.DebianDla ? FeedNames.DebianDsa : feed;

    private static void WriteWhole(string path, byte[] bytes)
    {
        File.WriteAllBytes(path + ".part", bytes);
        File.Move(path + ".part", path, overwrite: true);
    }
}
