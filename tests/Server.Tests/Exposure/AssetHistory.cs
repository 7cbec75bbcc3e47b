using Suture.Contracts.Api;
using Suture.Exposure.Findings;
using Suture.Inventory;

namespace Suture.Server.Tests.Exposure;

/// <summary>One asset over many looks, with its episodes kept as the store would keep them.</summary>
internal sealed class AssetHistory
{
    private readonly AssetRecord _asset = GivenExposure.Asset();

    internal List<Episode> Episodes { get; } = [];

    internal AssetExposure? Exposure { get; private set; }

    internal DateTimeOffset Now { get; private set; } = GivenExposure.Start;

    internal IReadOnlyList<Episode> Open => [.. Episodes.Where(episode => episode.ClosedUs is null)];

    internal EpisodeDecision Look(AssetFacts facts, HandMadeFeeds feeds)
    {
        Now = Now.AddHours(1);
        var (exposure, decision) = ExposureUpdate.Decide(_asset, facts, Open, feeds, Now);
        Exposure = exposure;
        foreach (var episode in decision.Changed.Concat(decision.Closed))
        {
            Episodes[Episodes.FindIndex(each => each.Id == episode.Id)] = episode;
        }
        Episodes.AddRange(decision.Opened);
        return decision;
    }

    internal Episode Single(string vulnerability = GivenExposure.Cve) => Assert.Single(Episodes, episode => episode.Vulnerability == vulnerability);

    internal FindingStatus? Status(string vulnerability = GivenExposure.Cve) =>
        Exposure!.Findings.FirstOrDefault(finding => finding.Vulnerability == vulnerability)?.Status;
}
