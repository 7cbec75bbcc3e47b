using Suture.Collect.Files;
using Suture.Contracts.Inventory;

namespace Suture.Collect.Host;

/// <summary>Free space where packages write.</summary>
internal static class Vitals
{
    private static readonly string[] Folders = ["/", "/boot", "/usr", "/var"];

    /// <summary>Space of the file systems that hold <c>/</c>, <c>/boot</c>, <c>/usr</c> and <c>/var</c>, each file system once.</summary>
    /// <param name="root">The machine.</param>
    public static IReadOnlyList<DiskSpace> ReadDisks(MachineRoot root)
    {
        var disks = new List<DiskSpace>();
        var seen = new HashSet<ulong>();
        foreach (var folder in Folders)
        {
            if (root.Stat(folder) is { IsDirectory: true } facts && seen.Add(facts.Device))
            {
                var drive = new DriveInfo(root.Locate(folder));
                disks.Add(new DiskSpace { MountPoint = folder, FreeBytes = drive.AvailableFreeSpace, TotalBytes = drive.TotalSize });
            }
        }
        return disks;
    }
}
