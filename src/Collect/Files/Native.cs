using System.Runtime.InteropServices;
using System.Text;

namespace Suture.Collect.Files;

/// <summary>Identity and times of a file as the kernel has them.</summary>
/// <param name="Device">Major and minor of the device, major in the upper half.</param>
/// <param name="Inode">Inode.</param>
/// <param name="Mode">Type and permission bits.</param>
/// <param name="SizeBytes">Size.</param>
/// <param name="ModifiedUtc">Last change of the content.</param>
/// <param name="ChangedUtc">Last change of content or inode; cannot be set by a program.</param>
internal readonly record struct FileFacts(
    ulong Device, ulong Inode, ushort Mode, long SizeBytes, DateTimeOffset ModifiedUtc, DateTimeOffset ChangedUtc)
{
    private const ushort TypeMask = 0xF000;

    /// <summary>A regular file.</summary>
    public bool IsRegular => (Mode & TypeMask) == 0x8000;

    /// <summary>A folder.</summary>
    public bool IsDirectory => (Mode & TypeMask) == 0x4000;

    /// <summary>A symbolic link.</summary>
    public bool IsLink => (Mode & TypeMask) == 0xA000;

    /// <summary>Device number as <c>maps</c> writes it.</summary>
    public static ulong DeviceOf(uint major, uint minor) => ((ulong)major << 32) | minor;
}

/// <summary>The few system calls that the base library does not offer.</summary>
internal static partial class Native
{
    /// <summary>No such file.</summary>
    public const int NoEntry = 2;

    /// <summary>No such process.</summary>
    public const int NoProcess = 3;

    private const int CurrentDirectory = -100;
    private const int DoNotFollow = 0x100;
    private const int LinkBytesMax = 8192;
    private const uint BasicStats = 0x7ff;

    /// <summary>Looks at a file.</summary>
    /// <param name="path">Absolute path.</param>
    /// <param name="follow">False looks at a link itself.</param>
    /// <returns>Null when it cannot be looked at.</returns>
    public static FileFacts? Stat(string path, bool follow = true)
    {
        if (statx(CurrentDirectory, path, follow ? 0 : DoNotFollow, BasicStats, out var raw) != 0)
        {
            return null;
        }
        return new FileFacts(FileFacts.DeviceOf(raw.DeviceMajor, raw.DeviceMinor), raw.Inode, raw.Mode, checked((long)raw.Size),
            Instant(raw.ModifiedSeconds, raw.ModifiedNanoseconds), Instant(raw.ChangedSeconds, raw.ChangedNanoseconds));
    }

    /// <summary>Reads a link without following it.</summary>
    /// <param name="path">Absolute path.</param>
    /// <param name="error">0, or the error number of the system.</param>
    /// <returns>The target; null when it cannot be read.</returns>
    public static unsafe string? ReadLink(string path, out int error)
    {
        var buffer = stackalloc byte[LinkBytesMax];
        var length = readlink(path, buffer, LinkBytesMax);
        error = length < 0 ? Marshal.GetLastPInvokeError() : 0;
        return length < 0 ? null : Encoding.UTF8.GetString(buffer, checked((int)length));
    }

    private static DateTimeOffset Instant(long seconds, uint nanoseconds) =>
        DateTimeOffset.UnixEpoch.AddTicks((Math.Clamp(seconds, 0, 253_000_000_000L) * TimeSpan.TicksPerSecond) + (nanoseconds / 100));

    [LibraryImport("libc.so.6", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int folder, string path, int flags, uint mask, out RawStat result);

    [LibraryImport("libc.so.6", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial nint readlink(string path, byte* buffer, nint size);

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
