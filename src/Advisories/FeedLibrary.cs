using Microsoft.Extensions.Logging;
using Suture.Advisories.Archive;
using Suture.Advisories.Fetching;
using Suture.Contracts.Api;
using Suture.Knowledge.Feeds;
using Suture.Knowledge.Feeds.Keeping;
using Suture.Platform.Ledger;
using Suture.Platform.Storage;
using Suture.Platform.Work;

namespace Suture.Advisories;

/// <summary>Keeps the last known good of each feed: files and compiled contents in a folder (<see cref="FeedKeep"/>), what is recorded of them in the store
/// (<see cref="FeedEntries"/>), and one snapshot of all in force.</summary>
/// <remarks>An import is judged part by part by the keep; only a feed that changed is read and compiled. The compiled feeds, together with what was read from the
/// archive, make the snapshot. What an import records, its ledger rows and the next stage's work commit in one transaction; what the archive says is recorded first, since
/// the snapshot is made of its rows.</remarks>
public sealed partial class FeedLibrary : IDisposable
{
    private readonly Store _store;
    private readonly WorkQueue _work;
    private readonly FeedsInForce _inForce;
    private readonly FeedOptions _options;
    private readonly string _folder;
    private readonly FeedKeep _keep;
    private readonly TimeProvider _time;
    private readonly ILogger<FeedLibrary> _logger;
    private readonly SemaphoreSlim _oneWriter = new(1, 1);

    internal FeedLibrary(Store store, WorkQueue work, FeedsInForce inForce, FeedOptions options, TimeProvider time, ILogger<FeedLibrary> logger)
    {
        _store = store;
        _work = work;
        _inForce = inForce;
        _options = options;
        _folder = Path.GetFullPath(options.Directory);
        _keep = new FeedKeep(_folder);
        _time = time;
        _logger = logger;
    }

    /// <summary>True once the feeds of the last run are in force again.</summary>
    public bool IsLoaded { get; private set; }

