using Suture.Contracts.Api;
using Suture.Contracts.Inventory;

namespace Suture.Knowledge.Risk;

/// <summary>Which packages of one machine are in use and which listen, as ranking asks it. Made once for a machine, then asked for each finding.</summary>
public sealed class PackageActivity
{
    private readonly HashSet<string>? inUse;
    private readonly HashSet<string>? listening;
    private readonly string? kernelPackage;
    private readonly bool anyoneListens;

    /// <summary>Reads the state of a machine.</summary>
    /// <param name="state">Its state; null for a mere status file, then all is unknown.</param>
    public PackageActivity(MachineState? state)
    {
        kernelPackage = state?.RunningKernel is { IsForeign: false } kernel ? kernel.Package ?? "linux-image-" + kernel.Release : null;
        inUse = state?.PackagesInUse is { } used ? new HashSet<string>(used, StringComparer.Ordinal) : null;
        if (state?.Listening is { } sockets)
        {
            listening = new HashSet<string>(StringComparer.Ordinal);
            foreach (var socket in sockets)
            {
                if (!socket.IsLoopbackOnly)
                {
                    anyoneListens = true;
                    listening.Add(socket.Package ?? "");
                }
            }
        }
    }

    /// <summary>True when a running process uses the package, or it is the running kernel; null when that could not be read.</summary>
    /// <param name="package">Binary package.</param>
    public bool? IsInUse(string package) => package == kernelPackage ? true : inUse?.Contains(package);

    /// <summary>True when a process of the package listens beyond loopback; false when nothing does, or the package is not in use; else null:
    /// a library in use may be mapped by a process that listens, which sockets do not show.</summary>
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
        return !anyoneListens || IsInUse(package) == false ? false : null;
    }

    /// <summary>The context of the asset, with what is known of the finding's package.</summary>
    /// <param name="context">Context of the asset.</param>
    /// <param name="finding">The finding; one that old code holds open is in use.</param>
    public RankContext Apply(RankContext context, Finding finding)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(finding);
        var isHeldOpen = finding.Processes.Count > 0;
        return context with
        {
            IsInUse = isHeldOpen ? true : IsInUse(finding.Package),
            IsListening = IsListening(finding.Package) is var known && isHeldOpen && known == false && anyoneListens ? null : known,
        };
    }
}
