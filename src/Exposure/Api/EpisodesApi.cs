using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Suture.Contracts.Api;
using Suture.Exposure.Findings;
using Suture.Inventory;
using Suture.Platform.Api;
using Suture.Platform.Identity;
using Suture.Platform.Storage;

namespace Suture.Exposure.Api;

/// <summary><c>GET /episodes</c>.</summary>
internal static class EpisodesApi
{
    internal static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/episodes", ListAsync)
            .RequireAnyRole()
            .WithName("ListEpisodes")
            .WithSummary("Episodes with their clocks in your scope, latest detected first")
            .WithDescription("Filters: asset (id or name), open (true or false). Pages: pass next of a page as after.")
            .Produces<Page<EpisodeRow>>()
            .Refuses(404);

    private static async Task<IResult> ListAsync(
        HttpContext http, Store store, AssetDirectory assets, CancellationToken cancellation, string? asset = null, bool? open = null, string? after = null, int? limit = null)
    {
        var scope = http.GetPrincipal().Scope;
        if (Arguments.Fault(("asset", asset), ("after", after)) is { } fault)
        {
            return fault;
        }
        var place = after is null ? null : EpisodePlace.TryParse(after);
        if (after is not null && place is null)
        {
            return Problems.BadRequest("The place after is none of ours", $"after is '{after}', wanted the value of next from a page before. Leave it out for the first page.");
        }
        Guid? assetId = null;
        if (asset is not null)
        {
            var (found, refusal) = await Arguments.FindAssetAsync(assets, scope, asset, cancellation);
            if (found is null)
            {
                return refusal!;
            }
            assetId = found.Id;
        }
        var most = limit ?? Paging.LimitDefault;
        var rows = await store.ReadAsync(session => ReadAsync(session, scope, assetId, open, place, most + 1), cancellation);
        var items = rows.Take(most).ToList();
        return TypedResults.Ok(new Page<EpisodeRow>
        {
            Items = [.. items.Select(ToRow)],
            Next = rows.Count > most ? new EpisodePlace(items[^1].DetectedUs, items[^1].Id).ToString() : null,
        });
    }

    /// <summary>Episodes in scope, latest detected first.</summary>
    internal static Task<IReadOnlyList<Episode>> ReadAsync(StoreSession session, Scope scope, Guid? assetId, bool? isOpen, EpisodePlace? after, int most)
    {
        var conditions = new List<string> { "1 = 1" };
        if (assetId is not null)
        {
            conditions.Add("e.asset_id = @assetId");
        }
        if (!scope.IsAll)
        {
            conditions.Add(session.Dialect.In("a.group_id", "groups"));
        }
        if (isOpen is { } open)
        {
            conditions.Add(open ? "e.closed_us is null" : "e.closed_us is not null");
        }
        if (after is not null)
        {
            conditions.Add("(e.detected_us, e.id) < (@detected, @id)");
        }
        return session.QueryAsync<Episode>(
            $"""
            select {Columns} from exposure_episode e join inventory_asset_v a on a.id = e.asset_id
            where {string.Join(" and ", conditions)}
            order by e.detected_us desc, e.id desc limit @most
            """,
            new
            {
                assetId = assetId ?? Guid.Empty,
                groups = scope.Groups,
                detected = after?.DetectedUtc ?? DateTimeOffset.UnixEpoch,
                id = after?.Id ?? Guid.Empty,
                most,
            });
    }

    internal static EpisodeRow ToRow(Episode episode) => new()
    {
        Asset = episode.AssetId,
        Release = episode.Release,
        Source = episode.Source,
        Vulnerability = episode.Vulnerability,
        PublishedUtc = episode.PublishedUs,
        DetectedUtc = episode.DetectedUs,
        PlannedUtc = episode.PlannedUs,
        ApprovedUtc = episode.ApprovedUs,
        DispatchedUtc = episode.DispatchedUs,
        InstalledUtc = episode.InstalledUs,
        VerifiedUtc = episode.VerifiedUs,
        ClosedUtc = episode.ClosedUs,
        ClosedReason = episode.ClosedReason is { } reason ? Word(reason) : null,
    };

    /// <summary>The reason as the API writes it, <c>fixed_in_effect</c>.</summary>
    internal static string Word(EpisodeEnd reason) => JsonNamingPolicy.SnakeCaseLower.ConvertName(reason.ToString());

    private static string Columns { get; } = string.Join(", ", EpisodeStore.Columns.Split(',').Select(column => $"e.{column.Trim()}"));

    /// <summary>Place in the list: (detected, id).</summary>
    internal sealed record EpisodePlace(DateTimeOffset DetectedUtc, Guid Id)
    {
        private const int Bytes = 24;

        public override string ToString()
        {
            Span<byte> bytes = stackalloc byte[Bytes];
            BinaryPrimitives.WriteInt64BigEndian(bytes, DetectedUtc.ToMicroseconds());
            Id.TryWriteBytes(bytes[8..], bigEndian: true, out _);
            return Base64Url.EncodeToString(bytes);
        }

        internal static EpisodePlace? TryParse(string text)
        {
            if (!Base64Url.IsValid(text, out var length) || length != Bytes)
            {
                return null;
            }
            var bytes = Base64Url.DecodeFromChars(text);
            var microseconds = BinaryPrimitives.ReadInt64BigEndian(bytes);
            return microseconds is >= 0 and < 253_402_300_800_000_000
                ? new EpisodePlace(Instant.FromMicroseconds(microseconds), new Guid(bytes.AsSpan(8), bigEndian: true))
                : null;
        }
    }
}
