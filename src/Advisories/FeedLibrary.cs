using System.Globalization;
using Microsoft.Extensions.Logging;
using Suture.Advisories.Archive;
using Suture.Advisories.Fetching;
using Suture.Knowledge.Feeds;
using Suture.Platform.Storage;
using Suture.Platform.Work;

namespace Suture.Advisories;

/// <summary>Where an import came from.</summary>
/// <param name="Feed">The only feed that is expected; problems of the import are recorded under it.</param>
/// <param name="Url">Address.</param>
/// <param name="Validator">Validators for the next conditional request.</param>
internal sealed record FeedOrigin(string Feed, string Url, FeedValidator Validator);

/// <summary>What a read of a signed suite brought.</summary>
internal sealed record ArchiveState(string Url, DateTimeOffset SignedUtc, int Packages);

/// <summary>What became of an import.</summary>
/// <param name="Taken">Feeds that came into force.</param>
/// <param name="Problems">Files and feeds that were refused, each with feed, file, line and reason.</param>
public sealed record FeedImport(IReadOnlyList<string> Taken, IReadOnlyList<string> Problems);

/// <summary>Keeps the last known good of each feed: files in a folder, records in the store, and one snapshot of all in force.</summary>
/// <remarks>An import is read by itself first. Files with a fault, and feeds that lost half of their records, are refused whole and named; what is good replaces the files
/// in force, and the snapshot is built from all of them together with what was read from the archive.</remarks>
public sealed partial class FeedLibrary : IDisposable
{
    // The compiled snapshot in force: what holds when a kept file is damaged on the disk. No feed has this ending.
    private const string SnapshotName = "in-force" + CompiledSnapshot.FileEnding;

    // The feed under which a folder that cannot be read is reported; no feed of its own.
    private const string FolderFault = "feeds";

    private readonly Store _store;
    private readonly WorkQueue _work;
    private readonly FeedsInForce _inForce;
    private readonly string _folder;
    private readonly TimeProvider _time;
    private readonly ILogger<FeedLibrary> _logger;
    private readonly SemaphoreSlim _oneWriter = new(1, 1);

    internal FeedLibrary(Store store, WorkQueue work, FeedsInForce inForce, FeedOptions options, TimeProvider time, ILogger<FeedLibrary> logger)
    {
        _store = store;
        _work = work;
        _inForce = inForce;
        _folder = Path.GetFullPath(options.Directory);
        _time = time;
        _logger = logger;
    }

    /// <summary>True once the feeds of the last run are in force again.</summary>
    public bool IsLoaded { get; private set; }

