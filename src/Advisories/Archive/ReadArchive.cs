using Microsoft.Extensions.Logging;
using Suture.Advisories.Fetching;
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
    Store store, AssetDirectory assets, ArchiveClient client, FeedLibrary library, ArchiveOptions options, WorkQueue work, TimeProvider time, ILogger<ReadArchive> logger)
    : IWorkHandler
{
    public string Kind => InventoryWork.SoftwareChanged;

    public async Task HandleAsync(WorkItem item, CancellationToken cancellation)
    {
        var suites = options.IsEnabled ? options.Suites.Where(suite => suite.Release == item.Subject).ToList() : [];
        foreach (var suite in suites)
        {
            await ReadSuiteAsync(suite, cancellation);
        }
        var now = time.GetUtcNow();
        await store.WriteAsync(
            async session =>
            {
                await WorkQueue.CompleteAsync(session, item);
                if (suites.Count > 0)
                {
                    await work.EnqueueAsync(session, now, Kind, item.Subject, now + options.Interval);
                }
            },
            cancellation);
    }

    private async Task ReadSuiteAsync(ArchiveSuite suite, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var feed = $"{FeedNames.DebianArchive}/{suite.Suite}";
        try
        {
            var state = await library.FindStateAsync(feed, cancellation);
            var signed = await client.ReadReleaseAsync(suite, FeedValidator.None, cancellation)
                ?? throw new InvalidDataException("the archive answered an unconditional request with 'not modified'");
            if (signed.Release.Refuse(suite.Suite, state?.SignedUtc, now) is { } reason)
            {
                throw new InvalidDataException(reason);
            }
            var index = await client.ReadIndexAsync(suite, signed.Release, cancellation);
            var wanted = DecideArchiveReads.Wanted(index, await OldestInstalledAsync(suite.Release, cancellation));
            var (read, records) = await ReadChangelogsAsync(suite, wanted, cancellation);
            await library.MergeArchiveAsync(
                feed, suite.Release, known => DecideArchiveReads.Merge(known, read, records), new ArchiveState(suite.Archive.ToString(), signed.Release.Date, index.Count, signed.Validator), now, cancellation);
        }
        // What cannot be fetched or is not signed well leaves the last known good in force; the feed's state says why.
        catch (Exception fault) when (fault is HttpRequestException or InvalidDataException or IOException)
        {
            LogRefused(feed, fault.Message);
            await library.RecordProblemAsync(feed, suite.Archive.ToString(), FeedState.ProblemOf(fault), now, cancellation);
        }
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

    private async Task<(List<ArchiveRead> Read, List<FixRecord> Records)> ReadChangelogsAsync(
        ArchiveSuite suite, IReadOnlyList<ArchiveRead> wanted, CancellationToken cancellation)
    {
        var (done, records) = (new List<ArchiveRead>(), new List<FixRecord>());
        var bytesLeft = options.RunBytesMax;
        foreach (var read in wanted)
        {
            var entries = await library.FindChangelogAsync(suite.Release, read, cancellation);
            if (entries is null)
            {
                (entries, bytesLeft) = await FetchChangelogAsync(suite, read, bytesLeft, cancellation);
            }
            if (entries is null)
            {
                // Over a bound, or left for the next run: that there is a security update is known, what it closes is not.
                records.Add(DecideArchiveReads.Unrated(suite.Release, read, null));
                continue;
            }
            done.Add(read);
            records.AddRange(DecideArchiveReads.Records(suite.Release, read, entries));
        }
        return (done, records);
    }

    /// <summary>Entries of the first package of the source that carries a changelog; none when no package does; null when a bound came first.</summary>
    private async Task<(IReadOnlyList<ChangelogEntry>? Entries, long BytesLeft)> FetchChangelogAsync(
        ArchiveSuite suite, ArchiveRead read, long bytesLeft, CancellationToken cancellation)
    {
        IReadOnlyList<ChangelogEntry>? entries = null;
        foreach (var file in read.Others.Prepend(read.File))
        {
            if (file.SizeBytes > Math.Min(bytesLeft, options.PackageBytesMax))
            {
                return (null, bytesLeft);
            }
            bytesLeft -= file.SizeBytes;
            var one = read with { File = file };
            entries = ChangelogOf(await client.FetchPackageAsync(suite, one, cancellation), one);
            if (entries is not null)
            {
                break;
            }
        }
        entries ??= [];
        await library.KeepChangelogAsync(suite.Release, read, entries, time.GetUtcNow(), cancellation);
        return (entries, bytesLeft);
    }

    // The package is the signed one; when it is packed in a way that is not read here, another of the source is asked.
    private IReadOnlyList<ChangelogEntry>? ChangelogOf(byte[] package, ArchiveRead read)
    {
        try
        {
            return ArchiveClient.ChangelogOf(package, read);
        }
        catch (Exception fault) when (fault is InvalidDataException or IOException)
        {
            LogUnreadable(read.File.Path, fault.Message);
            return null;
        }
    }

    [LoggerMessage(2104, LogLevel.Warning, "The changelog in {Path} cannot be read: {Reason}; another package of its source is asked")]
    private partial void LogUnreadable(string path, string reason);

    [LoggerMessage(2101, LogLevel.Warning, "Feed {Feed} was not taken: {Reason}; the last known good stays in force")]
    private partial void LogRefused(string feed, string reason);
}
