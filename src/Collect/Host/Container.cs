using Suture.Collect.Files;

namespace Suture.Collect.Host;

/// <summary>Tells whether the machine is a container, whose kernel and boot id are its host's.</summary>
internal static class Container
{
    /// <summary>The process namespace that the kernel starts with always has this number (PROC_PID_INIT_INO).</summary>
    private const string FirstProcessNamespace = "pid:[4026531836]";

    /// <summary>Looks for the marks that container managers leave (systemd's container interface, Docker, Podman), and whether the process namespace bears them out.</summary>
    /// <param name="root">The machine.</param>
    /// <param name="proc">The process file system.</param>
    /// <returns>False for hardware and for virtual machines with a kernel of their own, whoever built it: an image made from a container's may still carry the marks.</returns>
    public static bool Detect(MachineRoot root, string proc) =>
        Native.ReadLink($"{proc}/self/ns/pid", out _) != FirstProcessNamespace
        && (root.Exists("/run/systemd/container") || root.Exists("/.dockerenv") || root.Exists("/run/.containerenv") || InitSaysSo(proc));

    private static bool InitSaysSo(string proc)
    {
        try
        {
            var environment = MachineRoot.ReadAll(MachineRoot.OpenRaw($"{proc}/1/environ"), "environ");
            return environment.Split('\0').Any(entry => entry.StartsWith("container=", StringComparison.Ordinal) && entry.Length > "container=".Length);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or CollectException)
        {
            return false; // the marks in the file system have answered already
        }
    }
}
