using System.Globalization;
using Suture.Collect.Files;

namespace Suture.Collect.Host;

/// <summary>When and as what this machine was started.</summary>
/// <param name="BootId">Identity of the boot; in a container with the start of its init, because the kernel's belongs to the host.</param>
/// <param name="KernelBootUtc">Start of the kernel, whole seconds; process start times count from it.</param>
/// <param name="BootedUtc">Start of the machine's own init, whole seconds.</param>
/// <param name="UptimeSeconds">Seconds since <paramref name="BootedUtc"/>.</param>
internal sealed record BootFacts(string BootId, DateTimeOffset KernelBootUtc, DateTimeOffset BootedUtc, long UptimeSeconds)
{
    /// <summary>Ticks a second of process times; the same on every architecture that Debian has for servers (USER_HZ).</summary>
    public const int TicksPerSecond = 100;

    /// <summary>Reads them.</summary>
    /// <param name="proc">The process file system.</param>
    /// <param name="isContainer">The kernel is the host's.</param>
    public static BootFacts Read(string proc, bool isContainer)
    {
        var bootId = MachineRoot.ReadAll(MachineRoot.OpenRaw($"{proc}/sys/kernel/random/boot_id"), "boot_id").Trim();
        var kernelBoot = ReadKernelBoot(proc);
        var initStart = ReadInitStartTicks(proc);
        var uptime = MachineRoot.ReadAll(MachineRoot.OpenRaw($"{proc}/uptime"), "uptime").Split(' ')[0];
        var initSeconds = initStart / TicksPerSecond;
        return new BootFacts(
            isContainer ? string.Create(CultureInfo.InvariantCulture, $"{bootId}-{initStart}") : bootId,
            kernelBoot,
            kernelBoot.AddSeconds(initSeconds),
            Math.Max(0, (long)double.Parse(uptime, CultureInfo.InvariantCulture) - initSeconds));
    }

    private static DateTimeOffset ReadKernelBoot(string proc)
    {
        using var lines = new LineReader(MachineRoot.OpenRaw($"{proc}/stat"), "/proc/stat", CollectLimits.SmallFileBytes);
        while (lines.TryRead(out var line))
        {
            if (line.StartsWith("btime "u8) && long.TryParse(line["btime "u8.Length..].Trim((byte)' '), CultureInfo.InvariantCulture, out var seconds))
            {
                return DateTimeOffset.FromUnixTimeSeconds(seconds);
            }
        }
        throw new CollectException("/proc/stat has no btime line; the start of the machine is unknown.");
    }

    private static long ReadInitStartTicks(string proc)
    {
        var text = MachineRoot.ReadAll(MachineRoot.OpenRaw($"{proc}/1/stat"), "/proc/1/stat");
        var fields = text[(text.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > 19 && long.TryParse(fields[19], CultureInfo.InvariantCulture, out var ticks)
            ? ticks
            : throw new CollectException("/proc/1/stat has no start time.");
    }
}
