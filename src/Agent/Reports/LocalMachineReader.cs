using Suture.Agent.State;
using Suture.Collect;
using Suture.Contracts.Inventory;

namespace Suture.Agent.Reports;

/// <summary>Reads the machine this agent runs on.</summary>
/// <param name="state">Where the collectors remember origins and paths.</param>
/// <param name="time">Clock.</param>
internal sealed class LocalMachineReader(StateDirectory? state, TimeProvider time) : IMachineReader
{
    private readonly CollectOptions _options = new() { StateDirectory = state?.CollectDirectory, Time = time };

    /// <inheritdoc/>
    public MachineFacts Read()
    {
        var now = time.GetUtcNow();
        var machine = MachineCollector.Collect(_options);
        return new MachineFacts
        {
            HostName = machine.HostName,
            BootId = machine.BootId,
            Packages = machine.Packages,
            State = machine.State,
            Vitals = machine.Vitals,
            TakenUtc = now,
        };
    }

    /// <inheritdoc/>
    public PackageOrigins ReadOrigins() => new(
        MachineCollector.ReadDistribution(_options),
        (state?.ReadSoftware() ?? []).Where(package => package.Origin == OriginKind.ThirdParty)
            .Select(package => $"{package.Name}:{package.Architecture}={package.Version}").ToHashSet(StringComparer.Ordinal));

    /// <inheritdoc/>
    public void RememberFilesOf(IReadOnlyList<string> packages) =>
        MappedPathJournal.Remember(_options, [.. packages.Select(package => package.Split(':')[0]).Distinct()]);
}