    /// <summary>Puts the feeds of the last run in force. Called once, before the loop starts.</summary>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task LoadAsync(CancellationToken cancellation)
    {
        Directory.CreateDirectory(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await _oneWriter.WaitAsync(cancellation);
        try
        {
            var content = FeedFolder.Read(_folder, cancellation);
            var problems = await RecordLostAsync(content, _time.GetUtcNow(), cancellation);
            // Without the damaged feed its findings would close as if they were withdrawn: the compiled form of what was in force holds instead.
            _inForce.Replace(problems.Count > 0 && CompiledSnapshot.Open(Path.Combine(_folder, SnapshotName)).Content is { } compiled
                ? compiled
                : await BuildAsync(content.Contents, cancellation));
            IsLoaded = true;
        }
        finally
        {
            _oneWriter.Release();
        }
    }

    /// <summary>Reads feeds from a folder, in the layout in which they are delivered, and puts what is good in force.</summary>
    /// <param name="directory">The folder.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>What came into force and what was refused, with the reasons.</returns>
    public Task<FeedImport> ImportAsync(string directory, CancellationToken cancellation) => ImportAsync(directory, null, cancellation);

    /// <inheritdoc/>
    public void Dispose() => _oneWriter.Dispose();

    internal async Task<FeedImport> ImportAsync(string directory, FeedOrigin? origin, CancellationToken cancellation)
    {
        await _oneWriter.WaitAsync(cancellation);
        try
        {
            return await ImportAloneAsync(directory, origin, cancellation);
        }
        finally
        {
            _oneWriter.Release();
        }
    }

    internal Task<FeedState?> FindStateAsync(string feed, CancellationToken cancellation) =>
        _store.ReadAsync(session => FeedRecords.FindStateAsync(session, feed), cancellation);

    internal Task<IReadOnlyList<FeedState>> ListStatesAsync(CancellationToken cancellation) => _store.ReadAsync(FeedRecords.ListStatesAsync, cancellation);

    internal Task RecordUnchangedAsync(string feed, CancellationToken cancellation) =>
        _store.WriteAsync(session => FeedRecords.SaveUnchangedAsync(session, feed, _time.GetUtcNow()), cancellation);

    internal Task RecordProblemAsync(string feed, string? url, string problem, DateTimeOffset now, CancellationToken cancellation) =>
        _store.WriteAsync(session => FeedRecords.SaveProblemAsync(session, feed, url, problem, now), cancellation);

    internal Task<KnownChangelog?> FindChangelogAsync(string release, ArchiveRead read, CancellationToken cancellation) =>
        _store.ReadAsync(session => FeedRecords.FindChangelogAsync(session, release, read), cancellation);

    internal Task KeepChangelogAsync(string release, ArchiveRead read, KnownChangelog known, CancellationToken cancellation) =>
        _store.WriteAsync(session => FeedRecords.KeepChangelogAsync(session, release, read, known), cancellation);

    /// <summary>Puts what a signed suite says in force.</summary>
    internal async Task MergeArchiveAsync(
        string feed, string release, Func<IReadOnlyList<FixRecord>, IReadOnlyCollection<FixRecord>> merge, ArchiveState state, DateTimeOffset now, CancellationToken cancellation)
    {
        await _oneWriter.WaitAsync(cancellation);
        try
        {
            await _store.WriteAsync(
                async session =>
                {
                    await FeedRecords.SaveSuccessAsync(session, Archive(feed, state), now);
                    var records = merge(await FeedRecords.ListFixesAsync(session, FeedNames.DebianArchive, release));
                    await FeedRecords.ReplaceFixesAsync(session, FeedNames.DebianArchive, release, records, now);
                },
                cancellation);
            await PutInForceAsync(FeedFolder.Read(_folder, cancellation), now, cancellation);
        }
        finally
        {
            _oneWriter.Release();
        }
    }

    private async Task<FeedImport> ImportAloneAsync(string directory, FeedOrigin? origin, CancellationToken cancellation)
    {
        var now = _time.GetUtcNow();
        var incoming = FeedFolder.Read(directory, cancellation);
        var states = (await ListStatesAsync(cancellation)).ToDictionary(state => state.Name);
        var verdict = DecideImport.Decide(incoming, states, origin?.Feed);
        if (verdict.Taken.Count > 0)
        {
            Keep(incoming.Files.Where(file => file.IsUsed && DecideImport.FeedsOf(file.File).Any(verdict.Taken.Contains)).Select(file => file.File));
        }
        var kept = FeedFolder.Read(_folder, cancellation);
        await _store.WriteAsync(
            async session =>
            {
                foreach (var content in kept.Contents.Where(content => verdict.Taken.Contains(content.Feed)))
                {
                    await FeedRecords.SaveSuccessAsync(session, State(content, origin), now);
                    if (content is FixContent fixes)
                    {
                        await FeedRecords.ReplaceFixesAsync(session, content.Feed, null, [.. fixes.Fixes], now);
                    }
                }
                foreach (var (feed, problem) in verdict.Problems.Where(problem => problem.Feed != FolderFault))
                {
                    await FeedRecords.SaveProblemAsync(session, feed, origin?.Url, problem, now);
                }
            },
            cancellation);
        foreach (var (feed, problem) in verdict.Problems)
        {
            LogRefused(feed, problem);
        }
        var lost = await PutInForceAsync(kept, now, cancellation);
        return new FeedImport([.. verdict.Taken.Order(StringComparer.Ordinal)], [.. verdict.Problems.Select(problem => problem.Reason), .. lost]);
    }

    // Files of one kind replace each other where the newest holds; lists and records of other kinds are put together.
    private void Keep(IEnumerable<FeedFile> files)
    {
        var incoming = files.ToList();
        var replaced = incoming.Select(file => file.Kind).Where(DecideImport.IsSingle).ToHashSet();
        var old = FeedFiles.Find(_folder).Where(file => replaced.Contains(file.Kind)).Select(file => file.Path).ToHashSet();
        foreach (var file in incoming)
        {
            var target = Path.Combine(_folder, file.Name);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            var temporary = target + ".new";
            File.Copy(file.Path, temporary, overwrite: true);
            File.Move(temporary, target, overwrite: true);
            old.Remove(target);
        }
        foreach (var path in old)
        {
            File.Delete(path);
        }
    }

    /// <summary>Puts what is kept in force, unless a kept feed is damaged: then what is in force stays, and the damage is told.</summary>
    private async Task<IReadOnlyList<string>> PutInForceAsync(FeedFolderContent kept, DateTimeOffset now, CancellationToken cancellation)
    {
        var lost = await RecordLostAsync(kept, now, cancellation);
        var snapshot = lost.Count > 0 ? null : await BuildAsync(kept.Contents, cancellation);
        var before = _inForce.Current;
        if (snapshot is null || snapshot.Digest == before.Digest)
        {
            return lost;
        }
        CompiledSnapshot.Write(Path.Combine(_folder, SnapshotName), snapshot);
        _inForce.Replace(snapshot);
        try
        {
            await _store.WriteAsync(session => _work.EnqueueAsync(session, now, AdvisoriesWork.FeedsChanged, AdvisoriesWork.All), cancellation);
        }
        catch
        {
            // Else the next import would see nothing new and the fleet would never be matched against it.
            _inForce.Replace(before);
            throw;
        }
        LogInForce(snapshot.Digest, snapshot.Feeds.Count);
        return lost;
    }

    // Feeds that were in force and of which the kept files no longer tell: damaged or removed on the disk.
    private async Task<IReadOnlyList<string>> RecordLostAsync(FeedFolderContent kept, DateTimeOffset now, CancellationToken cancellation)
    {
        var lost = (await ListStatesAsync(cancellation))
            .Where(state => state.Records > 0 && !state.IsSuite && kept.Contents.All(content => content.Feed != state.Name))
            .Select(state => (Feed: state.Name, Reason: $"{state.Name}: the kept content is damaged or gone, what is in force stays; import or fetch it again"
                + string.Concat(kept.Problems.Select(problem => $" ({problem})").Take(1))))
            .ToList();
        foreach (var (feed, reason) in lost)
        {
            LogRefused(feed, reason);
            await _store.WriteAsync(
                async session =>
                {
                    await FeedRecords.SaveProblemAsync(session, feed, null, reason, now);
                    await FeedRecords.ForgetValidatorsAsync(session, feed);
                },
                cancellation);
        }
        return [.. lost.Select(feed => feed.Reason)];
    }

    private async Task<CompiledSnapshot> BuildAsync(IReadOnlyList<FeedContent> contents, CancellationToken cancellation)
    {
        var builder = contents.Aggregate(new FeedSnapshotBuilder(), (sum, content) => sum.Add(content));
        var (states, fixes) = await _store.ReadAsync(
            async session => (await FeedRecords.ListStatesAsync(session), await FeedRecords.ListFixesAsync(session, FeedNames.DebianArchive, null)), cancellation);
        var suites = states.Where(state => state.SignedUtc is not null).ToList();
        if (suites.Count > 0)
        {
            // As old as the oldest suite in it.
            var date = DateOnly.FromDateTime(suites.Min(state => state.SignedUtc)!.Value.UtcDateTime);
            builder.AddFixes(FeedNames.DebianArchive, date, [.. suites.Select(state => ReleaseOf(state.Name)).Distinct()], fixes);
        }
        return builder.Build();
    }

    private static string ReleaseOf(string feed) => feed[(FeedNames.DebianArchive.Length + 1)..].Replace("-security", "", StringComparison.Ordinal);

    private static FeedState Archive(string feed, ArchiveState state) => new()
    {
        Name = feed,
        Url = state.Url,
        Records = state.Packages,
        ContentDay = DateOnly.FromDateTime(state.SignedUtc.UtcDateTime).ToString("O", CultureInfo.InvariantCulture),
        ContentVersion = state.SignedUtc.ToString("O", CultureInfo.InvariantCulture),
    };

    private static FeedState State(FeedContent content, FeedOrigin? origin) => new()
    {
        Name = content.Feed,
        Url = origin?.Feed == content.Feed ? origin.Url : null,
        Records = content.Records,
        ContentDay = content.ContentDate?.ToString("O", CultureInfo.InvariantCulture),
        ContentVersion = content.Version,
        Etag = origin?.Feed == content.Feed ? origin.Validator.ETag : null,
        LastModified = origin?.Feed == content.Feed ? origin.Validator.LastModified : null,
    };

    [LoggerMessage(2001, LogLevel.Information, "Feeds in force: {Digest}, {Feeds} feeds")]
    private partial void LogInForce(string digest, int feeds);

    [LoggerMessage(2002, LogLevel.Warning, "Feed {Feed} was not taken: {Reason}; the last known good stays in force")]
    private partial void LogRefused(string feed, string reason);
}
