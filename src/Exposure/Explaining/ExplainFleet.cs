using Suture.Contracts.Api;
using Suture.Exposure.Api;
using Suture.Exposure.Findings;
using Suture.Knowledge.Feeds;

namespace Suture.Exposure.Explaining;

/// <summary>Explains a vulnerability without an asset. Pure.</summary>
internal static class ExplainFleet
{
    /// <param name="vulnerability">Id in its only form.</param>
    /// <param name="exposures">Assets in the caller's scope that have reported. Fixes are those of their releases; without any, of every release that a feed speaks of.</param>
    /// <param name="feeds">Feeds in force.</param>
    internal static Explanation Compose(string vulnerability, IReadOnlyList<AssetExposure> exposures, FeedSnapshot feeds)
    {
        var releases = VulnerabilitiesApi.ReleasesOf(exposures, feeds);
        var fixes = VulnerabilitiesApi.FixesOf(vulnerability, releases, feeds);
        var steps = new List<ExplanationStep>(Steps.Signals(feeds.Find(vulnerability)));
        foreach (var fix in fixes.Take(ExposureLimits.ExplainedRecordsMax))
        {
            steps.Add(new ExplanationStep { Stage = Steps.Advisory, Text = $"{fix.Source} in {fix.Release} is fixed at {fix.FixedVersion}", Source = string.Join(", ", fix.Records) });
        }
        var affected = exposures.Where(exposure => exposure.Findings.Any(finding => finding.Vulnerability == vulnerability)).ToList();
        steps.AddRange(affected.OrderBy(exposure => exposure.Asset.Name, StringComparer.Ordinal).Take(ExposureLimits.ExplainedRecordsMax).Select(exposure =>
        {
            var finding = exposure.Findings.First(finding => finding.Vulnerability == vulnerability);
            return new ExplanationStep { Stage = Steps.Match, Text = $"{exposure.Asset.Name}: {Steps.StatusWord(finding.Status)} through {finding.Package} {finding.InstalledVersion}" };
        }));
        steps.AddRange(Steps.FeedAges(feeds));
        var isKnown = fixes.Count > 0 || Steps.IsKnown(feeds.Find(vulnerability));
        var verdict = affected.Count > 0 ? $"{vulnerability} is open on {affected.Count} of {exposures.Count} assets in your scope."
            : !isKnown ? $"No feed in force speaks of {vulnerability}. Check its spelling and the feeds' age."
            : exposures.Count == 0 ? WithoutAssets(vulnerability, fixes)
            : WithoutFindings(vulnerability, fixes, exposures.Count, releases);
        return new Explanation { Vulnerability = vulnerability, Verdict = verdict, Steps = steps };
    }

    private static string WithoutAssets(string vulnerability, List<VulnerabilityFix> fixes)
    {
        var published = fixes.Count == 0
            ? "No feed in force states a fix of it in any release."
            : $"Fixes are published for {string.Join(", ", fixes.Select(fix => fix.Release).Distinct())}.";
        return $"No asset in your scope has reported yet, so it is not known where {vulnerability} is. {published}";
    }

    private static string WithoutFindings(string vulnerability, List<VulnerabilityFix> fixes, int assets, IReadOnlyList<string> releases) => fixes.Count > 0
        ? $"{vulnerability} is open on none of {assets} assets in your scope that have reported; fixes are published."
        : $"{vulnerability} has no published fix in {(releases.Count == 0 ? "a release of these assets, which is not known" : string.Join(", ", releases))}: fixed-version lists do not cover it.";
}
