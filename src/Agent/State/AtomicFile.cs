using Suture.Agent.Platforms.Linux;

namespace Suture.Agent.State;

/// <summary>Writes a file so that a reader, or a start after a power cut, sees the old bytes or the new ones, never a mixture.</summary>
internal static class AtomicFile
{
    /// <summary>Only the owner may read and write.</summary>
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Writes, makes durable, renames, makes the rename durable.</summary>
    /// <param name="path">Target; its directory exists.</param>
    /// <param name="content">All bytes.</param>
    /// <param name="mode">Permissions, in force from the first byte on.</param>
    public static void Write(string path, ReadOnlySpan<byte> content, UnixFileMode mode = OwnerOnly)
    {
        var temporary = path + ".new";
        File.Delete(temporary);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = mode, BufferSize = 0 };
        using (var stream = new FileStream(temporary, options))
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }
        File.Move(temporary, path, overwrite: true);
        Native.SyncDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }
}
