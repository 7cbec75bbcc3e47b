using Suture.Contracts.Api;
using Suture.Exposure.Api;
using Suture.Exposure.Findings;
using Suture.Knowledge.Feeds;

namespace Suture.Exposure.Explaining;

/// <summary>Explains a vulnerability without an asset. Pure.</summary>
internal static class ExplainFleet
{
    internal static Explanation Compose(string vulnerability, IReadOnlyList<AssetExposure> exposures, FeedSnapshot feeds)
    {
        var releases = VulnerabilitiesApi.ReleasesOf(exposures);
        var steps = new List<ExplanationStep>();
        steps.AddRange(Steps.Signals(feeds.Find(vulnerability)));
        var fixes = VulnerabilitiesApi.FixesOf(vulnerability, releases, feeds);
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
        return new Explanation { Vulnerability = vulnerability, Verdict = Verdict(vulnerability, fixes, affected.Count, exposures.Count, releases, feeds), Steps = steps };
    }

    private static string Verdict(string vulnerability, List<VulnerabilityFix> fixes, int affected, int known, IReadOnlyList<string> releases, FeedSnapshot feeds)
    {
        if (affected > 0)
        {
            return $"{vulnerability} is open on {affected} of {known} assets in your scope.";
        }
        if (fixes.Count > 0)
        {
            return $"{vulnerability} is open on none of {known} assets in your scope that have reported; fixes are published.";
        }
        return Steps.IsKnown(feeds.Find(vulnerability))
            ? $"{vulnerability} has no published fix in {(releases.Count == 0 ? "any release in your scope" : string.Join(", ", releases))}: fixed-version lists do not cover it."
            : $"No feed in force speaks of {vulnerability}. Check its spelling and the feeds' age.";
    }
}
