using Suture.Contracts.Api;
using Suture.Contracts.Inventory;
using Suture.Knowledge.Feeds;
using Suture.Knowledge.Versions;

namespace Suture.Knowledge.Matching;

/// <summary>What was open before and is not affected any more: in effect, waiting for a restart, or not to be known (design decisions 3 and 4).</summary>
internal sealed class EffectCheck(MatchInput asset, FixLookup lookup, KernelView kernel, PackageUrls urls, List<Finding> findings, List<UnknownItem> unknown)
{
    private const string CannotTell = "cannot be compared:";

    private readonly Dictionary<(string Package, string Architecture), InstalledPackage> installed = [];
    private readonly Dictionary<string, string> sourceOf = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<OutdatedProcess>> outdatedBySource = new(StringComparer.Ordinal);
    private readonly HashSet<string> explained = new(StringComparer.Ordinal);

    public void Execute()
    {
        var open = asset.PreviouslyOpen ?? [];
        if (open.Count == 0 && asset.State?.KnownOutdated is not { Count: > 0 })
        {
            return;
        }
        IndexPackages(open);
        IndexProcesses();
        var found = new HashSet<(string, string, string)>();
        foreach (var finding in findings)
        {
            found.Add((finding.Vulnerability, finding.Package, finding.Architecture));
        }
        var blind = 0;
        foreach (var before in open)
        {
            // Of an update that is not read nothing was known to be open.
            if (!FixRecord.IsUnreadId(before.Vulnerability) && found.Add((before.Vulnerability, before.Package, before.Architecture)) && Judge(before) is { } finding)
            {
                findings.Add(finding);
                blind += finding.Status == FindingStatus.Unknown ? 1 : 0;
            }
        }
        NameBlind(blind);
        NameUnexplained();
    }

    // Null: this report shows that it is closed, or nobody states it any more.
    private Finding? Judge(OpenFinding before)
    {
        if (WhyUnmatched(before) is { } reason)
        {
            return ToUnknown(before, before.InstalledVersion, reason);
        }
        if (lookup.Find(before.Source, before.Vulnerability) is not { } fix)
        {
            return null;
        }
        if (KernelPackages.ReleaseOf(before.Package) is { } image)
        {
            return JudgeKernel(before, image, fix);
        }
        var package = FindDistributions(before);
        var version = package?.SourceVersion ?? before.InstalledVersion;
        var key = package is null ? sourceOf.GetValueOrDefault(before.Package, before.Source) : before.Source;
        if (!outdatedBySource.TryGetValue(key, out var processes))
        {
            // None is seen; only when all were looked at is there none.
            return asset.State?.OutdatedProcesses is null
                ? ToUnknown(before, version, "fixed on disk, but which processes run old code could not be read")
                : null;
        }
        explained.Add(key);
        return ToPending(before, version, fix, package is null ? "was removed, fixed in" : ">=", processes);
    }

    private string? WhyUnmatched(OpenFinding before)
    {
        if (asset.Packages is null)
        {
            return "the list of installed packages could not be read";
        }
        if (asset.Release is null)
        {
            return "the release of the distribution is not known";
        }
        if (!lookup.IsCovered)
        {
            return $"no advisory feed in force speaks of {asset.Release}";
        }
        return installed.TryGetValue((before.Package, before.Architecture), out var package) && package.Origin == OriginKind.Unknown
            ? $"version {package.SourceVersion} is not known to be the distribution's"
            : null;
    }

    // A third-party package in its place, or one of another source, is as if the distribution's were removed.
    private InstalledPackage? FindDistributions(OpenFinding before) =>
        installed.TryGetValue((before.Package, before.Architecture), out var package) && package.Origin == OriginKind.Distribution && package.Source == before.Source ? package : null;

    // A kernel that was open and is not found now does not run any more, unless what runs is unknown, or its package was removed under it.
    private Finding? JudgeKernel(OpenFinding before, string release, SourceFix fix)
    {
        if (!kernel.IsKnown && !kernel.IsForeign)
        {
            return ToUnknown(before, before.InstalledVersion, $"whether kernel {release} still runs could not be read");
        }
        var version = kernel.RunningVersion ?? before.InstalledVersion;
        return kernel.Runs(release) && FindDistributions(before) is null && DebianVersion.Compare(version, fix.FixedVersion) < 0
            ? ToPending(before, version, fix, "<", []) with { Action = PendingAction.Reboot.Text }
            : null;
    }

