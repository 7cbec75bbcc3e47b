using System.Runtime.InteropServices;

namespace Suture.Agent.Platforms.Linux;

/// <summary>The few calls of the C library that .NET does not offer.</summary>
internal static partial class Native
{
    private const int CloseOnExecute = 0x80000; // with O_RDONLY, which is 0; x86-64
    private const int ReadOnlyDirectory = 0x10000 | CloseOnExecute;
    private const int GetLock = 5;
    private const short WriteLock = 1;
    private const short Unlocked = 2;

    /// <summary>Makes a directory's entries durable; a rename is only then safe from a power cut.</summary>
    /// <param name="directory">An existing directory.</param>
    public static void SyncDirectory(string directory)
    {
        var descriptor = Open(directory, ReadOnlyDirectory);
        if (descriptor < 0)
        {
            throw new IOException($"Directory '{directory}' cannot be opened to be synchronised (errno {Marshal.GetLastPInvokeError()}).");
        }
        try
        {
            if (FileSync(descriptor) != 0)
            {
                throw new IOException($"Directory '{directory}' cannot be synchronised (errno {Marshal.GetLastPInvokeError()}).");
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    /// <summary>Replaces this process by a program; returns only when that failed.</summary>
    /// <param name="path">Absolute path of the program.</param>
    /// <param name="arguments">All arguments, the program's name first.</param>
    /// <returns>The error number.</returns>
    public static int Replace(string path, IReadOnlyList<string> arguments)
    {
        var pointers = new nint[arguments.Count + 1];
        for (var i = 0; i < arguments.Count; i++)
        {
            pointers[i] = Marshal.StringToCoTaskMemUTF8(arguments[i]);
        }
        _ = Execute(path, pointers);
        return Marshal.GetLastPInvokeError();
    }

    /// <summary>Whether another process holds a record lock on a file, as apt and dpkg do; the lock is not taken.</summary>
    /// <param name="path">The lock file.</param>
    /// <returns>False when it is free, or the file does not exist.</returns>
    public static bool IsLocked(string path)
    {
        var descriptor = Open(path, CloseOnExecute);
        if (descriptor < 0)
        {
            return false;
        }
        try
        {
            var wanted = new FileLock { Type = WriteLock };
            return Control(descriptor, GetLock, ref wanted) == 0 && wanted.Type != Unlocked;
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    /// <summary>True when this process may act as root.</summary>
    /// <returns>Whether the effective user id is 0.</returns>
    public static bool IsRoot() => EffectiveUser() == 0;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FileSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "execv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Execute(string path, nint[] arguments);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(int descriptor, int command, ref FileLock argument);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();

    /// <summary><c>struct flock</c> of x86-64; length 0 is the whole file.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct FileLock
    {
        public short Type;
        public short Whence;
        public long Start;
        public long Length;
        public int ProcessId;
    }
}
