using Suture.Bench.Loop;
using Suture.Collect;
using Suture.Contracts.Inventory;

namespace Suture.Bench.Hostile;

/// <summary>What the endpoints of <c>bench hostile</c> report: this machine's own facts, and less of them.</summary>
internal sealed record HostileFacts
{
    /// <summary>The operating system in words.</summary>
    public string? System { get; private init; }

    /// <summary>This machine, with the security updates that its own indexes offer not made; so it has findings.</summary>
    public required ReportContent Behind { get; init; }

    /// <summary>This machine as if nothing were offered: so it has none.</summary>
    public required ReportContent UpToDate { get; init; }

    /// <summary>No packages and hardly a state.</summary>
    public required ReportContent Small { get; init; }

    /// <summary>Reads this machine, and makes feeds with an advisory for each update.</summary>
    /// <param name="feeds">Folder for the feeds.</param>
    /// <param name="time">Clock.</param>
    /// <exception cref="BenchException">The machine cannot be read, or offers no update.</exception>
    public static HostileFacts Read(string feeds, TimeProvider time)
    {
        var machine = EndpointFacts.Settle(MachineCollector.Collect(new CollectOptions { Time = time }));
        if (machine.Packages is null || machine.State.OperatingSystem?.Codename is not { } release)
        {
            throw new BenchException($"This machine's packages or release could not be read: {string.Join(" ", machine.State.Failures.Select(failure => failure.Reason))}");
        }
        var pending = FindUpgrades.Pending(machine);
        if (pending.Count == 0)
        {
            throw new BenchException("This machine's own package indexes offer no security update, so nobody can lie about one. Run apt-get update, or take a machine that is behind.");
        }
        // One is enough to lie about.
        BenchFeeds.Make(feeds, release, [pending[0]], DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime));
        var sources = pending.Select(upgrade => upgrade.Source).ToHashSet(StringComparer.Ordinal);
        return new HostileFacts
        {
            System = machine.State.OperatingSystem.PrettyName,
            Behind = ReportContent.Of(machine.Packages, machine.State),
            UpToDate = ReportContent.Of([.. machine.Packages.Where(package => !sources.Contains(package.Source))], machine.State with { AvailableUpdates = [] }),
            Small = ReportContent.Of([], new MachineState { OperatingSystem = machine.State.OperatingSystem, Failures = [new CollectorFailure { Collector = "packages", Reason = "Not read." }] }),
        };
    }
}
