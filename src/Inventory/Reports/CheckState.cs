using Suture.Contracts.Inventory;

namespace Suture.Inventory.Reports;

/// <summary>Checks the state of a report. Names in it reach keys, jobs and screens, so each has its grammar.</summary>
internal static class CheckState
{
    private const int Short = InventoryLimits.ShortListEntriesMax;
    private const int Long = InventoryLimits.ListEntriesMax;
    private const int Name = InventoryLimits.NameLengthMax;
    private const int Text = InventoryLimits.TextLengthMax;

    private const string ProcessWanted = "wanted package, process id, command, unit and file within their grammar";

    public static void Check(MachineState state, ReportFaults faults)
    {
        CheckSystem(state, faults);
        Each(state.InstalledKernels, Short, "state.installedKernels", IsGood, "wanted package, release and version of a kernel", faults);
        Each(state.RebootRequest?.Packages, Long, "state.rebootRequest.packages", IsLine, "wanted a package name", faults);
        Each(state.OutdatedProcesses, Long, "state.outdatedProcesses", IsGood, ProcessWanted, faults);
        Each(state.OutdatedProcessesSeen, Long, "state.outdatedProcessesSeen", IsGood, ProcessWanted, faults);
        Each(state.Listening, Long, "state.listening", IsGood, "wanted tcp, tcp6, udp or udp6, an address, a port 1 to 65535 and a command", faults);
        Each(state.PackagesInUse, InventoryLimits.PackagesMax, "state.packagesInUse", Grammar.IsPackage, "wanted a package name", faults);
        Each(state.AvailableUpdates, InventoryLimits.PackagesMax, "state.availableUpdates", IsGood, "wanted package, versions, suite, SHA-256 and size within their grammar", faults);
        Each(state.PackageIndexes, Short, "state.packageIndexes", IsGood, "wanted suite and origin of one line", faults);
        Each(state.Failures, Short, "state.failures", IsGood, "wanted a collector's name and a reason of one line", faults);
    }

    private static void CheckSystem(MachineState state, ReportFaults faults)
    {
        if (state.OperatingSystem is { } system)
        {
            faults.Require(Grammar.IsCodename(system.Id), "state.operatingSystem.id", "wanted the ID of os-release: lower-case letters, digits and . _ -");
            faults.Require(system.Codename is null || Grammar.IsCodename(system.Codename), "state.operatingSystem.codename", "wanted lower-case letters, digits and . _ -, at most 64");
            faults.Require(system.VersionId is null || Grammar.IsText(system.VersionId, Name), "state.operatingSystem.versionId", "wanted one line of at most 255 characters");
            faults.Require(Grammar.IsText(system.PrettyName, Name), "state.operatingSystem.prettyName", "wanted one line of at most 255 characters");
            faults.Require(Grammar.IsArchitecture(system.Architecture), "state.operatingSystem.architecture", "wanted lower-case letters, digits and -");
        }
        if (state.RunningKernel is { } kernel)
        {
            faults.Require(Grammar.IsText(kernel.Release, Name), "state.runningKernel.release", "wanted one line of at most 255 characters");
            faults.Require(kernel.SourceVersion is null || Grammar.IsVersion(kernel.SourceVersion), "state.runningKernel.sourceVersion", "wanted a version");
            faults.Require(kernel.Package is null || Grammar.IsPackage(kernel.Package), "state.runningKernel.package", "wanted a package name");
        }
    }

    private static void Each<T>(IReadOnlyList<T>? list, int most, string place, Func<T, bool> isGood, string wanted, ReportFaults faults)
        where T : class
    {
        if (list is null || !CheckReport.HasRoom(list.Count, most, place, faults))
        {
            return;
        }
        for (var index = 0; index < list.Count; index++)
        {
            if (list[index] is not { } entry || !isGood(entry))
            {
                faults.Require(false, $"{place}[{index}]", wanted);
            }
        }
    }

    private static bool IsLine(string text) => text.Length > 0 && Grammar.IsText(text, Name);

    private static bool IsGood(InstalledKernel kernel) =>
        Grammar.IsPackage(kernel.Package) && IsLine(kernel.Release) && Grammar.IsVersion(kernel.SourceVersion);

    private static bool IsGood(OutdatedProcess process) =>
        Grammar.IsPackage(process.Package) && process.ProcessId > 0 && Grammar.IsText(process.Command, Name)
        && (process.Unit is null || Grammar.IsUnit(process.Unit)) && Grammar.IsText(process.File, Text);

    private static bool IsGood(ListeningSocket socket) =>
        socket.Protocol is "tcp" or "tcp6" or "udp" or "udp6" && Grammar.IsText(socket.Address, 64) && socket.Port is >= 1 and <= 65535
        && Grammar.IsText(socket.Command, Name) && (socket.Package is null || Grammar.IsPackage(socket.Package));

    private static bool IsGood(AvailableUpdate update) =>
        Grammar.IsPackage(update.Package) && Grammar.IsArchitecture(update.Architecture) && Grammar.IsVersion(update.Version)
        && Grammar.IsPackage(update.Source) && Grammar.IsVersion(update.SourceVersion) && IsLine(update.Suite)
        && (update.Label is null || Grammar.IsText(update.Label, Name)) && Grammar.IsSha256(update.Sha256) && update.SizeBytes >= 0;

    private static bool IsGood(PackageIndex index) => IsLine(index.Suite) && (index.Origin is null || Grammar.IsText(index.Origin, Name));

    private static bool IsGood(CollectorFailure failure) => IsLine(failure.Collector) && Grammar.IsText(failure.Reason, Text);
}
