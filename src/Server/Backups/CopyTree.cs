using Suture.Platform.Storage;

namespace Suture.Server.Backups;

/// <summary>Copies files and folders for their owner only, each on disk before the next.</summary>
internal static class CopyTree
{
    /// <summary>Copies a file, or a folder with all in it; nothing when it is not there. A file that vanishes meanwhile (a draft that was renamed) is left out.</summary>
    internal static void Run(string from, string to)
    {
        if (File.Exists(from))
        {
            CopyFile(from, to);
        }
        if (!Directory.Exists(from))
        {
            return;
        }
        OwnerOnly.EnsureFolder(to);
        foreach (var entry in new DirectoryInfo(from).EnumerateFileSystemInfos())
        {
            Run(entry.FullName, Path.Combine(to, entry.Name));
        }
        OwnerOnly.FlushFolder(to);
    }

    private static void CopyFile(string from, string to)
    {
        FileStream source;
        try
        {
            source = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (FileNotFoundException)
        {
            return;
        }
        using (source)
        using (var target = OwnerOnly.Create(to))
        {
            source.CopyTo(target);
            target.Flush(flushToDisk: true);
        }
    }
}
