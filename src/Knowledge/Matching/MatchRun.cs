using System.Globalization;
using Suture.Contracts.Api;
using Suture.Contracts.Inventory;
using Suture.Knowledge.Feeds;
using Suture.Knowledge.Versions;

namespace Suture.Knowledge.Matching;

/// <summary>One pass over one asset. Holds what the steps share; used once.</summary>
internal sealed class MatchRun(MatchInput asset, FeedSnapshot feeds)
{
    private readonly List<Finding> findings = [];
    private readonly List<UnknownItem> unknown = [];
    private readonly FixLookup lookup = new(asset.Release, feeds);
    private readonly KernelView kernel = KernelView.Of(asset);
    private readonly Dictionary<(string Package, string Architecture), AvailableUpdate> offered = OwnIndexes.SecurityUpdates(asset);
    private readonly HashSet<string> unread = new(StringComparer.Ordinal);
    private readonly PackageUrls urls = new(asset.Release);

    public MatchResult Execute()
    {
        NameFailures();
        NameRelease();
        kernel.NameUnknown(unknown);
        if (asset.Packages is { } packages)
        {
            foreach (var package in packages)
            {
                Look(package);
            }
        }
        else
        {
            unknown.Add(new UnknownItem { Subject = "packages", Reason = "The list of installed packages could not be read, so nothing could be matched. Repair the collector named here and report again." });
        }
        new EffectCheck(asset, lookup, kernel, urls, findings, unknown).Execute();
        findings.Sort(CompareFindings);
        return new MatchResult { Findings = findings, Unknown = unknown, RemovableKernels = kernel.Removable };
    }

    private void NameFailures()
    {
        foreach (var failure in asset.State?.Failures ?? [])
        {
            unknown.Add(new UnknownItem { Subject = failure.Collector, Reason = failure.Reason });
        }
    }

    private void NameRelease()
    {
        if (asset.Release is null)
        {
            unknown.Add(new UnknownItem { Subject = "release", Reason = "The release of the distribution is not known, so no advisory can be applied. Look at /etc/os-release on the machine." });
        }
        else if (!lookup.IsCovered)
        {
            unknown.Add(new UnknownItem
            {
                Subject = $"release {asset.Release}",
                Reason = $"No advisory feed in force speaks of {asset.Release}: {Count(asset.Packages?.Count ?? 0)} not judged by advisories. Import a feed that covers it.",
            });
        }
    }

    private void Look(InstalledPackage package)
    {
        if (package.Origin != OriginKind.Distribution)
        {
            unknown.Add(new UnknownItem { Subject = package.Name, Reason = WhyUnjudged(package) });
            return;
        }
        var image = KernelPackages.ReleaseOf(package.Name);
        if (image is not null && !kernel.Runs(image))
        {
            return;
        }
        var judged = image is null ? package.SourceVersion : kernel.RunningVersion ?? package.SourceVersion;
        foreach (var fix in lookup.Above(package.Source, judged))
        {
            findings.Add(ToFinding(package, judged, fix, image is not null));
        }
        if (offered.Count > 0 && offered.TryGetValue((package.Name, package.Architecture), out var update))
        {
            LookAtOffer(package, update);
        }
    }

    private Finding ToFinding(InstalledPackage package, string judged, JudgedFix fix, bool isKernel)
    {
        var isUnread = fix.Fix.IsUnread;
        var waitsForReboot = isKernel && !isUnread && kernel.HasFixedImage(package.Source, fix.Fix.FixedVersion);
        if (isUnread)
        {
            NameUnread(fix.Fix.Records[0]);
        }
        return new Finding
        {
            Vulnerability = fix.Fix.Vulnerability,
            IsUnrated = fix.Fix.IsUnrated,
            Package = package.Name,
            Architecture = package.Architecture,
            Purl = urls.Of(package),
            Source = package.Source,
            InstalledVersion = judged,
            FixedVersion = fix.Fix.FixedVersion,
            Status = isUnread ? FindingStatus.Unknown : waitsForReboot ? FindingStatus.PendingEffect : FindingStatus.Affected,
            Action = waitsForReboot ? PendingAction.Reboot.Text : null,
            Evidence = fix.Evidence,
        };
    }

    private void LookAtOffer(InstalledPackage package, AvailableUpdate update)
    {
        if (DebianVersion.Compare(update.SourceVersion, package.SourceVersion) > 0 && !lookup.Reaches(update.Source, update.SourceVersion))
        {
            var record = OwnIndexes.ToRecord(update);
            NameUnread(record);
            findings.Add(OwnIndexes.ToFinding(package, update, record, asset.State?.PackageIndexes) with { Purl = urls.Of(package) });
        }
    }

    // Once a source and version: its packages are unknown for the same reason.
    private void NameUnread(FixRecord record)
    {
        if (unread.Add(record.Vulnerability))
        {
            unknown.Add(new UnknownItem { Subject = $"{record.Source} {record.FixedVersion}", Reason = $"A security update, of which it is not known which CVEs it closes: {record.Record}." });
        }
    }

    private static string Count(int packages) => packages == 1 ? "1 package is" : string.Create(CultureInfo.InvariantCulture, $"{packages} packages are");

    private static string WhyUnjudged(InstalledPackage package) => package.Origin == OriginKind.ThirdParty
        ? $"Third-party package ({package.OriginLabel ?? "repository not named"}): no feed in force covers it."
        : "Its origin is unknown, so the distribution's advisories may not speak of it. It becomes known while an index of the machine holds the installed version.";

    private static int CompareFindings(Finding left, Finding right)
    {
        var order = string.CompareOrdinal(left.Vulnerability, right.Vulnerability);
        order = order != 0 ? order : string.CompareOrdinal(left.Package, right.Package);
        return order != 0 ? order : string.CompareOrdinal(left.Architecture, right.Architecture);
    }
}
