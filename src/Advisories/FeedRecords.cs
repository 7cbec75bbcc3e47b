using System.Text.Json;
using Suture.Advisories.Archive;
using Suture.Knowledge.Feeds;
using Suture.Knowledge.Versions;
using Suture.Platform.Storage;

namespace Suture.Advisories;

/// <summary>How many fix records a new content brought and took away.</summary>
internal readonly record struct FixesReplaced(int Recorded, int Withdrawn);

/// <summary>The tables of this module: states of feeds, fix records by recorded time, changelogs that were read.</summary>
internal static class FeedRecords
{
    internal static Task<IReadOnlyList<FeedState>> ListStatesAsync(StoreSession session) => session.QueryAsync<FeedState>(
        """
        select name, url, records, content_day, content_version, digest, attempted_us, succeeded_us, problem
        from advisories_feed order by name
        """);

    /// <summary>Records a try that went well.</summary>
    internal static Task SaveSuccessAsync(StoreSession session, FeedState state, DateTimeOffset now) => session.ExecuteAsync(
        """
        insert into advisories_feed (name, url, records, content_day, content_version, digest, attempted_us, succeeded_us, problem)
        values (@Name, @Url, @Records, @ContentDay, @ContentVersion, @Digest, @now, @now, null)
        on conflict (name) do update set
          url = coalesce(excluded.url, advisories_feed.url), records = excluded.records, content_day = excluded.content_day,
          content_version = excluded.content_version, digest = excluded.digest,
          attempted_us = excluded.attempted_us, succeeded_us = excluded.succeeded_us, problem = null
        """,
        new { state.Name, state.Url, state.Records, state.ContentDay, state.ContentVersion, state.Digest, now });

    /// <summary>Records a try that brought nothing new.</summary>
    internal static Task SaveUnchangedAsync(StoreSession session, string feed, DateTimeOffset now) => session.ExecuteAsync(
        "update advisories_feed set attempted_us = @now, succeeded_us = @now, problem = null where name = @feed", new { feed, now });

    /// <summary>Records a try that was refused; what is in force stays.</summary>
    internal static Task SaveProblemAsync(StoreSession session, string feed, string? url, string problem, DateTimeOffset now) => session.ExecuteAsync(
        """
        insert into advisories_feed (name, url, records, attempted_us, problem) values (@feed, @url, 0, @now, @problem)
        on conflict (name) do update set attempted_us = excluded.attempted_us, problem = excluded.problem
        """,
        new { feed, url, problem, now });

    /// <summary>Fix records of a feed that are in force, of one release or of all.</summary>
    internal static async Task<IReadOnlyList<FixRecord>> ListFixesAsync(StoreSession session, string feed, string? release)
    {
        var rows = await session.QueryAsync<FixRow>(
            """
            select release, source, vulnerability, record, feed, fixed_version, published_day
            from advisories_fix
            where feed = @feed and withdrawn_us is null and (@release is null or release = @release)
            """,
            new { feed, release });
        return [.. rows.Select(row => row.ToRecord())];
    }

    /// <summary>Brings the stored records of a feed to a new content: what is new is recorded now, what is gone is withdrawn now.</summary>
    internal static async Task<FixesReplaced> ReplaceFixesAsync(
        StoreSession session, string feed, string? release, IReadOnlyCollection<FixRecord> records, DateTimeOffset now)
    {
        var before = (await ListFixesAsync(session, feed, release)).ToHashSet();
        var after = records.ToHashSet();
        var gone = before.Where(record => !after.Contains(record)).Select(record => FixRow.From(record, now)).ToList();
        var come = after.Where(record => !before.Contains(record)).Select(record => FixRow.From(record, now)).ToList();
        await session.ExecuteAsync(
            """
            update advisories_fix set withdrawn_us = @RecordedUs
            where release = @Release and source = @Source and vulnerability = @Vulnerability and record = @Record and feed = @Feed
              and fixed_version = @FixedVersion and withdrawn_us is null
            """,
            gone);
        // What came and went within one instant was never in force, and would stand in the way of its own return.
        await session.ExecuteAsync("delete from advisories_fix where feed = @feed and recorded_us = @now and withdrawn_us = @now", new { feed, now });
        await session.BulkInsertAsync("advisories_fix", FixRow.Columns, come.DistinctBy(row => row.Key).Select(row => row.Values()));
        return new FixesReplaced(come.Count, gone.Count);
    }

