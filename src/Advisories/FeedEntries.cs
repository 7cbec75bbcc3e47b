using System.Globalization;
using Suture.Advisories.Fetching;
using Suture.Contracts.Api;
using Suture.Knowledge.Feeds;
using Suture.Knowledge.Feeds.Keeping;
using Suture.Platform.Ledger;
using Suture.Platform.Storage;

namespace Suture.Advisories;

/// <summary>Where a fetched import came from.</summary>
/// <param name="Source">The address; problems of the import are recorded under it.</param>
/// <param name="Validator">Validators for the next conditional request.</param>
internal sealed record FeedOrigin(FeedSource Source, FeedValidator Validator);

/// <summary>What a read of a signed suite brought.</summary>
internal sealed record ArchiveState(string Url, DateTimeOffset SignedUtc, int Packages);

/// <summary>Brings what the store says of feeds to what is kept: their state, their fix records, and the ledger's row of a content that is new.</summary>
/// <remarks>The digest that is recorded tells what is new, so content gets its row once, also when the server ended between the folder and the store.</remarks>
internal static class FeedEntries
{
    /// <summary>Records feeds that are kept.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="feeds">Snapshots of one feed each.</param>
    /// <param name="taken">Feeds that an import has just taken; the others keep the time of their last try.</param>
    /// <param name="now">The instant.</param>
    internal static async Task SaveAsync(StoreSession session, IReadOnlyList<CompiledSnapshot> feeds, IReadOnlyList<string> taken, DateTimeOffset now)
    {
        var recorded = (await FeedRecords.ListStatesAsync(session)).ToDictionary(state => state.Name, state => state.Digest, StringComparer.Ordinal);
        var changes = new List<FeedChange>();
        foreach (var feed in feeds)
        {
            var state = StateOf(feed.Feeds[0], feed.Digest);
            var isChanged = recorded.GetValueOrDefault(state.Name) != feed.Digest;
            if (isChanged || taken.Contains(state.Name))
            {
                await FeedRecords.SaveSuccessAsync(session, state, now);
            }
            if (isChanged)
            {
                changes.Add(new FeedChange(state, feed.Releases.Count > 0 ? await FeedRecords.ReplaceFixesAsync(session, state.Name, null, [.. feed.Fixes()], now) : default));
            }
        }
        await AppendAsync(session, changes, now);
    }

    /// <summary>Records what a signed suite says.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="feed">Name of the suite's feed.</param>
    /// <param name="release">The release it is for.</param>
    /// <param name="suite">What was read.</param>
    /// <param name="records">All fix records of that release, those that stay included.</param>
    /// <param name="now">The instant.</param>
    internal static async Task SaveSuiteAsync(
        StoreSession session, string feed, string release, ArchiveState suite, IReadOnlyCollection<FixRecord> records, DateTimeOffset now)
    {
        var state = StateOf(feed, suite);
        await FeedRecords.SaveSuccessAsync(session, state, now);
        var fixes = await FeedRecords.ReplaceFixesAsync(session, FeedNames.DebianArchive, release, records, now);
        await AppendAsync(session, fixes == default ? [] : [new FeedChange(state, fixes)], now);
    }

    /// <summary>Records what became of an address that answered.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="origin">The address.</param>
    /// <param name="import">What became of its answer.</param>
    /// <param name="digest">Digest of the bytes that are kept for it; null when none are.</param>
    /// <param name="now">The instant.</param>
    internal static async Task SaveFetchedAsync(StoreSession session, FeedOrigin origin, FeedImport import, string? digest, DateTimeOffset now)
    {
        var source = origin.Source;
        var own = import.Problems.Where(problem => problem.Feed == source.Feed).ToList();
        var problem = own.Count > 0 ? TextOf(own)
            : import.Taken.Contains(source.Feed) ? null
            : $"{source.Feed}: the answer holds nothing of this feed; wanted is its published format";
        await (problem is null
            ? SourceRecords.SaveTakenAsync(session, source, digest, origin.Validator, now)
            : SourceRecords.SaveProblemAsync(session, source, problem, now));
        await SaveProblemsAsync(session, import.Problems.Where(problem => problem.Feed != source.Feed), now);
    }

    /// <summary>Records what was refused, feed by feed.</summary>
    internal static async Task SaveProblemsAsync(StoreSession session, IEnumerable<FeedFault> problems, DateTimeOffset now)
    {
        foreach (var feed in problems.Where(problem => FeedNames.All.Contains(problem.Feed)).GroupBy(problem => problem.Feed, StringComparer.Ordinal))
        {
            await FeedRecords.SaveProblemAsync(session, feed.Key, null, TextOf(feed), now);
        }
    }

    // Findings appear and vanish by what feeds say: whoever asks why finds here which content did it. Who had it imported stands in a row of its own.
    private static Task AppendAsync(StoreSession session, IReadOnlyList<FeedChange> changes, DateTimeOffset now) => changes.Count == 0
        ? Task.CompletedTask
        : session.AppendLedgerAsync(
            now, "server", "feeds.changed", "feeds",
            new
            {
                Feeds = changes.Select(change => new
                {
                    change.Feed.Name, change.Feed.Digest, change.Feed.Records, change.Feed.ContentDay, change.Feed.ContentVersion,
                    FixesRecorded = change.Fixes.Recorded, FixesWithdrawn = change.Fixes.Withdrawn,
                }),
            },
            LedgerScope.Installation);

    private static FeedState StateOf(string feed, ArchiveState suite) => new()
    {
        Name = feed,
        Url = suite.Url,
        Records = suite.Packages,
        ContentDay = DateOnly.FromDateTime(suite.SignedUtc.UtcDateTime).ToString("O", CultureInfo.InvariantCulture),
        ContentVersion = suite.SignedUtc.ToString("O", CultureInfo.InvariantCulture),
    };

    private static FeedState StateOf(FeedAge age, string digest) => new()
    {
        Name = age.Feed,
        Records = age.Records,
        ContentDay = age.ContentDate?.ToString("O", CultureInfo.InvariantCulture),
        ContentVersion = age.Version,
        Digest = digest,
    };

    private static string TextOf(IEnumerable<FeedFault> problems) => string.Join("; ", problems.Select(problem => problem.ToString()));

    private sealed record FeedChange(FeedState Feed, FixesReplaced Fixes);
}
