using System.Text.Json.Serialization;

namespace Suture.Contracts.Inventory;

/// <summary>What a machine runs and offers, besides what is installed. A null section is <c>unknown</c> and has its reason in <see cref="Failures"/>.</summary>
public sealed record MachineState
{
    /// <summary>The operating system; null when <c>os-release</c> could not be read.</summary>
    public OperatingSystemRelease? OperatingSystem { get; init; }

    /// <summary>The running kernel; null for a mounted root, where nothing runs.</summary>
    public RunningKernel? RunningKernel { get; init; }

    /// <summary>Kernel image packages installed, ordered by release; empty in containers.</summary>
    public IReadOnlyList<InstalledKernel>? InstalledKernels { get; init; }

    /// <summary>Whether the machine itself asks for a reboot.</summary>
    public RebootRequest? RebootRequest { get; init; }

    /// <summary>Processes that still run code of a package version that is no longer installed; ordered by package, process id.</summary>
    public IReadOnlyList<OutdatedProcess>? OutdatedProcesses { get; init; }

    /// <summary>Where <see cref="OutdatedProcesses"/> is unknown because some processes may not be looked at: those of the others that do run replaced code. There may
    /// be more, so nothing is closed by them. Ordered likewise; null when there are none, or all processes were looked at.</summary>
    public IReadOnlyList<OutdatedProcess>? OutdatedProcessesSeen { get; init; }

    /// <summary>Every process that is known to run replaced code, whether or not there may be more; may be empty.</summary>
    [JsonIgnore]
    public IReadOnlyList<OutdatedProcess> KnownOutdated => OutdatedProcesses ?? OutdatedProcessesSeen ?? [];

    /// <summary>Listening sockets of this machine's own processes; ordered by protocol, port, address. While a failure of
    /// <see cref="CollectorFailure.ListeningSockets"/> stands beside them there may be more.</summary>
    public IReadOnlyList<ListeningSocket>? Listening { get; init; }

    /// <summary>Names of packages of which a running process maps or executes a file; ordered, unique. While a failure of
    /// <see cref="CollectorFailure.PackagesInUse"/> stands beside them there may be more.</summary>
    public IReadOnlyList<string>? PackagesInUse { get; init; }

    /// <summary>Newer versions that the machine's own package indexes offer; ordered by package.</summary>
    public IReadOnlyList<AvailableUpdate>? AvailableUpdates { get; init; }

    /// <summary>The package indexes the machine holds, with the date each was signed.</summary>
    public IReadOnlyList<PackageIndex>? PackageIndexes { get; init; }

    /// <summary>True when every repository that is configured is the distribution's own; null when that could not be read.</summary>
    public bool? IsOnlyDistributionConfigured { get; init; }

    /// <summary>Instant the machine was started; null for a mounted root.</summary>
    public DateTimeOffset? BootedUtc { get; init; }

    /// <summary>Collectors that failed; what they would have told is unknown, never "fine". Empty when all worked.</summary>
    public required IReadOnlyList<CollectorFailure> Failures { get; init; }
}

/// <summary>From <c>os-release</c>.</summary>
public sealed record OperatingSystemRelease
{
    /// <summary><c>ID</c>, <c>debian</c>.</summary>
    public required string Id { get; init; }

    /// <summary><c>VERSION_CODENAME</c>, <c>bookworm</c>; null on rolling releases.</summary>
    public string? Codename { get; init; }

    /// <summary><c>VERSION_ID</c>, <c>12</c>.</summary>
    public string? VersionId { get; init; }

    /// <summary><c>PRETTY_NAME</c>.</summary>
    public required string PrettyName { get; init; }

    /// <summary>Native package architecture, <c>amd64</c>.</summary>
    public required string Architecture { get; init; }
}

/// <summary>The kernel that runs now.</summary>
public sealed record RunningKernel
{
    /// <summary><c>uname -r</c>, <c>6.1.0-37-amd64</c>.</summary>
    public required string Release { get; init; }

    /// <summary>Source version read from <c>uname -v</c> (<c>Debian 6.1.140-1</c>); null when the kernel is not the distribution's.</summary>
    public string? SourceVersion { get; init; }

    /// <summary>The installed package it came from, <c>linux-image-6.1.0-37-amd64</c>; null when none of this machine's.</summary>
    public string? Package { get; init; }

    /// <summary>True when the machine is a container and the kernel is its host's.</summary>
    public required bool IsForeign { get; init; }
}

/// <summary>A kernel image that could be booted.</summary>
public sealed record InstalledKernel
{
    /// <summary>Package name.</summary>
    public required string Package { get; init; }

    /// <summary>Release it boots as.</summary>
    public required string Release { get; init; }

    /// <summary>Source version, mapped to the base source.</summary>
    public required string SourceVersion { get; init; }

    /// <summary>True when it is the one running.</summary>
    public required bool IsRunning { get; init; }
}

