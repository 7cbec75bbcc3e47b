using Suture.Contracts.Api;
using Suture.Contracts.Inventory;
using Suture.Knowledge.Versions;

namespace Suture.Exposure.Findings;

/// <summary>Decides whether an open episode that shows no finding any more has ended, and why. Pure; fails closed: without proof it goes on.</summary>
internal static class EndEpisode
{
    /// <summary>The episode as it is after the report: ended, still open with another status, or unchanged.</summary>
    /// <param name="episode">An open one without a finding under its key.</param>
    /// <param name="input">What is known.</param>
    /// <param name="goesOn">True when the same vulnerability of the same source is found under the release that the asset has now.</param>
    internal static Episode Decide(Episode episode, EpisodeInput input, bool goesOn)
    {
        var facts = input.Facts;
        if (facts.Release is null || facts.Packages is null || !input.Feeds.Covers(facts.Release))
        {
            return episode;
        }
        if (goesOn)
        {
            return Close(episode, input, EpisodeEnd.AdvisoryChanged, null);
        }
        var installed = facts.Packages.Where(package => package.Source == episode.Source).ToList();
        if (installed.Count == 0)
        {
            return RunsOldCode(episode, facts.State) == false ? Close(episode, input, EpisodeEnd.Removed, null) : episode;
        }
        var own = installed.Where(package => package.Origin == OriginKind.Distribution).ToList();
        if (own.Count == 0)
        {
            // Another repository's package took its place: the distribution's is gone. An origin that is not known proves nothing.
            return installed.TrueForAll(package => package.Origin == OriginKind.ThirdParty) && RunsOldCode(episode, facts.State) == false
                ? Close(episode, input, EpisodeEnd.Removed, null)
                : episode;
        }
        return episode.PackageNames.Any(KernelPackages.IsImage) ? EndOfKernel(episode, input) : EndOfPackages(episode, input, own);
    }

    private static Episode EndOfPackages(Episode episode, EpisodeInput input, List<InstalledPackage> own)
    {
        var names = episode.PackageNames.ToHashSet(StringComparer.Ordinal);
        var concerned = own.Where(package => names.Contains(package.Name)).ToList();
        var version = Lowest(concerned.Count > 0 ? concerned : own);
        var end = ByVersion(episode, input, version);
        if (end != EpisodeEnd.FixedInEffect)
        {
            return Close(episode, input, end, version);
        }
        // On disk it is fixed; whether old code still runs must be known before it counts as fixed.
        return RunsOldCode(episode, input.Facts.State) == false
            ? Close(episode, input, end, version)
            : episode with { Status = FindingStatus.PendingEffect, InstalledUs = episode.InstalledUs ?? Shown(episode, input) };
    }

    // Kernels are judged by the one that runs.
    private static Episode EndOfKernel(Episode episode, EpisodeInput input)
    {
        if (input.Facts.State.RunningKernel is not { } kernel)
        {
            return episode;
        }
        if (kernel.IsForeign)
        {
            return Close(episode, input, EpisodeEnd.NotAffected, null);
        }
        var running = kernel.SourceVersion ?? input.Facts.Packages!.FirstOrDefault(package => package.Name == kernel.Package)?.SourceVersion;
        return running is null ? episode : Close(episode, input, ByVersion(episode, input, running), running);
    }

    private static EpisodeEnd ByVersion(Episode episode, EpisodeInput input, string version)
    {
        var fix = input.Feeds.FixesOf(input.Facts.Release!, episode.Source).FirstOrDefault(fix => fix.Vulnerability == episode.Vulnerability);
        // The open episode was below (or pending) this version; only a change on the asset can have brought it there.
        if (DebianVersion.Compare(version, episode.FixedVersion) >= 0)
        {
            return input.Facts.ReportId == episode.OpenedReport ? EpisodeEnd.AdvisoryChanged : EpisodeEnd.FixedInEffect;
        }
        return fix is null || DebianVersion.Compare(version, fix.FixedVersion) >= 0 ? EpisodeEnd.AdvisoryChanged : EpisodeEnd.NotAffected;
    }

    private static Episode Close(Episode episode, EpisodeInput input, EpisodeEnd end, string? toVersion)
    {
        var isFixed = end == EpisodeEnd.FixedInEffect;
        var proven = Shown(episode, input);
        return episode with
        {
            ClosedUs = input.Now,
            ClosedReason = end,
            ToVersion = toVersion,
            ClosedReport = input.Facts.ReportId,
            InstalledUs = isFixed ? episode.InstalledUs ?? proven : episode.InstalledUs,
            VerifiedUs = isFixed ? proven : null,
        };
    }

    /// <summary>When the report showed it, for the episode's clocks. A feed may open an episode by a report that came before, and clocks of several nodes may
    /// differ by a little: no clock of an episode stands before its detection.</summary>
    internal static DateTimeOffset Shown(Episode episode, EpisodeInput input) =>
        input.Facts.ReceivedUtc > episode.DetectedUs ? input.Facts.ReceivedUtc : episode.DetectedUs;

    // Null: not known.
    private static bool? RunsOldCode(Episode episode, MachineState state)
    {
        if (state.OutdatedProcesses is null)
        {
            return null;
        }
        var names = episode.PackageNames.ToHashSet(StringComparer.Ordinal);
        return state.OutdatedProcesses.Any(process => names.Contains(process.Package));
    }

    private static string Lowest(List<InstalledPackage> packages)
    {
        var lowest = packages[0].SourceVersion;
        foreach (var package in packages)
        {
            lowest = DebianVersion.Compare(package.SourceVersion, lowest) < 0 ? package.SourceVersion : lowest;
        }
        return lowest;
    }
}