    private Finding ToPending(OpenFinding before, string version, SourceFix fix, string comparison, List<OutdatedProcess> processes) => new()
    {
        Vulnerability = before.Vulnerability,
        IsUnrated = IsUnrated(before),
        Package = before.Package,
        Architecture = before.Architecture,
        Purl = UrlOf(before),
        Source = before.Source,
        InstalledVersion = version,
        FixedVersion = fix.FixedVersion,
        Status = FindingStatus.PendingEffect,
        Action = processes.Count == 0 ? null : PendingAction.For(processes).Text,
        Processes = processes,
        Evidence = lookup.EvidenceOf(before.Source, version, fix, comparison),
    };

    private Finding ToUnknown(OpenFinding before, string version, string reason)
    {
        var fix = lookup.Find(before.Source, before.Vulnerability);
        var rule = $"{before.Source} {before.FixedVersion} {CannotTell} {reason}";
        var first = fix?.Records[0];
        return new Finding
        {
            Vulnerability = before.Vulnerability,
            IsUnrated = IsUnrated(before),
            Package = before.Package,
            Architecture = before.Architecture,
            Purl = UrlOf(before),
            Source = before.Source,
            InstalledVersion = version,
            FixedVersion = fix?.FixedVersion ?? before.FixedVersion,
            Status = FindingStatus.Unknown,
            Evidence =
            [
                new FindingEvidence { Feed = first?.Feed ?? FeedNames.DebianArchive, Record = first?.Record ?? $"{before.Source} {before.FixedVersion}", Published = first?.Published, Rule = rule },
            ],
        };
    }

    private string? UrlOf(OpenFinding before) => installed.TryGetValue((before.Package, before.Architecture), out var package) ? urls.Of(package) : null;

    private void IndexPackages(IReadOnlyList<OpenFinding> open)
    {
        foreach (var before in open)
        {
            sourceOf.TryAdd(before.Package, before.Source);
        }
        foreach (var package in asset.Packages ?? [])
        {
            installed[(package.Name, package.Architecture)] = package;
            sourceOf[package.Name] = package.Source;
        }
    }

    private void IndexProcesses()
    {
        foreach (var process in asset.State?.KnownOutdated ?? [])
        {
            var source = sourceOf.GetValueOrDefault(process.Package, process.Package);
            if (!outdatedBySource.TryGetValue(source, out var list))
            {
                outdatedBySource[source] = list = [];
            }
            list.Add(process);
        }
    }

    private void NameBlind(int count)
    {
        if (count > 0)
        {
            unknown.Add(new UnknownItem
            {
                Subject = "in-effect",
                Reason = count == 1
                    ? "1 finding that was open before cannot be shown to be closed by this report; its evidence says why. It counts as open."
                    : $"{count} findings that were open before cannot be shown to be closed by this report; the evidence of each says why. They count as open.",
            });
        }
    }

    private void NameUnexplained()
    {
        foreach (var (source, processes) in outdatedBySource)
        {
            if (!explained.Contains(source))
            {
                unknown.Add(ToUnexplained(processes));
            }
        }
    }

    private static UnknownItem ToUnexplained(List<OutdatedProcess> processes)
    {
        var commands = new SortedSet<string>(StringComparer.Ordinal);
        var packages = new SortedSet<string>(StringComparer.Ordinal);
        var ids = new HashSet<int>();
        foreach (var process in processes)
        {
            commands.Add(process.Command);
            packages.Add(process.Package);
            ids.Add(process.ProcessId);
        }
        var action = PendingAction.For(processes);
        var remedy = action.IsReboot ? "A reboot ends it." : $"Restart {string.Join(' ', action.Units)}.";
        return new UnknownItem
        {
            Subject = string.Join(' ', packages),
            Reason = $"{string.Join(", ", commands)} ({ids.Count} {(ids.Count == 1 ? "process" : "processes")}) still runs old code of {string.Join(", ", packages)}; which version is not known, so neither is what it is vulnerable to. {remedy}",
        };
    }

    private static bool IsUnrated(OpenFinding before) => FixRecord.IsUnratedId(before.Vulnerability);
}
