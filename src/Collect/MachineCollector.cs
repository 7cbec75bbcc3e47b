using Suture.Collect.Apt;
using Suture.Collect.Dpkg;
using Suture.Collect.Files;
using Suture.Collect.Host;
using Suture.Collect.Processes;
using Suture.Contracts.Inventory;

namespace Suture.Collect;

/// <summary>Reads one machine's facts: files and the process file system only, no shell, no process started, nothing changed.</summary>
public static class MachineCollector
{
    /// <summary>Reads everything.</summary>
    /// <param name="options">What to read.</param>
    /// <returns>Facts; a section that could not be read is null and has its reason among the failures. Never throws for what it finds on the machine.</returns>
    public static CollectedMachine Collect(CollectOptions options) => new Collection(options).Run();

    /// <summary>Says which distribution a machine runs.</summary>
    /// <param name="options">What to read.</param>
    /// <returns><c>ID</c> of <c>os-release</c>; Debian's when that cannot be read, as for the origins of packages.</returns>
    public static string ReadDistribution(CollectOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new FailureList().Attempt("os-release", () => OsRelease.ReadId(new MachineRoot(options.Root))) ?? SoftwareCollector.DistributionDefault;
    }

    private sealed class Collection(CollectOptions options)
    {
        private const string StatusPath = "/var/lib/dpkg/status";

        private readonly FailureList _failures = new();
        private readonly string? _proc = options.EffectiveProcRoot;

        public CollectedMachine Run()
        {
            var root = _failures.Attempt("root", () => new MachineRoot(options.Root));
            return root is null ? Nothing() : Read(root);
        }

        private CollectedMachine Read(MachineRoot root)
        {
            var isContainer = _proc is not null && Container.Detect(root, _proc);
            var status = _failures.Attempt("packages", () => ReadStatus(root));
            var system = _failures.Attempt("os-release", () => OsRelease.Read(root, status));
            var software = _failures.Attempt("packages", () => new SoftwareCollector(root, options, _failures).Collect(status, system)) ?? new Software(null, null, null);
            var packages = software.Packages;
            var running = _proc is null ? null : _failures.Attempt("running-kernel", () => Kernels.ReadRunning(_proc, isContainer, packages));
            var boot = _proc is null ? null : _failures.Attempt("boot", () => BootFacts.Read(_proc, isContainer));
            var processes = _proc is null ? null : _failures.Attempt(CollectorFailure.Processes, () => new ProcessCollector(root, _proc, options, _failures).Collect(boot));
            return new CollectedMachine
            {
                HostName = _failures.Attempt("host-name", () => HostName.Read(root, _proc)) ?? "unknown",
                BootId = boot?.BootId ?? "",
                Packages = packages,
                Vitals = new MachineVitals { UptimeSeconds = boot?.UptimeSeconds, Disks = _failures.Attempt("disks", () => Vitals.ReadDisks(root)) },
                State = new MachineState
                {
                    OperatingSystem = system,
                    RunningKernel = running,
                    InstalledKernels = packages is null ? null : Kernels.Installed(packages, running),
                    RebootRequest = _proc is null ? null : _failures.Attempt("reboot-request", () => RebootRequests.Read(root)),
                    OutdatedProcesses = processes?.Outdated,
                    OutdatedProcessesSeen = processes?.OutdatedSeen,
                    Listening = processes?.Listening,
                    PackagesInUse = processes?.PackagesInUse,
                    AvailableUpdates = software.Updates,
                    PackageIndexes = software.Indexes,
                    IsOnlyDistributionConfigured = software.IsOnlyDistribution,
                    BootedUtc = boot?.BootedUtc,
                    Failures = _failures.Failures,
                },
            };
        }

        private StatusContent ReadStatus(MachineRoot root)
        {
            var status = StatusReader.Read(root.Open(StatusPath), StatusPath);
            if (status.Incomplete.Count > 0)
            {
                _failures.Add("packages-incomplete", $"dpkg has not finished with {status.Incomplete.Count} {(status.Incomplete.Count == 1 ? "package" : "packages")} ({string.Join(", ", status.Incomplete.Take(CollectLimits.FaultsQuoted))}): they count with the version last configured. Run dpkg --configure -a.");
            }
            return status;
        }

        private CollectedMachine Nothing() => new()
        {
            HostName = "unknown", BootId = "", Packages = null, Vitals = new MachineVitals(), State = new MachineState { Failures = _failures.Failures },
        };
    }
}
