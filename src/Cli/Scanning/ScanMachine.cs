using Suture.Collect;
using Suture.Contracts.Api;
using Suture.Contracts.Inventory;
using Suture.Knowledge.Feeds;
using Suture.Knowledge.Matching;
using Suture.Knowledge.Risk;
using Suture.Knowledge.Versions;

namespace Suture.Cli.Scanning;

/// <summary>The machine a scan looks at.</summary>
/// <param name="Name">Host name, or the file's.</param>
/// <param name="Root">Root or file read.</param>
/// <param name="Release">Codename; null when unknown.</param>
/// <param name="Packages">Installed packages; null when unknown.</param>
/// <param name="State">State of the machine; null for a mere status file without a kernel.</param>
internal sealed record ScanTarget(string Name, string Root, string? Release, IReadOnlyList<InstalledPackage>? Packages, MachineState? State)
{
    /// <summary>Reads a machine, or a mounted root.</summary>
    /// <param name="root">Its root.</param>
    /// <param name="kernel">The kernel that runs on a mounted system; null when that is not told.</param>
    /// <param name="cacheDirectory">Where what only saves time is kept; null keeps nothing. Not used for a mounted root.</param>
    /// <param name="time">Clock.</param>
    public static ScanTarget OfMachine(string root, string? kernel, string? cacheDirectory, TimeProvider time)
    {
        var cache = cacheDirectory is null || root != "/" ? null : Path.Combine(cacheDirectory, "machine");
        var machine = MachineCollector.Collect(new CollectOptions { Root = root, CacheDirectory = cache, Time = time });
        if (kernel is not null && machine.State.RunningKernel is { } running)
        {
            throw new CliException(Exit.Usage, $"--kernel is for a mounted system; here kernel {running.Release} runs. Leave --kernel out.");
        }
        var state = kernel is null ? machine.State : machine.State with
        {
            RunningKernel = new RunningKernel { Release = kernel, Package = machine.Packages?.FirstOrDefault(package => KernelPackages.Boots(package.Name, kernel))?.Name, IsForeign = false },
        };
        return new ScanTarget(machine.HostName, root, state.OperatingSystem?.Codename, machine.Packages, state);
    }

    /// <summary>Reads a mere status file.</summary>
    public static ScanTarget OfStatusFile(string path, string release, string? kernel) => new(
        Path.GetFileName(path), path, release, StatusFile.Read(path),
        kernel is null ? null : new MachineState { RunningKernel = new RunningKernel { Release = kernel, IsForeign = false }, Failures = [] });
}

/// <summary>Matches and ranks one machine: what a scan reports.</summary>
internal static class ScanMachine
{
    /// <summary>Makes the report. Pure.</summary>
    /// <param name="target">The machine.</param>
    /// <param name="feeds">The feeds.</param>
    /// <param name="useOwnIndexes">True takes the security updates that the machine's own package indexes offer as a feed too.</param>
    /// <param name="now">The instant.</param>
    public static ScanReport Report(ScanTarget target, ScanFeeds feeds, bool useOwnIndexes, DateTimeOffset now)
    {
        var match = Matcher.Match(
            new MatchInput { Release = target.Release, Packages = target.Packages, State = target.State, UseOwnIndexes = useOwnIndexes }, feeds.Snapshot);
        return new ScanReport
        {
            Schema = 1,
            Asset = new ScannedAsset
            {
                Name = target.Name, Root = target.Root, OperatingSystem = target.State?.OperatingSystem, Packages = target.Packages?.Count, TakenUtc = now,
            },
            Feeds = useOwnIndexes && OwnIndexes(target.State) is { } own ? [.. feeds.Snapshot.Feeds.Append(own).OrderBy(f => f.Feed, StringComparer.Ordinal)] : feeds.Snapshot.Feeds,
            Findings = Rank(match.Findings, feeds.Snapshot, target.State, DateOnly.FromDateTime(now.UtcDateTime)),
            Unknown = [.. match.Unknown, .. feeds.Problems.Select(problem => new UnknownItem { Subject = "feeds", Reason = problem })],
            RemovableKernels = match.RemovableKernels,
        };
    }

    /// <summary>Says why no package of the machine could be judged; null when some feed speaks of its release.</summary>
    /// <param name="target">The machine.</param>
    /// <param name="feeds">The feeds.</param>
    /// <param name="useOwnIndexes">True when the machine's own security index is a feed too.</param>
    public static string? WhyNotJudged(ScanTarget target, FeedSnapshot feeds, bool useOwnIndexes)
    {
        if ((target.Release is not null && feeds.Covers(target.Release)) || (useOwnIndexes && HasSecurityIndex(target.State)))
        {
            return null;
        }
        var index = useOwnIndexes ? ", and the system holds no index of its security suite" : "";
        return target.Release is null
            ? $"the release of the system is not known (look at its /etc/os-release){index}"
            : $"no advisory feed in force speaks of {target.Release}{index}";
    }

    private static bool HasSecurityIndex(MachineState? state) =>
        state?.PackageIndexes?.Any(index => index.Origin == "Debian" && index.Suite.EndsWith("-security", StringComparison.Ordinal)) == true;

    private static List<Finding> Rank(IReadOnlyList<Finding> findings, FeedSnapshot feeds, MachineState? state, DateOnly today)
    {
        var ranked = new List<Finding>(findings.Count);
        var activity = new PackageActivity(state);
        var context = new RankContext { AsOf = today };
        // One vulnerability comes through many packages, and all that run or listen alike rank alike.
        var known = new Dictionary<(string Vulnerability, bool? IsListening, bool? IsInUse), Ranking>();
        foreach (var finding in findings)
        {
            var asset = activity.Apply(context, finding);
            if (!known.TryGetValue((finding.Vulnerability, asset.IsListening, asset.IsInUse), out var ranking))
            {
                ranking = RiskEngine.Rank(feeds.Find(finding.Vulnerability), !FixRecord.NamesCve(finding.Vulnerability), asset);
                known[(finding.Vulnerability, asset.IsListening, asset.IsInUse)] = ranking;
            }
            ranked.Add(finding with { Risk = ranking.Risk, Deadline = ranking.Deadline });
        }
        ranked.Sort(Compare);
        return ranked;
    }

    private static FeedAge? OwnIndexes(MachineState? state)
    {
        if (state?.AvailableUpdates is not { } updates)
        {
            return null;
        }
        var date = (state.PackageIndexes ?? []).Max(index => index.DateUtc);
        return new FeedAge
        {
            Feed = FeedNames.DebianArchive,
            ContentDate = date is { } known ? DateOnly.FromDateTime(known.UtcDateTime) : null,
            Records = updates.Count(update => update.IsSecurity),
        };
    }

    private static int Compare(Finding left, Finding right)
    {
        var order = right.Risk!.PerDay.CompareTo(left.Risk!.PerDay);
        order = order != 0 ? order : string.CompareOrdinal(left.Vulnerability, right.Vulnerability);
        order = order != 0 ? order : string.CompareOrdinal(left.Package, right.Package);
        return order != 0 ? order : string.CompareOrdinal(left.Architecture, right.Architecture);
    }
}
