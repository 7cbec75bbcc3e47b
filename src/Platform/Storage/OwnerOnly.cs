// EnsureFolder refuses to run on Windows; the rest is called behind it.
#pragma warning disable CA1416

using System.Runtime.InteropServices;

namespace Suture.Platform.Storage;

/// <summary>Files and folders of the server that only its own user may use: keys, and the store with its password hashes. Made so, or refused; never repaired in
/// silence, for somebody may have read what lay open.</summary>
public static class OwnerOnly
{
    private const UnixFileMode FolderMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode FileMode600 = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Makes a folder with mode 0700 when it is absent, parents included.</summary>
    /// <param name="path">Full path.</param>
    /// <exception cref="InvalidOperationException">It is there and others than its owner may enter or read it; names mode and remedy.</exception>
    public static void EnsureFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException("The server keeps its secrets in files with Unix modes; run it on Linux.");
        }
        MakeMissing(Path.GetFullPath(path));
        RefuseShared(path, FolderMode, "700");
    }

    /// <summary>Makes an empty file with mode 0600 when it is absent.</summary>
    /// <param name="path">Full path.</param>
    /// <exception cref="InvalidOperationException">It is there and others than its owner may use it; names mode and remedy.</exception>
    public static void EnsureFile(string path)
    {
        try
        {
            Create(path).Dispose();
        }
        catch (IOException) when (File.Exists(path))
        {
            RefuseSharedFile(path);
        }
    }

    /// <summary>Makes a file with mode 0600 that is not there yet.</summary>
    /// <param name="path">Full path.</param>
    /// <exception cref="IOException">It is there.</exception>
    public static FileStream Create(string path) =>
        new(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = FileMode600 });

    /// <summary>Refuses a file that others than its owner may use.</summary>
    /// <param name="path">A file that exists.</param>
    /// <exception cref="InvalidOperationException">They may; names mode and remedy.</exception>
    public static void RefuseSharedFile(string path) => RefuseShared(path, FileMode600, "600");

    /// <summary>Makes the names in a folder last: a new or renamed file is on disk only when its folder is.</summary>
    /// <param name="path">A folder that exists.</param>
    /// <exception cref="IOException">The disk refused.</exception>
    public static void FlushFolder(string path)
    {
        // .NET opens no folders.
        var handle = Native.Open(path, 0);
        if (handle < 0 || Native.Fsync(handle) != 0)
        {
            throw new IOException($"The folder {path} could not be flushed to disk (errno {Marshal.GetLastPInvokeError()}).");
        }
        _ = Native.Close(handle);
    }

    // CreateDirectory gives its mode to the last folder alone; a parent that it makes is open to everybody.
    private static void MakeMissing(string path)
    {
        if (Directory.Exists(path))
        {
            return;
        }
        if (Path.GetDirectoryName(path) is { } parent)
        {
            MakeMissing(parent);
        }
        Directory.CreateDirectory(path, FolderMode);
    }

    private static void RefuseShared(string path, UnixFileMode wanted, string octal)
    {
        var mode = File.GetUnixFileMode(path);
        if ((mode & ~wanted) != 0)
        {
            throw new InvalidOperationException(
                $"{path} holds secrets and has mode {Convert.ToString((int)mode, 8)}: others than its owner may use it. Make sure that nobody did, then run: chmod {octal} '{path}'");
        }
    }

    private static class Native
    {
        [DllImport("libc", EntryPoint = "open", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
        internal static extern int Open(string path, int flags);

        [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
        internal static extern int Fsync(int handle);

        [DllImport("libc", EntryPoint = "close", SetLastError = true)]
        internal static extern int Close(int handle);
    }
}
