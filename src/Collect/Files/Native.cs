using System.Runtime.InteropServices;
using System.Text;

namespace Suture.Collect.Files;

/// <summary>The few system calls that the base library does not offer.</summary>
internal static partial class Native
{
    /// <summary>No such file.</summary>
    public const int NoEntry = 2;

    /// <summary>No such process.</summary>
    public const int NoProcess = 3;

    private const int LinkBytesMax = 8192;

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

    [LibraryImport("libc.so.6", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial nint readlink(string path, byte* buffer, nint size);
}