/// <summary>The machine's own wish for a reboot (<c>/run/reboot-required</c>).</summary>
public sealed record RebootRequest
{
    /// <summary>True when the machine asks for it.</summary>
    public required bool IsRequired { get; init; }

    /// <summary>Packages that asked, ordered and unique; may be empty.</summary>
    public required IReadOnlyList<string> Packages { get; init; }
}

/// <summary>Why a process counts as outdated.</summary>
[JsonConverter(typeof(SnakeCase<OutdatedBasis>))]
public enum OutdatedBasis
{
    /// <summary>It maps a file that was replaced or removed since.</summary>
    MapsReplacedFile = 1,
    /// <summary>Its own executable was replaced since.</summary>
    ExecutableReplaced = 2,
    /// <summary>It is an interpreter that started before a package with code for it changed; what it has read cannot be seen, so it counts.</summary>
    InterpreterOlderThanChange = 3,
}

/// <summary>A process that runs code which is no longer the installed one.</summary>
public sealed record OutdatedProcess
{
    /// <summary>Package whose old code it runs.</summary>
    public required string Package { get; init; }

    /// <summary>Process id in the machine's own namespace.</summary>
    public required int ProcessId { get; init; }

    /// <summary>Name as the kernel has it (at most 15 characters).</summary>
    public required string Command { get; init; }

    /// <summary>systemd unit it belongs to, <c>nginx.service</c>; null when none.</summary>
    public string? Unit { get; init; }

    /// <summary>When it started.</summary>
    public required DateTimeOffset StartedUtc { get; init; }

    /// <summary>Why it counts.</summary>
    public required OutdatedBasis Basis { get; init; }

    /// <summary>The file that shows it, without the kernel's <c> (deleted)</c>.</summary>
    public required string File { get; init; }
}

/// <summary>A socket that accepts from others.</summary>
public sealed record ListeningSocket
{
    /// <summary><c>tcp</c>, <c>tcp6</c>, <c>udp</c> or <c>udp6</c>.</summary>
    public required string Protocol { get; init; }

    /// <summary>Address bound, <c>0.0.0.0</c> for all.</summary>
    public required string Address { get; init; }

    /// <summary>Port, 1 to 65535.</summary>
    public required int Port { get; init; }

    /// <summary>Name of the process that holds it.</summary>
    public required string Command { get; init; }

    /// <summary>Package of its executable; null when none owns it.</summary>
    public string? Package { get; init; }

    /// <summary>Packages of which the holding processes map a file: what the network reaches through this socket; ordered, unique. Null when not known.</summary>
    public IReadOnlyList<string>? MappedPackages { get; init; }

    /// <summary>True when only this machine itself can reach it.</summary>
    public required bool IsLoopbackOnly { get; init; }
}

/// <summary>A newer version that the machine's package indexes offer.</summary>
public sealed record AvailableUpdate
{
    /// <summary>Binary package.</summary>
    public required string Package { get; init; }

    /// <summary>Architecture.</summary>
    public required string Architecture { get; init; }

    /// <summary>Version offered.</summary>
    public required string Version { get; init; }

    /// <summary>Source, mapped to its base.</summary>
    public required string Source { get; init; }

    /// <summary>Source version.</summary>
    public required string SourceVersion { get; init; }

    /// <summary>Codename or suite of the index, <c>bookworm-security</c>.</summary>
    public required string Suite { get; init; }

    /// <summary>Label of the repository, <c>Debian-Security</c>.</summary>
    public string? Label { get; init; }

    /// <summary>True when the index is the distribution's security suite.</summary>
    public required bool IsSecurity { get; init; }

    /// <summary>SHA-256 of the package file, lower-case hex, as the signed index has it.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Bytes to download.</summary>
    public required long SizeBytes { get; init; }
}

/// <summary>One index of a repository on the machine.</summary>
public sealed record PackageIndex
{
    /// <summary>Codename or suite.</summary>
    public required string Suite { get; init; }

    /// <summary>Origin field of its release file, <c>Debian</c>.</summary>
    public string? Origin { get; init; }

    /// <summary>Date it was signed; null when the release file has none.</summary>
    public DateTimeOffset? DateUtc { get; init; }
}

/// <summary>A collector that could not do its work.</summary>
public sealed record CollectorFailure
{
    /// <summary>Name of the collector of <see cref="MachineState.OutdatedProcesses"/>.</summary>
    public const string OutdatedProcesses = "outdated-processes";

    /// <summary>Name of the collector that looks at all processes.</summary>
    public const string Processes = "processes";

    /// <summary>Name of the collector of <see cref="MachineState.Listening"/>.</summary>
    public const string ListeningSockets = "listening-sockets";

    /// <summary>Name of the collector of <see cref="MachineState.PackagesInUse"/>.</summary>
    public const string PackagesInUse = "packages-in-use";

    /// <summary>Which, <c>listening-sockets</c>.</summary>
    public required string Collector { get; init; }

    /// <summary>Why, one sentence; no user names and no secrets.</summary>
    public required string Reason { get; init; }
}
