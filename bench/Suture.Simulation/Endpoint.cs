using Suture.Agent.Platforms.Linux;
using Suture.Agent.Reports;
using Suture.Contracts.Inventory;
using Suture.Contracts.Jobs;

namespace Suture.Simulation;

/// <summary>The model of a machine: what outlives its agent, and dpkg's own log of what was done to it.</summary>
internal sealed class Endpoint(World world, string name) : IMachineReader
{
    internal const string Architecture = "amd64";
    internal const string Unit = "nginx.service";

    /// <summary>Package whose code a service runs: its restart ends the old code.</summary>
    internal const string InService = "libssl3";

    /// <summary>Package whose code runs outside of any service: only a reboot ends the old code.</summary>
    internal const string OutsideServices = "libcurl4";

    private readonly Dictionary<string, string> _installed = new(StringComparer.Ordinal) { [InService] = "3.0.16", [OutsideServices] = "7.88.1" };
    private readonly Dictionary<string, string> _loaded = new(StringComparer.Ordinal) { [InService] = "3.0.16", [OutsideServices] = "7.88.1" };
    private readonly Dictionary<string, Task> _detached = new(StringComparer.Ordinal);
    private DateTimeOffset _bootedUtc = world.Time.GetUtcNow();
    private int _boots = 1;

    internal string Name => name;

    internal string BootId => $"{name}-boot-{_boots}";

    /// <summary>Mark of the running service, as systemd's invocation id.</summary>
    internal int Invocation { get; private set; } = 1;

    /// <summary>dpkg's log: each change of a package.</summary>
    internal List<(string Package, string From, string To, Guid Job)> Upgrades { get; } = [];

    /// <summary>systemd's log: each restart of the service by a job.</summary>
    internal List<Guid> Restarts { get; } = [];

    /// <summary>Each reboot by a job.</summary>
    internal List<Guid> Reboots { get; } = [];

    internal string Installed(string package) => _installed[package];

    /// <summary>Version of the code that runs.</summary>
    internal string Loaded(string package) => _loaded[package];

    internal bool IsInEffect(string package) => _loaded[package] == _installed[package];

    /// <summary>Packages as dpkg tells them.</summary>
    internal IReadOnlyDictionary<string, DpkgPackage> Dpkg() =>
        _installed.Select(pair => new DpkgPackage(pair.Key, Architecture, pair.Value, "ii ")).ToDictionary(package => package.Key, StringComparer.Ordinal);

    /// <summary>Work in a unit of its own, which goes on when the agent dies; asked for again under the same name, it is waited for.</summary>
    internal Task UpgradeAsync(string unit, IReadOnlyList<JobPackage> packages, Guid job)
    {
        if (!_detached.TryGetValue(unit, out var running) || running.IsCompleted)
        {
            _detached[unit] = running = UpgradeAsync(packages, job);
        }
        return running;
    }

    internal void Restart(Guid job)
    {
        Invocation++;
        _loaded[InService] = _installed[InService];
        Restarts.Add(job);
    }

    internal void Reboot(Guid job)
    {
        _boots++;
        Invocation++;
        _bootedUtc = world.Time.GetUtcNow();
        foreach (var package in _installed.Keys)
        {
            _loaded[package] = _installed[package];
        }
        Reboots.Add(job);
    }

    /// <inheritdoc/>
    public MachineFacts Read()
    {
        var old = _installed.Keys.Where(package => !IsInEffect(package)).Order(StringComparer.Ordinal).Select(Outdated).ToList();
        return new MachineFacts
        {
            HostName = name,
            BootId = BootId,
            Packages = [.. _installed.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => new InstalledPackage
            {
                Name = pair.Key, Version = pair.Value, Architecture = Architecture, Source = Repository.SourceOf(pair.Key), SourceVersion = pair.Value,
                Origin = OriginKind.Distribution, OriginBasis = OriginBasis.Observed,
            })],
            State = new MachineState
            {
                OperatingSystem = new OperatingSystemRelease { Id = "debian", Codename = Repository.Release, PrettyName = "Debian", Architecture = Architecture },
                OutdatedProcesses = old,
                AvailableUpdates = world.Repository.Updates(_installed),
                PackageIndexes = [],
                PackagesInUse = [OutsideServices, InService],
                BootedUtc = _bootedUtc,
                Failures = [],
            },
            Vitals = new MachineVitals(),
            TakenUtc = world.Time.GetUtcNow(),
        };
    }

    /// <inheritdoc/>
    public PackageOrigins ReadOrigins() => new("debian", new HashSet<string>());

    /// <inheritdoc/>
    public void RememberFilesOf(IReadOnlyList<string> packages)
    {
    }

    private async Task UpgradeAsync(IReadOnlyList<JobPackage> packages, Guid job)
    {
        await world.Thread.Delay(world.Dice.Milliseconds(100, 20_000));
        foreach (var package in packages)
        {
            var before = _installed[package.Name];
            if (before != package.Version)
            {
                _installed[package.Name] = package.Version;
                Upgrades.Add((package.Name, before, package.Version, job));
                world.Tell($"{name}: upgrade {package.Name} {before} {package.Version}");
            }
            await world.Thread.Delay(world.Dice.Milliseconds(10, 2_000));
        }
    }

    private OutdatedProcess Outdated(string package) => new()
    {
        Package = package, ProcessId = package == InService ? 812 : 1, Command = package == InService ? "nginx" : "session", Unit = package == InService ? Unit : null,
        StartedUtc = _bootedUtc, Basis = OutdatedBasis.MapsReplacedFile, File = $"/usr/lib/{package}.so",
    };
}
