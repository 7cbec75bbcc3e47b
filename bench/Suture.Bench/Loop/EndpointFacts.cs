using System.Globalization;
using Suture.Collect;
using Suture.Contracts.Inventory;

namespace Suture.Bench.Loop;

/// <summary>What a report tells that the server keeps, with its digests.</summary>
internal sealed record ReportContent
{
    /// <summary>All packages, in the order of <see cref="ReportDigest.Order"/>.</summary>
    public required IReadOnlyList<InstalledPackage> Packages { get; init; }

    /// <summary>State.</summary>
    public required MachineState State { get; init; }

    /// <summary>Digest of the packages.</summary>
    public required string SoftwareDigest { get; init; }

    /// <summary>Digest of the state.</summary>
    public required string StateDigest { get; init; }

    /// <summary>Computes the digests.</summary>
    public static ReportContent Of(IReadOnlyList<InstalledPackage> packages, MachineState state) => new()
    {
        Packages = packages, State = state, SoftwareDigest = ReportDigest.OfSoftware(packages), StateDigest = ReportDigest.OfState(state),
    };
}

/// <summary>One endpoint of the benchmark: this machine's facts, in two states that alternate, with a few packages of its own.</summary>
internal sealed record EndpointFacts
{
    // Packages that one endpoint alone has at their version, so that no two endpoints share their software.
    private const int OwnPackages = 3;

    private const string OldCodeCollector = "outdated-processes";

    /// <summary>The endpoint's name.</summary>
    public required string Name { get; init; }

    /// <summary>Its boot.</summary>
    public required string BootId { get; init; }

    /// <summary>The update that comes and goes.</summary>
    public required JudgedUpgrade Change { get; init; }

    /// <summary>The facts with the update pending.</summary>
    public required ReportContent Old { get; init; }

    /// <summary>The facts with the update made.</summary>
    public required ReportContent New { get; init; }

    /// <summary>Figures of the moment, those of this machine.</summary>
    public required MachineVitals Vitals { get; init; }

    /// <summary>The machine with its old code known. Where a process may not be looked at, old code is unknown, and no report closes a finding; the
    /// benchmark's endpoints are then taken to run none, for findings must come and go. Pure.</summary>
    /// <param name="machine">What was read of this machine.</param>
    public static CollectedMachine Settle(CollectedMachine machine) => machine.State.OutdatedProcesses is not null
        ? machine
        : machine with
        {
            State = machine.State with
            {
                OutdatedProcesses = [],
                Failures = [.. machine.State.Failures.Where(failure => failure.Collector != OldCodeCollector)],
            },
        };

    /// <summary>Makes one endpoint's facts. Pure.</summary>
    /// <param name="machine">What was read of this machine, settled; its packages are known.</param>
    /// <param name="number">Number of the endpoint, from 1.</param>
    /// <param name="change">The update that comes and goes.</param>
    /// <param name="pending">Every pending update; their packages stay as they are.</param>
    public static EndpointFacts Of(CollectedMachine machine, int number, JudgedUpgrade change, IReadOnlyList<Upgrade> pending)
    {
        var packages = Rebuild(machine.Packages!, number, pending);
        return new EndpointFacts
        {
            Name = string.Create(CultureInfo.InvariantCulture, $"{machine.HostName}-bench-{number:000}"),
            BootId = string.Create(CultureInfo.InvariantCulture, $"{machine.BootId}-{number}"),
            Change = change,
            Old = ReportContent.Of(packages, machine.State),
            New = ReportContent.Of(change.Upgrade.ApplyTo(packages), change.Upgrade.ApplyTo(machine.State)),
            Vitals = machine.Vitals,
        };
    }

    /// <summary>Some packages as if Debian had rebuilt them: the binary's version changes (<c>+b7</c>), the source's, by which advisories go, does not.</summary>
    private static IReadOnlyList<InstalledPackage> Rebuild(IReadOnlyList<InstalledPackage> packages, int number, IReadOnlyList<Upgrade> pending)
    {
        var sources = pending.Select(upgrade => upgrade.Source).ToHashSet(StringComparer.Ordinal);
        var rebuilt = packages.ToArray();
        var plain = Enumerable.Range(0, rebuilt.Length)
            .Where(index => rebuilt[index].Version == rebuilt[index].SourceVersion && !sources.Contains(rebuilt[index].Source))
            .ToList();
        for (var own = 0; own < Math.Min(OwnPackages, plain.Count); own++)
        {
            var index = plain[((number * OwnPackages) + own) % plain.Count];
            rebuilt[index] = rebuilt[index] with { Version = string.Create(CultureInfo.InvariantCulture, $"{rebuilt[index].SourceVersion}+b{number}") };
        }
        return rebuilt;
    }
}
