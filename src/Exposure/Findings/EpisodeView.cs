using Suture.Contracts.Api;
using Suture.Platform.Storage;

namespace Suture.Exposure.Findings;

/// <summary>An episode as later stages see it, to tell which of them a change covers.</summary>
public sealed record EpisodeView
{
    /// <summary>Id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Codename.</summary>
    public required string Release { get; init; }

    /// <summary>Source package.</summary>
    public required string Source { get; init; }

    /// <summary>CVE or unrated id.</summary>
    public required string Vulnerability { get; init; }

    /// <summary>Source version that closes it, as known when it was last looked at.</summary>
    public required string FixedVersion { get; init; }

    /// <summary>Status when it was last looked at: affected or pending effect.</summary>
    public required FindingStatus Status { get; init; }

    /// <summary>Names of the binary packages through which it was last seen; at least one.</summary>
    public required IReadOnlyList<string> Packages { get; init; }

    /// <summary>When it was detected.</summary>
    public required DateTimeOffset DetectedUtc { get; init; }

    /// <summary>When it ended; null while it is open.</summary>
    public DateTimeOffset? ClosedUtc { get; init; }

    /// <summary>Episodes of an asset that were open at some time after an instant.</summary>
    /// <param name="session">A session.</param>
    /// <param name="assetId">The asset.</param>
    /// <param name="since">The instant; the present one gives those that are open.</param>
    /// <returns>In no order.</returns>
    public static async Task<IReadOnlyList<EpisodeView>> OpenSinceAsync(StoreSession session, Guid assetId, DateTimeOffset since) =>
        [.. (await session.QueryAsync<Episode>(
            $"select {EpisodeStore.Columns} from exposure_episode where asset_id = @assetId and (closed_us is null or closed_us > @since)", new { assetId, since }))
            .Select(Of)];

    /// <summary>Episodes of one vulnerability on an asset, ended ones too; latest first, at most <see cref="ExposureLimits.ExplainedRecordsMax"/>.</summary>
    /// <param name="session">A session.</param>
    /// <param name="assetId">The asset.</param>
    /// <param name="vulnerability">CVE or unrated id.</param>
    public static async Task<IReadOnlyList<EpisodeView>> OfAsync(StoreSession session, Guid assetId, string vulnerability) =>
        [.. (await EpisodeStore.ReadOfAsync(session, assetId, vulnerability)).Select(Of)];

    private static EpisodeView Of(Episode episode) => new()
    {
        Id = episode.Id,
        Release = episode.Release,
        Source = episode.Source,
        Vulnerability = episode.Vulnerability,
        FixedVersion = episode.FixedVersion,
        Status = episode.Status,
        Packages = [.. episode.PackageNames.Distinct()],
        DetectedUtc = episode.DetectedUs,
        ClosedUtc = episode.ClosedUs,
    };
}
