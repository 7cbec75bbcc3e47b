namespace Suture.Agent.Reports;

/// <summary>Tells cheaply whether a machine may have changed: instants of a few files, no reading.</summary>
/// <param name="paths">Files and directories; absent ones count too, by their absence.</param>
internal sealed class ChangeWatcher(IReadOnlyList<string> paths)
{
    /// <summary>How often the instants are looked at.</summary>
    public static readonly TimeSpan Glance = TimeSpan.FromSeconds(60);

    /// <summary>How often the machine is read whole, because processes leave no such instants.</summary>
    public static readonly TimeSpan Look = TimeSpan.FromMinutes(5);

    /// <summary>What a package manager, an administrator or a boot touches.</summary>
    public static readonly IReadOnlyList<string> DefaultPaths =
    [
        "/var/lib/dpkg/status", "/var/lib/apt/lists", "/etc/apt/sources.list", "/etc/apt/sources.list.d", "/etc/os-release", "/run/reboot-required", "/boot",
    ];

    private long[] _seen = [];

    /// <summary>Looks, and remembers what it saw.</summary>
    /// <returns>True when something is different from the last look; true the first time.</returns>
    public bool HasChanged()
    {
        var now = paths.Select(InstantOf).ToArray();
        var changed = !now.AsSpan().SequenceEqual(_seen);
        _seen = now;
        return changed;
    }

    private static long InstantOf(string path) =>
        Directory.Exists(path) || File.Exists(path) ? File.GetLastWriteTimeUtc(path).Ticks : 0;
}
