using Suture.Advisories.Fetching;
using Suture.Platform.Storage;

namespace Suture.Advisories;

/// <summary>The table of addresses: validators, and what became of the last try.</summary>
internal static class SourceRecords
{
    internal static Task<IReadOnlyList<SourceState>> ListAsync(StoreSession session) => session.QueryAsync<SourceState>(
        "select feed, part, url, digest, etag, last_modified, attempted_us, succeeded_us, problem from advisories_source order by feed, part");

    internal static Task<SourceState?> FindAsync(StoreSession session, string feed, string part) => session.SingleOrDefaultAsync<SourceState>(
        "select feed, part, url, digest, etag, last_modified, attempted_us, succeeded_us, problem from advisories_source where feed = @feed and part = @part",
        new { feed, part });

    /// <summary>Records content that was taken, with the validators for the next conditional request.</summary>
    internal static Task SaveTakenAsync(StoreSession session, FeedSource source, string? digest, FeedValidator validator, DateTimeOffset now) => session.ExecuteAsync(
        """
        insert into advisories_source (feed, part, url, digest, etag, last_modified, attempted_us, succeeded_us, problem)
        values (@Feed, @Part, @url, @digest, @ETag, @LastModified, @now, @now, null)
        on conflict (feed, part) do update set
          url = excluded.url, digest = excluded.digest, etag = excluded.etag, last_modified = excluded.last_modified,
          attempted_us = excluded.attempted_us, succeeded_us = excluded.succeeded_us, problem = null
        """,
        new { source.Feed, source.Part, url = source.Url.ToString(), digest, validator.ETag, validator.LastModified, now });

    /// <summary>Records a try that brought nothing new.</summary>
    internal static Task SaveUnchangedAsync(StoreSession session, FeedSource source, DateTimeOffset now) => session.ExecuteAsync(
        "update advisories_source set attempted_us = @now, succeeded_us = @now, problem = null where feed = @Feed and part = @Part", new { source.Feed, source.Part, now });

    /// <summary>Records a try that was refused; what is in force stays, and its validators.</summary>
    internal static Task SaveProblemAsync(StoreSession session, FeedSource source, string problem, DateTimeOffset now) => session.ExecuteAsync(
        """
        insert into advisories_source (feed, part, url, attempted_us, problem) values (@Feed, @Part, @url, @now, @problem)
        on conflict (feed, part) do update set url = excluded.url, attempted_us = excluded.attempted_us, problem = excluded.problem,
          etag = case when advisories_source.url = excluded.url then advisories_source.etag else null end,
          last_modified = case when advisories_source.url = excluded.url then advisories_source.last_modified else null end
        """,
        new { source.Feed, source.Part, url = source.Url.ToString(), now, problem });

    /// <summary>Forgets addresses that are asked no more.</summary>
    internal static async Task KeepOnlyAsync(StoreSession session, IReadOnlyCollection<FeedSource> sources)
    {
        foreach (var old in (await ListAsync(session)).Where(row => !sources.Any(source => (source.Feed, source.Part) == (row.Feed, row.Part))))
        {
            await session.ExecuteAsync("delete from advisories_source where feed = @Feed and part = @Part", new { old.Feed, old.Part });
        }
    }
}
