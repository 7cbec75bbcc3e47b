using Suture.Contracts.Api;
using Suture.Contracts.Inventory;
using Suture.Knowledge.Versions;

namespace Suture.Knowledge.Risk;

/// <summary>Which packages of one machine are in use and which the network reaches, as ranking asks it. Made once for a machine, then asked for each finding.</summary>
/// <remarks>What was seen is true. What was not seen is false only while every process could be looked at, and every listener's maps; else it is unknown.</remarks>
public sealed class PackageActivity
{
    private const string AnyArchitecture = "all";

    private readonly HashSet<string>? inUse;
    private readonly HashSet<string>? listening;
    private readonly string? kernelRelease;
    private readonly bool isAllInUseSeen;
    private readonly bool isAllListeningSeen;
    private readonly bool isMappedKnown = true;
    private readonly bool anyoneListens;

    /// <summary>Reads the state of a machine.</summary>
    /// <param name="state">Its state; null for a mere status file, then all is unknown.</param>
    public PackageActivity(MachineState? state)
    {
        kernelRelease = state?.RunningKernel is { IsForeign: false } kernel ? kernel.Release : null;
        inUse = state?.PackagesInUse is { } used ? new HashSet<string>(used, StringComparer.Ordinal) : null;
        isAllInUseSeen = IsWhole(state, CollectorFailure.PackagesInUse);
        isAllListeningSeen = IsWhole(state, CollectorFailure.ListeningSockets);
        if (state?.Listening is not { } sockets)
        {
            return;
        }
        listening = new HashSet<string>(StringComparer.Ordinal);
        foreach (var socket in sockets)
        {
            if (!socket.IsLoopbackOnly)
            {
                anyoneListens = true;
                isMappedKnown &= socket.MappedPackages is not null;
                listening.UnionWith(socket.MappedPackages ?? []);
                listening.Add(socket.Package ?? "");
            }
        }
    }

    /// <summary>True when a running process maps or executes a file of the package, or it is the running kernel; false when none does; null when that could not be seen.</summary>
    /// <param name="package">Binary package.</param>
    public bool? IsInUse(string package) =>
        IsRunningKernel(package) || inUse?.Contains(package) == true ? true
        : inUse is not null && isAllInUseSeen ? false : null;

    /// <summary>True when a process that listens beyond loopback belongs to the package or maps a file of it; false when none does; null when that could not be
    /// seen. Of the running kernel it is null while anybody listens: no process maps it, and all that comes in passes it.</summary>
    /// <param name="package">Binary package.</param>
    public bool? IsListening(string package)
    {
        if (listening is null)
        {
            return null;
        }
        if (listening.Contains(package))
        {
            return true;
        }
        if (!isAllListeningSeen)
        {
            return null;
        }
        if (!anyoneListens || IsInUse(package) == false)
        {
            return false;
        }
        return isMappedKnown && !IsRunningKernel(package) ? false : null;
    }

    /// <summary>The context of the asset, with what is known of the finding's package.</summary>
    /// <param name="context">Context of the asset.</param>
    /// <param name="finding">The finding; one that old code holds open is in use. A package for all architectures holds no compiled code, and what an
    /// interpreter has read of it cannot be seen: that nothing maps it says nothing.</param>
    public RankContext Apply(RankContext context, Finding finding)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(finding);
        var isHeldOpen = finding.Processes.Count > 0;
        var isUnseen = isHeldOpen || finding.Architecture == AnyArchitecture;
        var used = isHeldOpen ? true : IsInUse(finding.Package);
        var listens = IsListening(finding.Package);
        return context with
        {
            IsInUse = isUnseen && used == false ? null : used,
            IsListening = isUnseen && listens == false && anyoneListens ? null : listens,
        };
    }

    private static bool IsWhole(MachineState? state, string collector) => state?.Failures.Any(failure => failure.Collector == collector) != true;

    private bool IsRunningKernel(string package) => kernelRelease is not null && KernelPackages.Boots(package, kernelRelease);
}
