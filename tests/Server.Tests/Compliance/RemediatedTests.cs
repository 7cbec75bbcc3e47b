using CsCheck;
using Suture.Compliance;
using Suture.Contracts.Api;
using Suture.Exposure.Findings;
using Suture.Platform.Identity;
using Suture.Server.Tests.Exposure;
using Suture.Tests;
using static Suture.Server.Tests.Exposure.GivenExposure;

namespace Suture.Server.Tests.Compliance;

/// <summary>Remediation within a window, as both stores compute it, against a plain computation.</summary>
public sealed class RemediatedTests(StoreFixture stores)
{
    private const int WindowDays = 90;

    /// <summary>An episode of the past.</summary>
    /// <param name="End">Null while open.</param>
    /// <param name="Took">Seconds from detection to its end.</param>
    /// <param name="EndedDaysAgo">Days from its end to now.</param>
    /// <param name="IsOurs">In the first group, or in the other.</param>
    private sealed record Past(EpisodeEnd? End, int Took, int EndedDaysAgo, bool IsOurs);

    private static readonly Gen<Past> AnyPast = Gen.Select(
        Gen.Frequency(
            (6, Gen.Const((EpisodeEnd?)EpisodeEnd.FixedInEffect)),
            (1, Gen.Const((EpisodeEnd?)null)),
            (3, Gen.Enum<EpisodeEnd>().Select(end => (EpisodeEnd?)end))),
        Gen.Frequency((1, Gen.Int[0, 4]), (3, Gen.Int[0, 1_000_000])), // many ties, and few
        Gen.Int[0, WindowDays + 20],
        Gen.Bool,
        (end, took, days, ours) => new Past(end, took, days, ours));

    public static TheoryData<string> Engines => StoreFixture.Engines;

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Remediated_AnyHistory_IsThePlainComputation(string engine)
    {
        await using var loop = await WholeLoop.StartAsync(stores, engine, new HandMadeFeeds());
        var world = loop.World;
        var (ours, theirs) = (await world.EnrolAsync("ours"), await world.EnrolAsync("theirs", group: ExposureWorld.OtherGroup));

        await AnyPast.Array[0, 30].SampleAsync(
            async history =>
            {
                await PutAsync(world, history, ours, theirs);

                await AssertSameAsync(world, Scope.All, history);
                await AssertSameAsync(world, Scope.Of([ExposureWorld.Group]), [.. history.Where(past => past.IsOurs)]);
            },
            iter: 60, threads: 1);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Remediated_Nothing_HasNoPercentiles(string engine)
    {
        var figures = await OfAsync(engine, new Past(null, 0, 0, true), new Past(EpisodeEnd.Removed, 60, 1, true));

        Assert.Equal((0, null, null), (figures.Episodes, figures.DetectionToVerifiedP50Seconds, figures.DetectionToVerifiedP90Seconds));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Remediated_OneEpisode_IsBothPercentiles(string engine)
    {
        var figures = await OfAsync(engine, new Past(EpisodeEnd.FixedInEffect, 61, 1, true));

        Assert.Equal((1, 61, 61), (figures.Episodes, figures.DetectionToVerifiedP50Seconds, figures.DetectionToVerifiedP90Seconds));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Remediated_OtherEnds_AreNotCounted(string engine)
    {
        var hours = Enumerable.Range(1, 10).Select(hour => new Past(EpisodeEnd.FixedInEffect, hour * 3600, 1, true));
        var others = new EpisodeEnd?[] { EpisodeEnd.Removed, EpisodeEnd.NotAffected, EpisodeEnd.AdvisoryChanged, EpisodeEnd.AssetRetired, null }.Select(end => new Past(end, 1, 1, true));

        var figures = await OfAsync(engine, [.. hours, .. others]);

        Assert.Equal((10, 5 * 3600, 9 * 3600), (figures.Episodes, figures.DetectionToVerifiedP50Seconds, figures.DetectionToVerifiedP90Seconds));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Remediated_Window_IsHalfOpenAndStated(string engine)
    {
        // Now is excluded: the report of this very instant is in the next look.
        var figures = await OfAsync(
            engine, new Past(EpisodeEnd.FixedInEffect, 1, WindowDays, true), new Past(EpisodeEnd.FixedInEffect, 2, WindowDays + 1, true), new Past(EpisodeEnd.FixedInEffect, 3, 0, true));

        Assert.Equal((1, 1), (figures.Episodes, figures.DetectionToVerifiedP90Seconds));
        Assert.Equal((Start.AddDays(-WindowDays), Start), (figures.StartUtc, figures.EndUtc));
    }

    private async Task<RemediationFigures> OfAsync(string engine, params Past[] history)
    {
        await using var loop = await WholeLoop.StartAsync(stores, engine, new HandMadeFeeds());
        var world = loop.World;
        await PutAsync(world, history, await world.EnrolAsync("ours"), await world.EnrolAsync("theirs", group: ExposureWorld.OtherGroup));
        return await OfAsync(world, Scope.All);
    }

    private static async Task<RemediationFigures> OfAsync(ExposureWorld world, Scope scope) =>
        (await world.Get<ComplianceReader>().SummaryAsync(scope, WindowDays, CancellationToken.None)).Remediated;

    private static async Task AssertSameAsync(ExposureWorld world, Scope scope, IReadOnlyList<Past> history)
    {
        var taken = history.Where(past => past.End == EpisodeEnd.FixedInEffect && past.EndedDaysAgo is > 0 and <= WindowDays).Select(past => past.Took).Order().ToList();

        var figures = await OfAsync(world, scope);

        Assert.Equal(taken.Count, figures.Episodes);
        Assert.Equal(taken.Count == 0 ? null : taken[(int)Math.Ceiling(0.5m * taken.Count) - 1], figures.DetectionToVerifiedP50Seconds);
        Assert.Equal(taken.Count == 0 ? null : taken[(int)Math.Ceiling(0.9m * taken.Count) - 1], figures.DetectionToVerifiedP90Seconds);
    }

    // An end that is no remediation carries an instant of proof here too: only the reason may tell.
    private static Task PutAsync(ExposureWorld world, IEnumerable<Past> history, Guid ours, Guid theirs) => world.Store.WriteAsync(
        async session =>
        {
            var now = world.Time.GetUtcNow();
            await session.ExecuteAsync("delete from exposure_episode");
            await EpisodeStore.WriteAsync(session, new EpisodeDecision([.. history.Select((past, index) => ToEpisode(past, index, past.IsOurs ? ours : theirs, now))], [], []));
        },
        CancellationToken.None);

    private static Episode ToEpisode(Past past, int index, Guid asset, DateTimeOffset now)
    {
        var end = now.AddDays(-past.EndedDaysAgo);
        return new Episode
        {
            Id = Id(),
            AssetId = asset,
            Release = "bookworm",
            Source = "openssl",
            Vulnerability = $"CVE-2026-{index:0000}",
            Packages = "libssl3:amd64",
            FromVersion = "1",
            FixedVersion = "2",
            Status = FindingStatus.Affected,
            DetectedUs = end.AddSeconds(-past.Took),
            VerifiedUs = past.End is null ? null : end,
            ClosedUs = past.End is null ? null : end,
            ClosedReason = past.End,
            Version = 1,
        };
    }
}