    /// <summary>What is known of a changelog; null when it was never sought, or what was read of it does not reach back far enough.</summary>
    internal static async Task<KnownChangelog?> FindChangelogAsync(StoreSession session, string release, ArchiveRead read)
    {
        var row = await session.SingleOrDefaultAsync<ChangelogRow>(
            "select content, fetched_us from advisories_changelog where release = @release and source = @Source and version = @Version",
            new { release, read.Source, read.Version });
        if (row is null)
        {
            return null;
        }
        var kept = JsonSerializer.Deserialize<KeptChangelog>(row.Content)!;
        if (kept.NotRead is { } reason)
        {
            return new KnownChangelog(null, reason, row.FetchedUs);
        }
        // Without any entry it tells nothing, not even of its own version: it was not read.
        return kept.Entries.Count > 0 && DebianVersion.Compare(kept.OldestInstalled, read.OldestInstalled) <= 0
            ? new KnownChangelog([.. kept.Entries.Where(entry => DebianVersion.Compare(entry.Version, read.OldestInstalled) > 0)], null, row.FetchedUs)
            : null;
    }

    internal static Task KeepChangelogAsync(StoreSession session, string release, ArchiveRead read, KnownChangelog known) =>
        session.ExecuteAsync(
            """
            insert into advisories_changelog (release, source, version, content, fetched_us) values (@release, @Source, @Version, @content, @TriedUtc)
            on conflict (release, source, version) do update set content = excluded.content, fetched_us = excluded.fetched_us
            """,
            new
            {
                release, read.Source, read.Version, known.TriedUtc,
                content = JsonSerializer.Serialize(new KeptChangelog(read.OldestInstalled, known.Entries ?? [], known.NotRead)),
            });

    private sealed record ChangelogRow
    {
        public required string Content { get; init; }

        public required DateTimeOffset FetchedUs { get; init; }
    }

    /// <summary>Entries newer than a version, as they were read, or why they were not.</summary>
    private sealed record KeptChangelog(string OldestInstalled, IReadOnlyList<ChangelogEntry> Entries, string? NotRead = null);

    private sealed record FixRow
    {
        public required string Release { get; init; }

        public required string Source { get; init; }

        public required string Vulnerability { get; init; }

        public required string Record { get; init; }

        public required string Feed { get; init; }

        public required string FixedVersion { get; init; }

        public string? PublishedDay { get; init; }

        public DateTimeOffset RecordedUs { get; init; }

        internal static IReadOnlyList<string> Columns { get; } =
            ["release", "source", "vulnerability", "record", "feed", "fixed_version", "published_day", "recorded_us"];

        /// <summary>What no two rows of one instant share.</summary>
        internal (string Release, string Source, string Vulnerability, string Record, string Feed, string FixedVersion) Key =>
            (Release, Source, Vulnerability, Record, Feed, FixedVersion);

        internal object?[] Values() => [Release, Source, Vulnerability, Record, Feed, FixedVersion, PublishedDay, RecordedUs];

        internal static FixRow From(FixRecord record, DateTimeOffset now) => new()
        {
            Release = record.Release,
            Source = record.Source,
            Vulnerability = record.Vulnerability,
            Record = record.Record,
            Feed = record.Feed,
            FixedVersion = record.FixedVersion,
            PublishedDay = record.Published?.ToString("O", System.Globalization.CultureInfo.InvariantCulture),
            RecordedUs = now,
        };

        internal FixRecord ToRecord() => new(
            Release, Source, Vulnerability, FixedVersion, Record,
            PublishedDay is null ? null : DateOnly.ParseExact(PublishedDay, "O", System.Globalization.CultureInfo.InvariantCulture), Feed);
    }
}
