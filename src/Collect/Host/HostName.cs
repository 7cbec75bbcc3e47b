using Suture.Collect.Files;

namespace Suture.Collect.Host;

/// <summary>The machine's own name.</summary>
internal static class HostName
{
    /// <summary>From the kernel when it runs, else from <c>/etc/hostname</c>.</summary>
    /// <param name="root">The machine.</param>
    /// <param name="proc">The process file system; null when nothing runs.</param>
    public static string Read(MachineRoot root, string? proc)
    {
        var name = proc is not null
            ? MachineRoot.ReadAll(MachineRoot.OpenRaw($"{proc}/sys/kernel/hostname"), "hostname").Trim()
            : root.ReadText("/etc/hostname")?.Split('\n').Select(line => line.Trim()).FirstOrDefault(line => line.Length > 0 && line[0] != '#');
        return string.IsNullOrEmpty(name) ? throw new CollectException("/etc/hostname is not there or empty; the machine has no name.") : name;
    }
}
