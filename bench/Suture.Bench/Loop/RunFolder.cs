namespace Suture.Bench.Loop;

/// <summary>Folders of one run, below the folder for temporary files; removed with what is in them.</summary>
internal sealed class RunFolder : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("suture-bench-").FullName;

    /// <summary>The server's data folder; the server makes it, for its owner only.</summary>
    public string Data => Path.Combine(_root, "data");

    /// <summary>Folder for feeds that are made.</summary>
    public string Feeds => Make("feeds");

    /// <summary>Folder of the growing KEV catalogue alone.</summary>
    public string Kev => Make("kev");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private string Make(string name) => Directory.CreateDirectory(Path.Combine(_root, name)).FullName;
}
