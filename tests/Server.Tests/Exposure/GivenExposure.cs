using Suture.Contracts.Api;
using Suture.Contracts.Inventory;
using Suture.Exposure.Findings;
using Suture.Inventory;
using OperatingSystemRelease = Suture.Contracts.Inventory.OperatingSystemRelease;

namespace Suture.Server.Tests.Exposure;

/// <summary>Values that fill what a test does not care about.</summary>
internal static class GivenExposure
{
    internal const string Cve = "CVE-2026-0001";
    internal const string OtherCve = "CVE-2026-0002";

    internal static DateTimeOffset Start { get; } = new(2026, 8, 10, 12, 0, 0, TimeSpan.Zero);

    private static int _ids;

    internal static Guid Id() => new(Interlocked.Increment(ref _ids), 0, 7, [0, 0, 0, 0, 0, 0, 0, 1]);

    internal static InstalledPackage Package(
        string name, string version, string source = "openssl", OriginKind origin = OriginKind.Distribution, string architecture = "amd64") => new()
    {
        Name = name,
        Version = version,
        Architecture = architecture,
        Source = source,
        SourceVersion = version,
        Origin = origin,
        OriginBasis = OriginBasis.Observed,
    };

    internal static OutdatedProcess Process(string package, string unit = "nginx.service") => new()
    {
        Package = package,
        ProcessId = 812,
        Command = "nginx",
        Unit = unit,
        StartedUtc = Start,
        Basis = OutdatedBasis.MapsReplacedFile,
        File = "/usr/lib/x86_64-linux-gnu/libssl.so.3",
    };

    internal static AvailableUpdate Update(string package, string version, string source = "openssl") => new()
    {
        Package = package,
        Architecture = "amd64",
        Version = version,
        Source = source,
        SourceVersion = version,
        Suite = "bookworm-security",
        Label = "Debian-Security",
        IsSecurity = false,
        Sha256 = new string('a', 64),
        SizeBytes = 1,
    };

    internal static MachineState State(
        IReadOnlyList<OutdatedProcess>? outdated = null, bool isEffectUnknown = false, RunningKernel? kernel = null, IReadOnlyList<AvailableUpdate>? updates = null,
        IReadOnlyList<ListeningSocket>? listening = null, IReadOnlyList<string>? inUse = null, string? release = "bookworm") => new()
    {
        OperatingSystem = release is null ? null : new OperatingSystemRelease { Id = "debian", Codename = release, PrettyName = "Debian", Architecture = "amd64" },
        OutdatedProcesses = isEffectUnknown ? null : outdated ?? [],
        RunningKernel = kernel,
        AvailableUpdates = updates,
        PackageIndexes = updates is null ? null : [],
        Listening = listening,
        PackagesInUse = inUse,
        Failures = [],
    };

    internal static AssetFacts Facts(
        IReadOnlyList<InstalledPackage>? packages, MachineState? state = null, DateTimeOffset? received = null, string? release = "bookworm", Guid? report = null) => new()
    {
        ReportId = report ?? Id(),
        BootId = "boot",
        TakenUtc = received ?? Start,
        ReceivedUtc = received ?? Start,
        Release = release,
        Packages = packages,
        State = state ?? State(),
    };

    internal static AssetRecord Asset(string name = "web1", string environment = "production", Guid? id = null, int ordinal = 1, Guid? group = null, params (string Key, string Value)[] context) => new()
    {
        Id = id ?? Id(),
        Ordinal = ordinal,
        Name = name,
        GroupId = group ?? Guid.Empty,
        Group = "default",
        Environment = environment,
        ObservedOnly = false,
        State = AssetState.Active,
        EnrolledUtc = Start,
        ReportId = Id(),
        Context = context.ToDictionary(value => value.Key, value => new ContextValue { Key = value.Key, Value = value.Value, Source = "stated", AtUtc = Start }),
    };

    internal static AssetExposure Judged(AssetRecord asset, AssetFacts facts, HandMadeFeeds feeds, DateTimeOffset? now = null) =>
        ExposureUpdate.Decide(asset, facts, [], feeds, now ?? Start).Exposure;
}
