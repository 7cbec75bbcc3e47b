namespace Suture.Advisories;

/// <summary>A folder for feeds that are on their way in; it goes when they are in.</summary>
internal sealed class IncomingFolder : IDisposable
{
    private const string Name = "incoming";

    private IncomingFolder(string path) => Path = path;

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>Makes one beside the feeds that are kept, so that large ones do not fill a small temporary file system.</summary>
    /// <param name="keep">Folder of the keep.</param>
    /// <param name="now">The instant.</param>
    public static IncomingFolder Create(string keep, DateTimeOffset now)
    {
        var path = System.IO.Path.Combine(keep, Name, Guid.CreateVersion7(now).ToString("N"));
        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return new IncomingFolder(path);
    }

    /// <summary>Removes what a server left that ended in the middle.</summary>
    public static void RemoveAll(string keep)
    {
        if (Directory.Exists(System.IO.Path.Combine(keep, Name)))
        {
            Directory.Delete(System.IO.Path.Combine(keep, Name), recursive: true);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Path, recursive: true);
}
