using Suture.Contracts.Api;
using Suture.Contracts.Inventory;
using Suture.Exposure.Api;
using Suture.Exposure.Findings;
using Suture.Knowledge.Versions;

namespace Suture.Exposure.Explaining;

/// <summary>Says why a vulnerability is not open on an asset, or why that cannot be known.</summary>
internal static class NoFinding
{
    /// <summary>The answer in one sentence; the steps that lead to it are added.</summary>
    internal static string Explain(ExplainInput input, List<ExplanationStep> steps)
    {
        var name = input.Asset.Name;
        if (input.Asset.State == AssetState.Retired)
        {
            return $"{name} is retired; nothing is matched on it any more.";
        }
        if (input.Exposure is not { } exposure)
        {
            return $"No report of {name} has been judged yet, so nothing is known of it.";
        }
        if (exposure.Release is not { } release)
        {
            return $"The release of {name} is not known, so no advisory can be matched.";
        }
        if (exposure.Packages is not { } packages)
        {
            return $"The packages of {name} could not be read, so it is not known whether {input.Vulnerability} is there.";
        }
        if (!input.Feeds.Covers(release))
        {
            return $"No advisory feed in force covers {release}, so it is not known whether {input.Vulnerability} is on {name}.";
        }
        var fixes = VulnerabilitiesApi.FixesOf(input.Vulnerability, [release], input.Feeds);
        if (fixes.Count == 0)
        {
            return NoFix(input, release);
        }
        var answers = fixes.Take(ExposureLimits.ExplainedRecordsMax).Select(fix => OfFix(fix, packages, exposure, steps)).ToList();
        return $"{input.Vulnerability} is not open on {name}: {string.Join("; ", answers)}.";
    }

    private static string NoFix(ExplainInput input, string release)
    {
        var closed = input.Episodes.FirstOrDefault(episode => episode.ClosedUs is not null);
        if (closed is not null)
        {
            return $"{input.Vulnerability} was open on {input.Asset.Name} and ended ({EpisodesApi.Word(closed.ClosedReason!.Value)}); no advisory in force names it for {release} now.";
        }
        return Steps.IsKnown(input.Feeds.Find(input.Vulnerability))
            ? $"{input.Vulnerability} has no published fix in {release}: fixed-version lists do not cover it, so whether {input.Asset.Name} has it is not known from them."
            : $"No feed in force speaks of {input.Vulnerability}. Check its spelling and the feeds' age.";
    }

    private static string OfFix(VulnerabilityFix fix, IReadOnlyList<InstalledPackage> packages, AssetExposure exposure, List<ExplanationStep> steps)
    {
        steps.Add(new ExplanationStep { Stage = Steps.Advisory, Text = $"{fix.Source} in {fix.Release} is fixed at {fix.FixedVersion}", Source = string.Join(", ", fix.Records) });
        var installed = packages.Where(package => package.Source == fix.Source).ToList();
        if (installed.Count == 0)
        {
            return $"no package of {fix.Source} is installed";
        }
        var own = installed.Where(package => package.Origin == OriginKind.Distribution).ToList();
        if (own.Count == 0)
        {
            return $"{installed[0].Name} {installed[0].Version} is not known to be the distribution's, whose advisories do not speak of it (unknown)";
        }
        foreach (var package in own.Take(ExposureLimits.ExplainedRecordsMax))
        {
            steps.Add(new ExplanationStep { Stage = Steps.Match, Text = Comparison(package, fix) });
        }
        var below = own.Where(package => DebianVersion.Compare(package.SourceVersion, fix.FixedVersion) < 0).ToList();
        if (below.Count == 0)
        {
            return $"{fix.Source} {own[0].SourceVersion} is installed, fixed from {fix.FixedVersion}";
        }
        var kernel = exposure.State.RunningKernel;
        return below.TrueForAll(package => KernelPackages.IsImage(package.Name))
            ? kernel is null or { IsForeign: true }
                ? $"{below[0].Name} is installed below {fix.FixedVersion}, but the kernel that runs is not the machine's own or not known (unknown)"
                : $"the running kernel {kernel.Release} is not below {fix.FixedVersion}; {string.Join(", ", below.Select(package => package.Name))} can be removed"
            : $"{below[0].Name} {below[0].SourceVersion} is below {fix.FixedVersion}, and the next look at the asset will show it";
    }

    private static string Comparison(InstalledPackage package, VulnerabilityFix fix)
    {
        var order = DebianVersion.Compare(package.SourceVersion, fix.FixedVersion);
        return $"{package.Name}:{package.Architecture} {fix.Source} {package.SourceVersion} {(order < 0 ? "<" : order == 0 ? "=" : ">")} {fix.FixedVersion} ({fix.Release})";
    }
}
