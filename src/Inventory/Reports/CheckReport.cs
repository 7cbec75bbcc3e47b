using Suture.Contracts.Inventory;

namespace Suture.Inventory.Reports;

/// <summary>Checks a report at the border: every field bounded and by its grammar, all faults together.</summary>
internal static class CheckReport
{
    private const long SequenceMax = 1L << 53;
    private const string NotUnique = "wanted ordered by name then architecture (by code point), each pair once";

    public static ReportFaults Check(AssetReport report)
    {
        var faults = new ReportFaults();
        CheckHead(report, faults);
        CheckSoftware(report, faults);
        if (report.State is not null)
        {
            CheckState.Check(report.State, faults);
        }
        CheckVitals(report.Vitals, faults);
        return faults;
    }

    private static void CheckHead(AssetReport report, ReportFaults faults)
    {
        faults.Require(report.Schema == 1, "schema", "wanted 1; this server reads no other");
        faults.Require(Grammar.IsBoot(report.BootId), "bootId", "wanted 1 to 128 of letters, digits and . _ : + -");
        faults.Require(report.Sequence is >= 1 and <= SequenceMax, "sequence", "wanted 1 to 2^53");
        faults.Require(Grammar.IsAgentVersion(report.AgentVersion), "agentVersion", "wanted 1 to 64 of letters, digits and . + - _");
        faults.Require(Grammar.IsHostName(report.HostName), "hostName", "wanted 1 to 253 of letters, digits and . - _");
        faults.Require(report.SoftwareDigest is null || Grammar.IsSha256(report.SoftwareDigest), "softwareDigest", "wanted 64 lower-case hex digits, or none");
        faults.Require(report.BaseDigest is null || Grammar.IsSha256(report.BaseDigest), "baseDigest", "wanted 64 lower-case hex digits, or none");
        faults.Require(Grammar.IsSha256(report.StateDigest), "stateDigest", "wanted 64 lower-case hex digits");
        faults.Require(report.Software is null || report.SoftwareDelta is null, "softwareDelta", "wanted either software or softwareDelta, not both");
        faults.Require(report.SoftwareDelta is null == report.BaseDigest is null, "baseDigest", "wanted with softwareDelta, and only with it");
        faults.Require(
            report.SoftwareDigest is not null || (report.Software is null && report.SoftwareDelta is null), "softwareDigest", "wanted where software is sent");
    }

    private static void CheckSoftware(AssetReport report, ReportFaults faults)
    {
        if (report.Software is { } software && HasRoom(software.Count, InventoryLimits.PackagesMax, "software", faults))
        {
            CheckPackages(software, "software", faults);
        }
        if (report.SoftwareDelta is not { } delta)
        {
            return;
        }
        if (HasRoom(delta.Set.Count, InventoryLimits.PackagesMax, "softwareDelta.set", faults))
        {
            CheckPackages(delta.Set, "softwareDelta.set", faults);
        }
        if (HasRoom(delta.Removed.Count, InventoryLimits.PackagesMax, "softwareDelta.removed", faults))
        {
            for (var index = 0; index < delta.Removed.Count; index++)
            {
                faults.Require(IsPackageKey(delta.Removed[index]), $"softwareDelta.removed[{index}]", "wanted name:architecture");
            }
        }
    }

    private static bool IsPackageKey(string? text)
    {
        var colon = text?.LastIndexOf(':') ?? -1;
        return colon > 0 && Grammar.IsPackage(text![..colon]) && Grammar.IsArchitecture(text[(colon + 1)..]);
    }

    private static void CheckPackages(IReadOnlyList<InstalledPackage> packages, string list, ReportFaults faults)
    {
        InstalledPackage? before = null;
        for (var index = 0; index < packages.Count; index++)
        {
            // Annotations of element types are not checked by the reader: a null gets here.
            var package = packages[index];
            faults.Require(package is not null, $"{list}[{index}]", "wanted a package, not null");
            if (package is null)
            {
                continue;
            }
            if (!IsGood(package))
            {
                Describe(package, $"{list}[{index}]", faults);
            }
            faults.Require(before is null || Compare(before, package) < 0, $"{list}[{index}]", NotUnique);
            before = package;
        }
    }

    private static int Compare(InstalledPackage left, InstalledPackage right)
    {
        var byName = string.CompareOrdinal(left.Name, right.Name);
        return byName != 0 ? byName : string.CompareOrdinal(left.Architecture, right.Architecture);
    }

    // Texts of places are made only for the faulty: a report has tens of thousands of packages.
    private static bool IsGood(InstalledPackage package) =>
        Grammar.IsPackage(package.Name) && Grammar.IsVersion(package.Version) && Grammar.IsArchitecture(package.Architecture)
        && Grammar.IsPackage(package.Source) && Grammar.IsVersion(package.SourceVersion)
        && (package.OriginLabel is null || Grammar.IsText(package.OriginLabel, InventoryLimits.NameLengthMax));

    private static void Describe(InstalledPackage package, string place, ReportFaults faults)
    {
        const string name = "wanted a package name: a letter or digit, then letters, digits and + . _ -, at most 255";
        const string version = "wanted a version: letters, digits and . + ~ : -, 1 to 255";
        faults.Require(Grammar.IsPackage(package.Name), $"{place}.name", name);
        faults.Require(Grammar.IsVersion(package.Version), $"{place}.version", version);
        faults.Require(Grammar.IsArchitecture(package.Architecture), $"{place}.architecture", "wanted lower-case letters, digits and -, 1 to 64");
        faults.Require(Grammar.IsPackage(package.Source), $"{place}.source", name);
        faults.Require(Grammar.IsVersion(package.SourceVersion), $"{place}.sourceVersion", version);
        faults.Require(
            package.OriginLabel is null || Grammar.IsText(package.OriginLabel, InventoryLimits.NameLengthMax), $"{place}.originLabel",
            "wanted one line of at most 255 characters");
    }

    private static void CheckVitals(MachineVitals vitals, ReportFaults faults)
    {
        faults.Require(vitals.UptimeSeconds is null or (>= 0 and <= SequenceMax), "vitals.uptimeSeconds", "wanted 0 or more");
        if (vitals.Disks is not { } disks || !HasRoom(disks.Count, InventoryLimits.ShortListEntriesMax, "vitals.disks", faults))
        {
            return;
        }
        for (var index = 0; index < disks.Count; index++)
        {
            var disk = disks[index];
            faults.Require(
                disk is not null && Grammar.IsText(disk.MountPoint, InventoryLimits.TextLengthMax) && disk.FreeBytes >= 0 && disk.TotalBytes >= 0,
                $"vitals.disks[{index}]", "wanted a mount point of one line and sizes of 0 or more");
        }
    }

    internal static bool HasRoom(int count, int most, string place, ReportFaults faults)
    {
        faults.Require(count <= most, place, $"has {count} entries, wanted at most {most}");
        return count <= most;
    }
}
