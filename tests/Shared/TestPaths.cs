namespace Suture.Tests;

/// <summary>Where tests find what is not theirs.</summary>
internal static class TestPaths
{
    /// <summary>Folder of the repository.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>Real feeds and data; null where they are absent. Tests then skip, visibly.</summary>
    public static string? Data { get; } =
        Environment.GetEnvironmentVariable("SUTURE_TESTDATA") is { Length: > 0 } folder && Directory.Exists(folder) ? Path.GetFullPath(folder) : null;

    /// <summary>Skips the running test when there is no real data.</summary>
    /// <returns>The folder.</returns>
    public static string RequireData()
    {
        Assert.SkipWhen(Data is null, "SUTURE_TESTDATA names no folder with the real feeds.");
        return Data!;
    }

    private static string FindRepository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Suture.slnx")))
        {
            folder = folder.Parent;
        }
        return folder?.FullName ?? throw new InvalidOperationException("Suture.slnx is in no folder above the tests.");
    }
}