    /// <summary>Puts the feeds of the last run in force; their compiled snapshot is opened, nothing is parsed. Called once, before the loop starts.</summary>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task LoadAsync(CancellationToken cancellation)
    {
        Directory.CreateDirectory(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        IncomingFolder.RemoveAll(_folder);
        await _oneWriter.WaitAsync(cancellation);
        try
        {
            using var kept = Load();
            // Without a feed that is lost its findings would close as if they were withdrawn: what was in force holds.
            _inForce.Replace(await ComposeAsync(kept, cancellation) ?? _keep.Open().Content ?? _keep.PutInForce(kept.Feeds));
            var now = _time.GetUtcNow();
            await _store.WriteAsync(
                async session =>
                {
                    await FeedEntries.SaveAsync(session, kept.Feeds, [], now);
                    await SourceRecords.KeepOnlyAsync(session, _options.IsFetching ? _options.Sources : []);
                },
                cancellation);
            foreach (var damage in _keep.FindDamage())
            {
                LogRefused(damage.Feed, damage.ToString());
            }
            IsLoaded = true;
        }
        finally
        {
            _oneWriter.Release();
        }
    }

    /// <summary>Reads feeds from a folder, in the layout in which they are delivered, and puts what is good in force.</summary>
    /// <param name="directory">The folder.</param>
    /// <param name="actor">Who asked for it, for the ledger.</param>
    /// <param name="accept">Feeds whose size that person found right; may be empty.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>What came into force and what was refused, with the reasons.</returns>
    public Task<FeedImportAnswer> ImportAsync(string directory, string actor, IReadOnlyCollection<string> accept, CancellationToken cancellation) =>
        ImportAsync(
            directory, accept,
            async (session, import, now) =>
            {
                await FeedEntries.SaveProblemsAsync(session, import.Problems, now);
                await session.AppendLedgerAsync(
                    now, actor, "feeds.imported", "feeds", new { Directory = directory, import.Taken, Problems = Texts(import.Problems), Accept = accept },
                    LedgerScope.Installation);
            },
            cancellation);

    /// <inheritdoc/>
    public void Dispose() => _oneWriter.Dispose();

    /// <summary>Reads what was fetched.</summary>
    internal Task ImportAsync(string directory, FeedOrigin origin, CancellationToken cancellation) =>
        ImportAsync(
            directory, [],
            (session, import, now) => FeedEntries.SaveFetchedAsync(session, origin, import, _keep.DigestOf(origin.Source.Feed, origin.Source.Part), now),
            cancellation);

    /// <summary>A folder for feeds on their way in.</summary>
    internal IncomingFolder CreateIncoming() => IncomingFolder.Create(_folder, _time.GetUtcNow());

    internal async Task<FeedState?> FindStateAsync(string feed, CancellationToken cancellation) =>
        (await ListStatesAsync(cancellation)).FirstOrDefault(state => state.Name == feed);

    /// <summary>Feeds with what became of the last try: of an import, of each address, of what is kept on the disk.</summary>
    internal async Task<IReadOnlyList<FeedState>> ListStatesAsync(CancellationToken cancellation)
    {
        var (states, sources) = await _store.ReadAsync(
            async session => (await FeedRecords.ListStatesAsync(session), await SourceRecords.ListAsync(session)), cancellation);
        return FeedStates.Put(states, sources, _keep.FindDamage());
    }

    /// <summary>What to send with the next request to an address: its validators while what they speak of is what is kept.</summary>
    internal async Task<FeedValidator> FindValidatorAsync(FeedSource source, CancellationToken cancellation)
    {
        var row = await _store.ReadAsync(session => SourceRecords.FindAsync(session, source.Feed, source.Part), cancellation);
        return row?.Digest is { } digest && row.Url == source.Url.ToString() && _keep.DigestOf(source.Feed, source.Part) == digest
            ? new FeedValidator(row.Etag, row.LastModified)
            : FeedValidator.None;
    }

    internal Task RecordUnchangedAsync(FeedSource source, CancellationToken cancellation)
    {
        var now = _time.GetUtcNow();
        return _store.WriteAsync(
            async session =>
            {
                await FeedRecords.SaveUnchangedAsync(session, source.Feed, now);
                await SourceRecords.SaveUnchangedAsync(session, source, now);
            },
            cancellation);
    }

    internal Task RecordUnchangedAsync(string suite, CancellationToken cancellation) =>
        _store.WriteAsync(session => FeedRecords.SaveUnchangedAsync(session, suite, _time.GetUtcNow()), cancellation);

    /// <summary>Records a try that was refused or could not be made.</summary>
    /// <returns>True when it is another problem than at the last try.</returns>
    internal Task<bool> RecordProblemAsync(FeedSource source, string problem, CancellationToken cancellation)
    {
        var now = _time.GetUtcNow();
        return _store.WriteAsync(
            async session =>
            {
                var before = await SourceRecords.FindAsync(session, source.Feed, source.Part);
                await SourceRecords.SaveProblemAsync(session, source, problem, now);
                return before?.Problem != problem;
            },
            cancellation);
    }

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
                    var records = merge(await FeedRecords.ListFixesAsync(session, FeedNames.DebianArchive, release));
                    await FeedEntries.SaveSuiteAsync(session, feed, release, state, records, now);
                },
                cancellation);
            using var kept = Load();
            await PutInForceAsync(await ComposeAsync(kept, cancellation), now, _ => Task.CompletedTask, cancellation);
        }
        finally
        {
            _oneWriter.Release();
        }
    }

    private async Task<FeedImportAnswer> ImportAsync(
        string directory, IReadOnlyCollection<string> accept, Func<StoreSession, FeedImport, DateTimeOffset, Task> record, CancellationToken cancellation)
    {
        await _oneWriter.WaitAsync(cancellation);
        try
        {
            var now = _time.GetUtcNow();
            var import = _keep.Import(new FeedImportOptions { From = directory, Now = now, Accept = accept }, cancellation);
            foreach (var problem in import.Problems)
            {
                LogRefused(problem.Feed, problem.ToString());
            }
            using var kept = Load();
            await PutInForceAsync(
                await ComposeAsync(kept, cancellation), now,
                async session =>
                {
                    await FeedEntries.SaveAsync(session, kept.Feeds, import.Taken, now);
                    await record(session, import, now);
                },
                cancellation);
            return new FeedImportAnswer
            {
                Items = [.. (await ListStatesAsync(cancellation)).Select(state => state.ToRow())],
                Taken = import.Taken,
                Problems = [.. Texts(import.Problems.Concat(kept.Lost)).Distinct()],
                LeftOut = [.. import.Files.Select(file => file.LeftOut).OfType<string>()],
            };
        }
        finally
        {
            _oneWriter.Release();
        }
    }

    private KeptFeeds Load()
    {
        var kept = _keep.Load();
        foreach (var lost in kept.Lost)
        {
            LogRefused(lost.Feed, lost.ToString());
        }
        return kept;
    }

    // The snapshot of all that is kept and of the archive; null while something that is kept is lost, since its findings would close.
    private async Task<CompiledSnapshot?> ComposeAsync(KeptFeeds kept, CancellationToken cancellation)
    {
        var archive = await _store.ReadAsync(
            async session => ArchiveContent.Of(await FeedRecords.ListStatesAsync(session), await FeedRecords.ListFixesAsync(session, FeedNames.DebianArchive, null)), cancellation);
        return kept.Lost.Count > 0 ? null : _keep.PutInForce(archive is null ? kept.Feeds : kept.Feeds.Append(FeedSnapshotBuilder.Compile(archive)));
    }

    // Whoever takes up the work must find the snapshot that it speaks of; so it is in force before the commit, and out again when that fails.
    private async Task PutInForceAsync(CompiledSnapshot? snapshot, DateTimeOffset now, Func<StoreSession, Task> record, CancellationToken cancellation)
    {
        var before = _inForce.Current;
        var isNew = snapshot is not null && snapshot.Digest != before.Digest;
        if (isNew)
        {
            _inForce.Replace(snapshot!);
        }
        try
        {
            await _store.WriteAsync(
                async session =>
                {
                    await record(session);
                    if (isNew)
                    {
                        await _work.EnqueueAsync(session, now, AdvisoriesWork.FeedsChanged, AdvisoriesWork.All);
                    }
                },
                cancellation);
        }
        catch
        {
            // Else the next import would see nothing new and the fleet would never be matched against it.
            _inForce.Replace(before);
            throw;
        }
        if (isNew)
        {
            LogInForce(snapshot!.Digest, snapshot.Feeds.Count);
        }
        else if (snapshot != before)
        {
            snapshot?.Dispose();
        }
    }

    private static IEnumerable<string> Texts(IEnumerable<FeedFault> problems) => problems.Select(problem => problem.ToString());

    [LoggerMessage(2001, LogLevel.Information, "Feeds in force: {Digest}, {Feeds} feeds")]
    private partial void LogInForce(string digest, int feeds);

    [LoggerMessage(2002, LogLevel.Warning, "Feed {Feed} was not taken: {Reason}; the last known good stays in force")]
    private partial void LogRefused(string feed, string reason);
}
