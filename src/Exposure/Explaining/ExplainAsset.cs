using Suture.Contracts.Api;
using Suture.Exposure.Findings;
using Suture.Inventory;
using Suture.Knowledge.Feeds;

namespace Suture.Exposure.Explaining;

/// <summary>What an explanation for one asset looks at.</summary>
internal sealed record ExplainInput
{
    public required string Vulnerability { get; init; }

    public required AssetRecord Asset { get; init; }

    /// <summary>Null when no report was judged.</summary>
    public required AssetExposure? Exposure { get; init; }

    /// <summary>Episodes of the vulnerability on the asset, latest first.</summary>
    public required IReadOnlyList<Episode> Episodes { get; init; }

    public required FeedSnapshot Feeds { get; init; }

    public required DateTimeOffset Now { get; init; }
}

/// <summary>The chain from the feed's record to the asset, or the sentence that says where it breaks. Pure.</summary>
/// <remarks>Order of steps: signals, advisory records, match, exposure, risk, deadline, episode clocks, what is unknown, age of the feeds. Plan, job and
/// evidence follow from later stages (<see cref="IExplainMore"/>).</remarks>
internal static class ExplainAsset
{
    internal static Explanation Compose(ExplainInput input)
    {
        var steps = new List<ExplanationStep>(Steps.Signals(input.Feeds.Find(input.Vulnerability)));
        var findings = input.Exposure?.Findings.Where(finding => finding.Vulnerability == input.Vulnerability).ToList() ?? [];
        string verdict;
        if (findings.Count > 0)
        {
            steps.AddRange(FindingSteps.Of(findings, input.Exposure!));
            verdict = FindingSteps.Verdict(input.Vulnerability, findings, input.Asset.Name);
        }
        else
        {
            verdict = NoFinding.Explain(input, steps);
        }
        if (input.Asset.IsSilent)
        {
            steps.Add(Steps.Silent(input.Asset));
        }
        steps.AddRange(input.Episodes.Select(EpisodeSteps.Of));
        steps.AddRange(Steps.FeedAges(input.Feeds));
        return new Explanation { Vulnerability = input.Vulnerability, Asset = input.Asset.Name, Verdict = verdict, Steps = steps };
    }
}
