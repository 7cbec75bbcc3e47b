using Suture.Collect.Files;
using Suture.Contracts.Inventory;
using Suture.Knowledge.Versions;

namespace Suture.Collect.Host;

/// <summary>The kernel that runs and those that could be booted.</summary>
internal static class Kernels
{
    /// <summary>Reads the running kernel from <c>sys/kernel</c>.</summary>
    /// <param name="proc">The process file system.</param>
    /// <param name="isContainer">The kernel is the host's.</param>
    /// <param name="packages">Installed packages; null when unknown.</param>
    public static RunningKernel ReadRunning(string proc, bool isContainer, IReadOnlyList<InstalledPackage>? packages)
    {
        var release = MachineRoot.ReadAll(MachineRoot.OpenRaw($"{proc}/sys/kernel/osrelease"), "osrelease").Trim();
        var version = MachineRoot.ReadAll(MachineRoot.OpenRaw($"{proc}/sys/kernel/version"), "version").Trim();
        return new RunningKernel
        {
            Release = release,
            SourceVersion = SourceVersionOf(version),
            Package = isContainer ? null : packages?.FirstOrDefault(p => KernelPackages.Boots(p.Name, release))?.Name,
            IsForeign = isContainer,
        };
    }

    /// <summary>Kernel image packages.</summary>
    /// <param name="packages">Installed packages.</param>
    /// <param name="running">The running kernel; null when unknown or nothing runs.</param>
    /// <returns>Ordered by release.</returns>
    public static IReadOnlyList<InstalledKernel> Installed(IReadOnlyList<InstalledPackage> packages, RunningKernel? running) =>
        [.. packages.Where(p => KernelPackages.IsImage(p.Name)).Select(p => new InstalledKernel
        {
            Package = p.Name,
            Release = KernelPackages.ReleaseOf(p.Name)!,
            SourceVersion = p.SourceVersion,
            IsRunning = running?.Package == p.Name,
        }).OrderBy(k => k.Release, StringComparer.Ordinal).ThenBy(k => k.Package, StringComparer.Ordinal)];

    /// <summary>Version in the kernel's build line: <c>#1 SMP PREEMPT_DYNAMIC Debian 6.1.140-1 (2025-05-22)</c> is <c>6.1.140-1</c>.</summary>
    /// <param name="version">The line (<c>uname -v</c>).</param>
    /// <returns>Null when the distribution did not build it.</returns>
    internal static string? SourceVersionOf(string version)
    {
        var words = version.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var at = Array.IndexOf(words, "Debian");
        return at >= 0 && at + 1 < words.Length && char.IsAsciiDigit(words[at + 1][0]) ? words[at + 1] : null;
    }
}
