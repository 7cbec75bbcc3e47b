using System.Runtime.InteropServices;

namespace Suture.Knowledge.Files;

/// <summary>Identity and times of a file as the kernel has them.</summary>
/// <param name="Device">Major and minor of the device, major in the upper half.</param>
/// <param name="Inode">Inode.</param>
/// <param name="Mode">Type and permission bits.</param>
/// <param name="SizeBytes">Size.</param>
/// <param name="ModifiedUtc">Last change of the content.</param>
/// <param name="ChangedUtc">Last change of content or inode; cannot be set by a program.</param>
public readonly partial record struct FileFacts(
    ulong Device, ulong Inode, ushort Mode, long SizeBytes, DateTimeOffset ModifiedUtc, DateTimeOffset ChangedUtc)
{
    private const ushort TypeMask = 0xF000;
    private const int CurrentDirectory = -100;
    private const int DoNotFollow = 0x100;
    private const uint BasicStats = 0x7ff;

    /// <summary>A regular file.</summary>
    public bool IsRegular => (Mode & TypeMask) == 0x8000;

    /// <summary>A folder.</summary>
    public bool IsDirectory => (Mode & TypeMask) == 0x4000;

    /// <summary>A symbolic link.</summary>
    public bool IsLink => (Mode & TypeMask) == 0xA000;

    /// <summary>Device number as <c>maps</c> writes it.</summary>
    /// <param name="major">Major number.</param>
    /// <param name="minor">Minor number.</param>
    public static ulong DeviceOf(uint major, uint minor) => ((ulong)major << 32) | minor;

    /// <summary>Looks at a file; nothing is opened, so a pipe does not block.</summary>
    /// <param name="path">Absolute path.</param>
    /// <param name="follow">False looks at a link itself.</param>
    /// <returns>Null when it cannot be looked at.</returns>
    public static FileFacts? Of(string path, bool follow = true)
    {
        if (statx(CurrentDirectory, path, follow ? 0 : DoNotFollow, BasicStats, out var raw) != 0)
        {
            return null;
        }
        return new FileFacts(DeviceOf(raw.DeviceMajor, raw.DeviceMinor), raw.Inode, raw.Mode, checked((long)raw.Size),
            Instant(raw.ModifiedSeconds, raw.ModifiedNanoseconds), Instant(raw.ChangedSeconds, raw.ChangedNanoseconds));
    }

    private static DateTimeOffset Instant(long seconds, uint nanoseconds) =>
        DateTimeOffset.UnixEpoch.AddTicks((Math.Clamp(seconds, 0, 253_000_000_000L) * TimeSpan.TicksPerSecond) + (nanoseconds / 100));

    [LibraryImport("libc.so.6", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int folder, string path, int flags, uint mask, out RawStat result);

    /// <summary><c>struct statx</c>, the same on every architecture (statx(2)).</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct RawStat
    {
        [FieldOffset(28)] public ushort Mode;
        [FieldOffset(32)] public ulong Inode;
        [FieldOffset(40)] public ulong Size;
        [FieldOffset(96)] public long ChangedSeconds;
        [FieldOffset(104)] public uint ChangedNanoseconds;
        [FieldOffset(112)] public long ModifiedSeconds;
        [FieldOffset(120)] public uint ModifiedNanoseconds;
        [FieldOffset(136)] public uint DeviceMajor;
        [FieldOffset(140)] public uint DeviceMinor;
    }
}
