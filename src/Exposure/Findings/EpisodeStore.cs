using Suture.Platform.Storage;

namespace Suture.Exposure.Findings;

/// <summary>Reads and writes episodes.</summary>
internal static class EpisodeStore
{
    internal const string Columns =
        """
        id, asset_id, release, source, vulnerability, packages, from_version, fixed_version, status, published_us, detected_us, planned_us,
        approved_us, dispatched_us, installed_us, verified_us, closed_us, closed_reason, to_version, opened_report, closed_report, deadline_day,
        deadline_rule, is_assumed, version
        """;

    internal static Task<IReadOnlyList<Episode>> ReadOpenAsync(StoreSession session, Guid assetId) =>
        session.QueryAsync<Episode>($"select {Columns} from exposure_episode where asset_id = @assetId and closed_us is null", new { assetId });

    /// <summary>Episodes of one vulnerability on one asset, latest first.</summary>
    internal static Task<IReadOnlyList<Episode>> ReadOfAsync(StoreSession session, Guid assetId, string vulnerability) =>
        session.QueryAsync<Episode>(
            $"select {Columns} from exposure_episode where asset_id = @assetId and vulnerability = @vulnerability order by detected_us desc, id desc limit @most",
            new { assetId, vulnerability, most = ExposureLimits.ExplainedRecordsMax });

    internal static async Task WriteAsync(StoreSession session, EpisodeDecision decision)
    {
        foreach (var episode in decision.Changed.Concat(decision.Closed))
        {
            await UpdateAsync(session, episode);
        }
        // Ends first: a key may close and open again in one decision.
        await session.ExecuteAsync(
            $"""
            insert into exposure_episode ({Columns})
            values (@Id, @AssetId, @Release, @Source, @Vulnerability, @Packages, @FromVersion, @FixedVersion, @Status, @PublishedUs, @DetectedUs, @PlannedUs,
              @ApprovedUs, @DispatchedUs, @InstalledUs, @VerifiedUs, @ClosedUs, @ClosedReason, @ToVersion, @OpenedReport, @ClosedReport, @DeadlineDay,
              @DeadlineRule, @IsAssumed, @Version)
            """,
            decision.Opened);
    }

    internal static Task WriteMatchAsync(StoreSession session, Guid assetId, Guid reportId, string feeds, DateTimeOffset now) =>
        session.ExecuteAsync(
            """
            insert into exposure_match (asset_id, report_id, feeds, matched_us) values (@assetId, @reportId, @feeds, @now)
            on conflict (asset_id) do update set report_id = excluded.report_id, feeds = excluded.feeds, matched_us = excluded.matched_us
            """,
            new { assetId, reportId, feeds, now });

    // Planned, approved and dispatched belong to later stages (EpisodeClocks) and are not written here.
    private static Task UpdateAsync(StoreSession session, Episode episode) => session.ChangeAsync(
        """
        update exposure_episode set packages = @Packages, fixed_version = @FixedVersion, status = @Status, installed_us = @InstalledUs,
          verified_us = @VerifiedUs, closed_us = @ClosedUs, closed_reason = @ClosedReason, to_version = @ToVersion, closed_report = @ClosedReport,
          deadline_day = @DeadlineDay, deadline_rule = @DeadlineRule, is_assumed = @IsAssumed, version = version + 1
        where id = @Id and version = @Version and closed_us is null
        """,
        episode,
        $"Episode {episode.Id}");
}
