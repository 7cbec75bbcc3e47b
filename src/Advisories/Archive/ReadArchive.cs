using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Suture.Contracts.Inventory;
using Suture.Inventory;
using Suture.Knowledge.Feeds;
using Suture.Knowledge.Versions;
using Suture.Platform.Identity;
using Suture.Platform.Storage;
using Suture.Platform.Work;

namespace Suture.Advisories.Archive;

/// <summary>Reads the signed archive of one release for the sources that the fleet has in an older version (work: software of that release changed).</summary>
internal sealed partial class ReadArchive(
    Store store, AssetDirectory assets, ArchiveClient client, ReadChangelogs changelogs, FeedLibrary library, ArchiveOptions options, WorkQueue work, TimeProvider time,
    ILogger<ReadArchive> logger)
    : IWorkHandler
{
    private readonly ConcurrentDictionary<string, LastLook> _last = new();

    // Two kinds of work ask for it, each in a lane of its own; in one process they take turns, so that nothing is fetched twice.
    private readonly SemaphoreSlim _turn = new(1, 1);

    public string Kind => InventoryWork.SoftwareChanged;

    public async Task HandleAsync(WorkItem item, CancellationToken cancellation)
    {
        var suites = options.IsEnabled ? options.Suites.Where(suite => suite.Release == item.Subject).ToList() : [];
        await _turn.WaitAsync(cancellation);
        try
        {
            foreach (var suite in suites)
            {
                await ReadSuiteAsync(suite, cancellation);
            }
        }
        finally
        {
            _turn.Release();
        }
        var now = time.GetUtcNow();
        await store.WriteAsync(
            async session =>
            {
                await WorkQueue.CompleteAsync(session, item);
                if (suites.Count > 0)
                {
                    await work.EnqueueAsync(session, now, AdvisoriesWork.ArchiveDue, item.Subject, now + options.Interval);
                }
            },
            cancellation);
    }

    // What was in force after the last look that went well: the same once more changes nothing.
    private sealed record LastLook(HeldSuite Suite, IReadOnlyList<(string Source, string Version, string OldestInstalled)> Wanted, IReadOnlyList<FixRecord> Records);

    private async Task ReadSuiteAsync(ArchiveSuite suite, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var feed = $"{FeedNames.DebianArchive}/{suite.Suite}";
        try
        {
            var last = _last.GetValueOrDefault(feed);
            var held = await ReadSignedAsync(suite, feed, last?.Suite, now, cancellation);
            var wanted = DecideArchiveReads.Wanted(held.Files, await OldestInstalledAsync(suite.Release, cancellation));
            var changelog = await changelogs.ReadAsync(suite, wanted, cancellation);
            var look = new LastLook(held, [.. wanted.Select(read => (read.Source, read.Version, read.OldestInstalled))], changelog.Records);
            if (last is not null && held.Release == last.Suite.Release && look.Wanted.SequenceEqual(last.Wanted) && look.Records.SequenceEqual(last.Records))
            {
                await library.RecordUnchangedAsync(feed, cancellation);
                return;
            }
            await library.MergeArchiveAsync(
                feed, suite.Release, known => DecideArchiveReads.Merge(known, changelog.Read, changelog.Records),
                new ArchiveState(suite.Archive.ToString(), held.Release.Date, held.Files.Count()), now, cancellation);
            _last[feed] = look;
        }
        // What cannot be fetched or is not signed well leaves the last known good in force; the feed's state says why.
        catch (Exception fault) when (fault is HttpRequestException or InvalidDataException or IOException)
        {
            LogRefused(feed, fault.Message);
            await library.RecordProblemAsync(feed, suite.Archive.ToString(), FeedState.ProblemOf(fault), now, cancellation);
        }
    }

    private async Task<HeldSuite> ReadSignedAsync(ArchiveSuite suite, string feed, HeldSuite? held, DateTimeOffset now, CancellationToken cancellation)
    {
        var state = await library.FindStateAsync(feed, cancellation);
        var (release, validator) = await client.ReadReleaseAsync(suite, held, cancellation);
        return release.Refuse(suite.Suite, state?.SignedUtc, now) is { } reason
            ? throw new InvalidDataException(reason)
            : new HeldSuite(release, validator, await client.ReadIndexesAsync(suite, release, held, cancellation));
    }

    private async Task<Dictionary<string, string>> OldestInstalledAsync(string release, CancellationToken cancellation)
    {
        var oldest = new Dictionary<string, string>(StringComparer.Ordinal);
        var all = await assets.ListAsync(Scope.All, cancellation);
        foreach (var asset in all.Where(asset => asset.Release == release && asset.SoftwareDigest is not null).DistinctBy(asset => asset.SoftwareDigest))
        {
            var facts = await assets.LoadFactsAsync(asset.Id, cancellation);
            foreach (var package in facts?.Packages ?? [])
            {
                if (package.Origin == OriginKind.Distribution
                    && (!oldest.TryGetValue(package.Source, out var known) || DebianVersion.Compare(package.SourceVersion, known) < 0))
                {
                    oldest[package.Source] = package.SourceVersion;
                }
            }
        }
        return oldest;
    }

    [LoggerMessage(2101, LogLevel.Warning, "Feed {Feed} was not taken: {Reason}; the last known good stays in force")]
    private partial void LogRefused(string feed, string reason);
}
